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
    from ...models import SearchResults

REPEATABLE: Final = True
"""Whether sending the request a second time does no harm."""


def request(*, query: str, limit: int | None = None) -> RequestArguments:
    """Return the request, without sending it.

    Args:
        query: The text to look for.
        limit: How many models at most, 1 to 50; the API takes 20 where it is left out.
    """
    arguments: RequestArguments = {"method": "GET", "url": "/search"}
    arguments["params"] = as_query((("query", query), ("limit", limit)))
    return arguments


def parse(response: httpx.Response) -> SearchResults:
    """Read the object from a successful answer.

    Args:
        response: The answer.
    """
    made: SearchResults = parsed(models.SearchResults.from_dict, json_object(response))
    return made


def sync_detailed(
    *, client: SyncClient, query: str, limit: int | None = None
) -> Response[SearchResults]:
    """Search models, collections and documentation pages.

    Args:
        client: What sends the request: a client of this package or one of replicate_ext.
        query: The text to look for.
        limit: How many models at most, 1 to 50; the API takes 20 where it is left out.
    """
    sent = client.get_httpx_client().request(**request(query=query, limit=limit))
    return detailed(sent, parse)


def sync(*, client: SyncClient, query: str, limit: int | None = None) -> SearchResults:
    """Search models, collections and documentation pages.

    Args:
        client: What sends the request: a client of this package or one of replicate_ext.
        query: The text to look for.
        limit: How many models at most, 1 to 50; the API takes 20 where it is left out.

    Raises:
        errors.UnexpectedStatus: The API answered with an error.
        httpx.TransportError: No answer came.
        ValueError: The answer is not the API's JSON.
    """
    sent = client.get_httpx_client().request(**request(query=query, limit=limit))
    return parse(success(sent))


async def asyncio_detailed(
    *, client: AsyncClient, query: str, limit: int | None = None
) -> Response[SearchResults]:
    """Search models, collections and documentation pages.

    Args:
        client: What sends the request: a client of this package or one of replicate_ext.
        query: The text to look for.
        limit: How many models at most, 1 to 50; the API takes 20 where it is left out.
    """
    sent = await client.get_async_httpx_client().request(**request(query=query, limit=limit))
    return detailed(sent, parse)


async def asyncio(*, client: AsyncClient, query: str, limit: int | None = None) -> SearchResults:
    """Search models, collections and documentation pages.

    Args:
        client: What sends the request: a client of this package or one of replicate_ext.
        query: The text to look for.
        limit: How many models at most, 1 to 50; the API takes 20 where it is left out.

    Raises:
        errors.UnexpectedStatus: The API answered with an error.
        httpx.TransportError: No answer came.
        ValueError: The answer is not the API's JSON.
    """
    sent = await client.get_async_httpx_client().request(**request(query=query, limit=limit))
    return parse(success(sent))
