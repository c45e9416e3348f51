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
"""Whether sending the request a second time does no harm."""


def request(*, body: FileCreateRequest) -> RequestArguments:
    """Return the request, without sending it.

    Args:
        body: What to send.
    """
    arguments: RequestArguments = {"method": "POST", "url": "/files"}
    arguments["files"] = body.to_multipart()
    return arguments


def parse(response: httpx.Response) -> File:
    """Read the object from a successful answer.

    Args:
        response: The answer.
    """
    made: File = parsed(models.File.from_dict, json_object(response))
    return made


def sync_detailed(*, client: SyncClient, body: FileCreateRequest) -> Response[File]:
    """Upload a file of up to 100 MB; it expires after a day.

    Args:
        client: What sends the request: a client of this package or one of replicate_ext.
        body: What to send.
    """
    sent = client.get_httpx_client().request(**request(body=body))
    return detailed(sent, parse)


def sync(*, client: SyncClient, body: FileCreateRequest) -> File:
    """Upload a file of up to 100 MB; it expires after a day.

    Args:
        client: What sends the request: a client of this package or one of replicate_ext.
        body: What to send.

    Raises:
        errors.UnexpectedStatus: The API answered with an error.
        httpx.TransportError: No answer came.
        ValueError: The answer is not the API's JSON.
    """
    sent = client.get_httpx_client().request(**request(body=body))
    return parse(success(sent))


async def asyncio_detailed(*, client: AsyncClient, body: FileCreateRequest) -> Response[File]:
    """Upload a file of up to 100 MB; it expires after a day.

    Args:
        client: What sends the request: a client of this package or one of replicate_ext.
        body: What to send.
    """
    sent = await client.get_async_httpx_client().request(**request(body=body))
    return detailed(sent, parse)


async def asyncio(*, client: AsyncClient, body: FileCreateRequest) -> File:
    """Upload a file of up to 100 MB; it expires after a day.

    Args:
        client: What sends the request: a client of this package or one of replicate_ext.
        body: What to send.

    Raises:
        errors.UnexpectedStatus: The API answered with an error.
        httpx.TransportError: No answer came.
        ValueError: The answer is not the API's JSON.
    """
    sent = await client.get_async_httpx_client().request(**request(body=body))
    return parse(success(sent))
