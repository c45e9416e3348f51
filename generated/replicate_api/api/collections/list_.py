# Generated from openapi.yaml by `make generate`; changes made here are lost.
from __future__ import annotations

from typing import TYPE_CHECKING, Final

import httpx

from ... import models
from ...client import AsyncClient, SyncClient
from ...decoding import detailed, json_object, parsed, success
from ...encoding import as_query
from ...types import RequestArguments, Response

if TYPE_CHECKING:
    from ...models import CollectionPage

REPEATABLE: Final = True
"""Whether sending the request a second time does no harm."""


def request(*, cursor: str | None = None) -> RequestArguments:
    """Return the request, without sending it.

    Args:
        cursor: Where to go on, as an earlier page's next or previous gave it.
    """
    arguments: RequestArguments = {"method": "GET", "url": "/collections"}
    arguments["params"] = as_query((("cursor", cursor),))
    return arguments


def parse(response: httpx.Response) -> CollectionPage:
    """Read the object from a successful answer.

    Args:
        response: The answer.
    """
    made: CollectionPage = parsed(models.CollectionPage.from_dict, json_object(response))
    return made


def sync_detailed(*, client: SyncClient, cursor: str | None = None) -> Response[CollectionPage]:
    """List the collections of models.

    Args:
        client: What sends the request: a client of this package or one of replicate_ext.
        cursor: Where to go on, as an earlier page's next or previous gave it.
    """
    sent = client.get_httpx_client().request(**request(cursor=cursor))
    return detailed(sent, parse)


def sync(*, client: SyncClient, cursor: str | None = None) -> CollectionPage:
    """List the collections of models.

    Args:
        client: What sends the request: a client of this package or one of replicate_ext.
        cursor: Where to go on, as an earlier page's next or previous gave it.

    Raises:
        errors.UnexpectedStatus: The API answered with an error.
        httpx.TransportError: No answer came.
        ValueError: The answer is not the API's JSON.
    """
    sent = client.get_httpx_client().request(**request(cursor=cursor))
    return parse(success(sent))


async def asyncio_detailed(
    *, client: AsyncClient, cursor: str | None = None
) -> Response[CollectionPage]:
    """List the collections of models.

    Args:
        client: What sends the request: a client of this package or one of replicate_ext.
        cursor: Where to go on, as an earlier page's next or previous gave it.
    """
    sent = await client.get_async_httpx_client().request(**request(cursor=cursor))
    return detailed(sent, parse)


async def asyncio(*, client: AsyncClient, cursor: str | None = None) -> CollectionPage:
    """List the collections of models.

    Args:
        client: What sends the request: a client of this package or one of replicate_ext.
        cursor: Where to go on, as an earlier page's next or previous gave it.

    Raises:
        errors.UnexpectedStatus: The API answered with an error.
        httpx.TransportError: No answer came.
        ValueError: The answer is not the API's JSON.
    """
    sent = await client.get_async_httpx_client().request(**request(cursor=cursor))
    return parse(success(sent))
