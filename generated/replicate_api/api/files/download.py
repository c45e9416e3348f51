# Generated from openapi.yaml by `make generate`; changes made here are lost.
from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from typing import Final

import httpx

from ...client import AsyncClient, SyncClient
from ...decoding import detailed, read, success
from ...encoding import as_query
from ...errors import errors_of
from ...paths import as_segment
from ...types import Identified, RequestArguments, Response

REPEATABLE: Final = True
"""Whether the request is safe to send again when the API may already have processed it."""


def request(
    file_id: str | Identified, *, owner: str, expiry: int, signature: str
) -> RequestArguments:
    """Return the request, without sending it.

    Args:
        file_id: The ID of the file.
        owner: The user or organization that owns the file.
        expiry: Time when the link expires, in seconds since 1970.
        signature: The signature of the link: the Base64-encoded HMAC-SHA256 of owner, ID and
            expiry.
    """
    arguments: RequestArguments = {
        "method": "GET",
        "url": f"/files/{as_segment(file_id, 'file_id')}/download",
    }
    arguments["params"] = as_query((("owner", owner), ("expiry", expiry), ("signature", signature)))
    return arguments


def parse(response: httpx.Response) -> bytes:
    """Read the object from a successful response.

    Args:
        response: The response.
    """
    return response.content


def sync_detailed(
    file_id: str | Identified, *, client: SyncClient, owner: str, expiry: int, signature: str
) -> Response[bytes]:
    """Download a file with a signed link.

    Args:
        file_id: The ID of the file.
        client: Client that sends the request: one of this package or of replicate_ext.
        owner: The user or organization that owns the file.
        expiry: Time when the link expires, in seconds since 1970.
        signature: The signature of the link: the Base64-encoded HMAC-SHA256 of owner, ID and
            expiry.
    """
    arguments = request(file_id, owner=owner, expiry=expiry, signature=signature)
    with errors_of(client, repeatable=REPEATABLE):
        sent = client.get_httpx_client().request(**arguments)
        return detailed(sent, parse)


def sync(
    file_id: str | Identified, *, client: SyncClient, owner: str, expiry: int, signature: str
) -> bytes:
    """Download a file with a signed link.

    Args:
        file_id: The ID of the file.
        client: Client that sends the request: one of this package or of replicate_ext.
        owner: The user or organization that owns the file.
        expiry: Time when the link expires, in seconds since 1970.
        signature: The signature of the link: the Base64-encoded HMAC-SHA256 of owner, ID and
            expiry.

    Raises:
        replicate_ext.APIError: The request failed. Clients of replicate_ext raise this error,
            and clients of this package raise the following ones.
        errors.UnexpectedStatus: The status of the response is not 2xx.
        httpx.TransportError: No response was received.
        ValueError: The response is not the expected JSON.
    """
    arguments = request(file_id, owner=owner, expiry=expiry, signature=signature)
    with errors_of(client, repeatable=REPEATABLE):
        sent = client.get_httpx_client().request(**arguments)
        return read(success(sent), parse)


async def asyncio_detailed(
    file_id: str | Identified, *, client: AsyncClient, owner: str, expiry: int, signature: str
) -> Response[bytes]:
    """Download a file with a signed link.

    Args:
        file_id: The ID of the file.
        client: Client that sends the request: one of this package or of replicate_ext.
        owner: The user or organization that owns the file.
        expiry: Time when the link expires, in seconds since 1970.
        signature: The signature of the link: the Base64-encoded HMAC-SHA256 of owner, ID and
            expiry.
    """
    arguments = request(file_id, owner=owner, expiry=expiry, signature=signature)
    with errors_of(client, repeatable=REPEATABLE):
        sent = await client.get_async_httpx_client().request(**arguments)
        return detailed(sent, parse)


async def asyncio(
    file_id: str | Identified, *, client: AsyncClient, owner: str, expiry: int, signature: str
) -> bytes:
    """Download a file with a signed link.

    Args:
        file_id: The ID of the file.
        client: Client that sends the request: one of this package or of replicate_ext.
        owner: The user or organization that owns the file.
        expiry: Time when the link expires, in seconds since 1970.
        signature: The signature of the link: the Base64-encoded HMAC-SHA256 of owner, ID and
            expiry.

    Raises:
        replicate_ext.APIError: The request failed. Clients of replicate_ext raise this error,
            and clients of this package raise the following ones.
        errors.UnexpectedStatus: The status of the response is not 2xx.
        httpx.TransportError: No response was received.
        ValueError: The response is not the expected JSON.
    """
    arguments = request(file_id, owner=owner, expiry=expiry, signature=signature)
    with errors_of(client, repeatable=REPEATABLE):
        sent = await client.get_async_httpx_client().request(**arguments)
        return read(success(sent), parse)


@contextmanager
def stream(
    file_id: str | Identified, *, client: SyncClient, owner: str, expiry: int, signature: str
) -> Generator[httpx.Response]:
    """Download a file with a signed link.

    Args:
        file_id: The ID of the file.
        client: Client that sends the request: one of this package or of replicate_ext.
        owner: The user or organization that owns the file.
        expiry: Time when the link expires, in seconds since 1970.
        signature: The signature of the link: the Base64-encoded HMAC-SHA256 of owner, ID and
            expiry.
    """
    arguments = request(file_id, owner=owner, expiry=expiry, signature=signature)
    with (
        errors_of(client, repeatable=REPEATABLE),
        client.get_httpx_client().stream(**arguments) as response,
    ):
        yield response


@asynccontextmanager
async def async_stream(
    file_id: str | Identified, *, client: AsyncClient, owner: str, expiry: int, signature: str
) -> AsyncGenerator[httpx.Response]:
    """Download a file with a signed link.

    Args:
        file_id: The ID of the file.
        client: Client that sends the request: one of this package or of replicate_ext.
        owner: The user or organization that owns the file.
        expiry: Time when the link expires, in seconds since 1970.
        signature: The signature of the link: the Base64-encoded HMAC-SHA256 of owner, ID and
            expiry.
    """
    arguments = request(file_id, owner=owner, expiry=expiry, signature=signature)
    with errors_of(client, repeatable=REPEATABLE):
        async with client.get_async_httpx_client().stream(**arguments) as response:
            yield response
