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
    from ...models import File

REPEATABLE: Final = True
"""Whether sending the request a second time does no harm."""


def request(file_id: str) -> RequestArguments:
    """Return the request, without sending it.

    Args:
        file_id: The file's id.
    """
    arguments: RequestArguments = {
        "method": "GET",
        "url": f"/files/{as_segment(file_id, 'file_id')}",
    }
    return arguments


def parse(response: httpx.Response) -> File:
    """Read the object from a successful answer.

    Args:
        response: The answer.
    """
    made: File = parsed(models.File.from_dict, json_object(response))
    return made


def sync_detailed(file_id: str, *, client: SyncClient) -> Response[File]:
    """Get what is known about an uploaded file.

    Args:
        file_id: The file's id.
        client: What sends the request: a client of this package or one of replicate_ext.
    """
    sent = client.get_httpx_client().request(**request(file_id))
    return detailed(sent, parse)


def sync(file_id: str, *, client: SyncClient) -> File:
    """Get what is known about an uploaded file.

    Args:
        file_id: The file's id.
        client: What sends the request: a client of this package or one of replicate_ext.

    Raises:
        errors.UnexpectedStatus: The API answered with an error.
        httpx.TransportError: No answer came.
        ValueError: The answer is not the API's JSON.
    """
    sent = client.get_httpx_client().request(**request(file_id))
    return parse(success(sent))


async def asyncio_detailed(file_id: str, *, client: AsyncClient) -> Response[File]:
    """Get what is known about an uploaded file.

    Args:
        file_id: The file's id.
        client: What sends the request: a client of this package or one of replicate_ext.
    """
    sent = await client.get_async_httpx_client().request(**request(file_id))
    return detailed(sent, parse)


async def asyncio(file_id: str, *, client: AsyncClient) -> File:
    """Get what is known about an uploaded file.

    Args:
        file_id: The file's id.
        client: What sends the request: a client of this package or one of replicate_ext.

    Raises:
        errors.UnexpectedStatus: The API answered with an error.
        httpx.TransportError: No answer came.
        ValueError: The answer is not the API's JSON.
    """
    sent = await client.get_async_httpx_client().request(**request(file_id))
    return parse(success(sent))
