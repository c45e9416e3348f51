# Generated from openapi.yaml by `make generate`; changes made here are lost.
from __future__ import annotations

from typing import TYPE_CHECKING, Final

import httpx

from ... import models
from ...client import AsyncClient, SyncClient
from ...decoding import detailed, json_object, parsed, success
from ...paths import as_segment
from ...types import RequestArguments, Response

if TYPE_CHECKING:
    from ...models import Collection

REPEATABLE: Final = True
"""Whether sending the request a second time does no harm."""


def request(collection_slug: str) -> RequestArguments:
    """Return the request, without sending it.

    Args:
        collection_slug: The collection's name in URLs, like super-resolution.
    """
    arguments: RequestArguments = {
        "method": "GET",
        "url": f"/collections/{as_segment(collection_slug, 'collection_slug')}",
    }
    return arguments


def parse(response: httpx.Response) -> Collection:
    """Read the object from a successful answer.

    Args:
        response: The answer.
    """
    made: Collection = parsed(models.Collection.from_dict, json_object(response))
    return made


def sync_detailed(collection_slug: str, *, client: SyncClient) -> Response[Collection]:
    """Get a collection with its models.

    Args:
        collection_slug: The collection's name in URLs, like super-resolution.
        client: What sends the request: a client of this package or one of replicate_ext.
    """
    sent = client.get_httpx_client().request(**request(collection_slug))
    return detailed(sent, parse)


def sync(collection_slug: str, *, client: SyncClient) -> Collection:
    """Get a collection with its models.

    Args:
        collection_slug: The collection's name in URLs, like super-resolution.
        client: What sends the request: a client of this package or one of replicate_ext.

    Raises:
        errors.UnexpectedStatus: The API answered with an error.
        httpx.TransportError: No answer came.
        ValueError: The answer is not the API's JSON.
    """
    sent = client.get_httpx_client().request(**request(collection_slug))
    return parse(success(sent))


async def asyncio_detailed(collection_slug: str, *, client: AsyncClient) -> Response[Collection]:
    """Get a collection with its models.

    Args:
        collection_slug: The collection's name in URLs, like super-resolution.
        client: What sends the request: a client of this package or one of replicate_ext.
    """
    sent = await client.get_async_httpx_client().request(**request(collection_slug))
    return detailed(sent, parse)


async def asyncio(collection_slug: str, *, client: AsyncClient) -> Collection:
    """Get a collection with its models.

    Args:
        collection_slug: The collection's name in URLs, like super-resolution.
        client: What sends the request: a client of this package or one of replicate_ext.

    Raises:
        errors.UnexpectedStatus: The API answered with an error.
        httpx.TransportError: No answer came.
        ValueError: The answer is not the API's JSON.
    """
    sent = await client.get_async_httpx_client().request(**request(collection_slug))
    return parse(success(sent))
