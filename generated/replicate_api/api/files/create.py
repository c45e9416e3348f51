# Generated from openapi.yaml by `make generate`; changes made here are lost.
from __future__ import annotations

from typing import TYPE_CHECKING, Final

import httpx

from ... import models
from ...client import AsyncClient, SyncClient
from ...decoding import detailed, json_object, parsed, success
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
    sent = client.get_httpx_client().request(**request(body=body))
    return detailed(sent, parse)


def sync(*, client: SyncClient, body: FileCreateRequest) -> File:
    """Upload a file of up to 100 MB. It expires after a day.

    Args:
        client: Client that sends the request: one of this package or of replicate_ext.
        body: The request body.

    Raises:
        errors.UnexpectedStatus: The status of the response is not 2xx.
        httpx.TransportError: No response was received.
        ValueError: The response is not the expected JSON.
    """
    sent = client.get_httpx_client().request(**request(body=body))
    return parse(success(sent))


async def asyncio_detailed(*, client: AsyncClient, body: FileCreateRequest) -> Response[File]:
    """Upload a file of up to 100 MB. It expires after a day.

    Args:
        client: Client that sends the request: one of this package or of replicate_ext.
        body: The request body.
    """
    sent = await client.get_async_httpx_client().request(**request(body=body))
    return detailed(sent, parse)


async def asyncio(*, client: AsyncClient, body: FileCreateRequest) -> File:
    """Upload a file of up to 100 MB. It expires after a day.

    Args:
        client: Client that sends the request: one of this package or of replicate_ext.
        body: The request body.

    Raises:
        errors.UnexpectedStatus: The status of the response is not 2xx.
        httpx.TransportError: No response was received.
        ValueError: The response is not the expected JSON.
    """
    sent = await client.get_async_httpx_client().request(**request(body=body))
    return parse(success(sent))
