# Generated from openapi.yaml by `make generate`; changes made here are lost.
from __future__ import annotations

from typing import TYPE_CHECKING, Final

import httpx

from ... import models
from ...client import AsyncClient, SyncClient
from ...decoding import detailed, json_object, parsed, read, success
from ...errors import errors_of
from ...paths import as_segment
from ...types import RequestArguments, Response

if TYPE_CHECKING:
    from ...models import Collection

REPEATABLE: Final = True
"""Whether the request is safe to send again when the API may already have processed it."""


def request(collection_slug: str) -> RequestArguments:
    """Return the request, without sending it.

    Args:
        collection_slug: The name of the collection in URLs, such as super-resolution.
    """
    arguments: RequestArguments = {
        "method": "GET",
        "url": f"/collections/{as_segment(collection_slug, 'collection_slug')}",
    }
    return arguments


def parse(response: httpx.Response) -> Collection:
    """Read the object from a successful response.

    Args:
        response: The response.
    """
    made: Collection = parsed(models.Collection.from_dict, json_object(response))
    return made


def sync_detailed(collection_slug: str, *, client: SyncClient) -> Response[Collection]:
    """Get a collection and its models.

    Args:
        collection_slug: The name of the collection in URLs, such as super-resolution.
        client: Client that sends the request: one of this package or of replicate_ext.
    """
    arguments = request(collection_slug)
    with errors_of(client, repeatable=REPEATABLE):
        sent = client.get_httpx_client().request(**arguments)
        return detailed(sent, parse)


def sync(collection_slug: str, *, client: SyncClient) -> Collection:
    """Get a collection and its models.

    Args:
        collection_slug: The name of the collection in URLs, such as super-resolution.
        client: Client that sends the request: one of this package or of replicate_ext.

    Raises:
        replicate_ext.APIError: The request failed. Clients of replicate_ext raise this error,
            and clients of this package raise the following ones.
        errors.UnexpectedStatus: The status of the response is not 2xx.
        httpx.TransportError: No response was received.
        ValueError: The response is not the expected JSON.
    """
    arguments = request(collection_slug)
    with errors_of(client, repeatable=REPEATABLE):
        sent = client.get_httpx_client().request(**arguments)
        return read(success(sent), parse)


async def asyncio_detailed(collection_slug: str, *, client: AsyncClient) -> Response[Collection]:
    """Get a collection and its models.

    Args:
        collection_slug: The name of the collection in URLs, such as super-resolution.
        client: Client that sends the request: one of this package or of replicate_ext.
    """
    arguments = request(collection_slug)
    with errors_of(client, repeatable=REPEATABLE):
        sent = await client.get_async_httpx_client().request(**arguments)
        return detailed(sent, parse)


async def asyncio(collection_slug: str, *, client: AsyncClient) -> Collection:
    """Get a collection and its models.

    Args:
        collection_slug: The name of the collection in URLs, such as super-resolution.
        client: Client that sends the request: one of this package or of replicate_ext.

    Raises:
        replicate_ext.APIError: The request failed. Clients of replicate_ext raise this error,
            and clients of this package raise the following ones.
        errors.UnexpectedStatus: The status of the response is not 2xx.
        httpx.TransportError: No response was received.
        ValueError: The response is not the expected JSON.
    """
    arguments = request(collection_slug)
    with errors_of(client, repeatable=REPEATABLE):
        sent = await client.get_async_httpx_client().request(**arguments)
        return read(success(sent), parse)
