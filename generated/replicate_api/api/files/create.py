# Generated from openapi.yaml by `make generate`; changes made here are lost.
from __future__ import annotations

from typing import TYPE_CHECKING, Final

import httpx

from ... import models
from ...client import AsyncClient, SyncClient
from ...decoding import detailed, json_object, parsed, read, success
from ...errors import errors_of
from ...types import RequestArguments, Response

if TYPE_CHECKING:
    from ...models import File, FileCreateRequest

REPEATABLE: Final = True
"""Whether the request is safe to send again when the API may already have processed it."""


def request(*, body: FileCreateRequest) -> RequestArguments:
    """Return the request, without sending it.

    Args:
        body: The request body.
    """
    arguments: RequestArguments = {"method": "POST", "url": "/files"}
    arguments["files"] = body.to_multipart()
    return arguments


def parse(response: httpx.Response) -> File:
    """Read the object from a successful response.

    Args:
        response: The response.
    """
    made: File = parsed(models.File.from_dict, json_object(response))
    return made


def sync_detailed(*, client: SyncClient, body: FileCreateRequest) -> Response[File]:
    """Upload a file of up to 100 MB. It expires after a day.

    Args:
        client: Client that sends the request: one of this package or of replicate_ext.
        body: The request body.
    """
    arguments = request(body=body)
    with errors_of(client, repeatable=REPEATABLE):
        sent = client.get_httpx_client().request(**arguments)
        return detailed(sent, parse)


def sync(*, client: SyncClient, body: FileCreateRequest) -> File:
    """Upload a file of up to 100 MB. It expires after a day.

    Args:
        client: Client that sends the request: one of this package or of replicate_ext.
        body: The request body.

    Raises:
        replicate_ext.APIError: The request failed. Clients of replicate_ext raise this error,
            and clients of this package raise the following ones.
        errors.UnexpectedStatus: The status of the response is not 2xx.
        httpx.TransportError: No response was received.
        ValueError: The response is not the expected JSON.
    """
    arguments = request(body=body)
    with errors_of(client, repeatable=REPEATABLE):
        sent = client.get_httpx_client().request(**arguments)
        return read(success(sent), parse)


async def asyncio_detailed(*, client: AsyncClient, body: FileCreateRequest) -> Response[File]:
    """Upload a file of up to 100 MB. It expires after a day.

    Args:
        client: Client that sends the request: one of this package or of replicate_ext.
        body: The request body.
    """
    arguments = request(body=body)
    with errors_of(client, repeatable=REPEATABLE):
        sent = await client.get_async_httpx_client().request(**arguments)
        return detailed(sent, parse)


async def asyncio(*, client: AsyncClient, body: FileCreateRequest) -> File:
    """Upload a file of up to 100 MB. It expires after a day.

    Args:
        client: Client that sends the request: one of this package or of replicate_ext.
        body: The request body.

    Raises:
        replicate_ext.APIError: The request failed. Clients of replicate_ext raise this error,
            and clients of this package raise the following ones.
        errors.UnexpectedStatus: The status of the response is not 2xx.
        httpx.TransportError: No response was received.
        ValueError: The response is not the expected JSON.
    """
    arguments = request(body=body)
    with errors_of(client, repeatable=REPEATABLE):
        sent = await client.get_async_httpx_client().request(**arguments)
        return read(success(sent), parse)
