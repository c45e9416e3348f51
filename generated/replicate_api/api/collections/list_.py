# Generated from openapi.yaml by `make generate`; changes made here are lost.
from __future__ import annotations

from typing import TYPE_CHECKING, Final

import httpx

from ... import models
from ...client import AsyncClient, SyncClient
from ...decoding import detailed, json_object, parsed, read, success
from ...encoding import as_query
from ...errors import errors_of
from ...types import RequestArguments, Response

if TYPE_CHECKING:
    from ...models import CollectionPage

REPEATABLE: Final = True
"""Whether the request is safe to send again when the API may already have processed it."""


def request(*, cursor: str | None = None) -> RequestArguments:
    """Return the request, without sending it.

    Args:
        cursor: The cursor of the page to return, from the next or previous URL of another page.
    """
    arguments: RequestArguments = {"method": "GET", "url": "/collections"}
    arguments["params"] = as_query((("cursor", cursor),))
    return arguments


def parse(response: httpx.Response) -> CollectionPage:
    """Read the object from a successful response.

    Args:
        response: The response.
    """
    made: CollectionPage = parsed(models.CollectionPage.from_dict, json_object(response))
    return made


def sync_detailed(*, client: SyncClient, cursor: str | None = None) -> Response[CollectionPage]:
    """List the collections of models.

    Args:
        client: Client that sends the request: one of this package or of replicate_ext.
        cursor: The cursor of the page to return, from the next or previous URL of another page.
    """
    arguments = request(cursor=cursor)
    with errors_of(client, repeatable=REPEATABLE):
        sent = client.get_httpx_client().request(**arguments)
        return detailed(sent, parse)


def sync(*, client: SyncClient, cursor: str | None = None) -> CollectionPage:
    """List the collections of models.

    Args:
        client: Client that sends the request: one of this package or of replicate_ext.
        cursor: The cursor of the page to return, from the next or previous URL of another page.

    Raises:
        replicate_ext.APIError: The request failed. Clients of replicate_ext raise this error,
            and clients of this package raise the following ones.
        errors.UnexpectedStatus: The status of the response is not 2xx.
        httpx.TransportError: No response was received.
        ValueError: The response is not the expected JSON.
    """
    arguments = request(cursor=cursor)
    with errors_of(client, repeatable=REPEATABLE):
        sent = client.get_httpx_client().request(**arguments)
        return read(success(sent), parse)


async def asyncio_detailed(
    *, client: AsyncClient, cursor: str | None = None
) -> Response[CollectionPage]:
    """List the collections of models.

    Args:
        client: Client that sends the request: one of this package or of replicate_ext.
        cursor: The cursor of the page to return, from the next or previous URL of another page.
    """
    arguments = request(cursor=cursor)
    with errors_of(client, repeatable=REPEATABLE):
        sent = await client.get_async_httpx_client().request(**arguments)
        return detailed(sent, parse)


async def asyncio(*, client: AsyncClient, cursor: str | None = None) -> CollectionPage:
    """List the collections of models.

    Args:
        client: Client that sends the request: one of this package or of replicate_ext.
        cursor: The cursor of the page to return, from the next or previous URL of another page.

    Raises:
        replicate_ext.APIError: The request failed. Clients of replicate_ext raise this error,
            and clients of this package raise the following ones.
        errors.UnexpectedStatus: The status of the response is not 2xx.
        httpx.TransportError: No response was received.
        ValueError: The response is not the expected JSON.
    """
    arguments = request(cursor=cursor)
    with errors_of(client, repeatable=REPEATABLE):
        sent = await client.get_async_httpx_client().request(**arguments)
        return read(success(sent), parse)
