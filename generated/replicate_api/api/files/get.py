# Generated from openapi.yaml by `make generate`; changes made here are lost.
from __future__ import annotations

from typing import TYPE_CHECKING, Final

import httpx

from ... import models
from ...client import AsyncClient, SyncClient
from ...decoding import detailed, json_object, parsed, read, success
from ...errors import errors_of
from ...paths import as_segment
from ...types import Identified, RequestArguments, Response

if TYPE_CHECKING:
    from ...models import File

REPEATABLE: Final = True
"""Whether the request is safe to send again when the API may already have processed it."""


def request(file_id: str | Identified) -> RequestArguments:
    """Return the request, without sending it.

    Args:
        file_id: The ID of the file.
    """
    arguments: RequestArguments = {
        "method": "GET",
        "url": f"/files/{as_segment(file_id, 'file_id')}",
    }
    return arguments


def parse(response: httpx.Response) -> File:
    """Read the object from a successful response.

    Args:
        response: The response.
    """
    made: File = parsed(models.File.from_dict, json_object(response))
    return made


def sync_detailed(file_id: str | Identified, *, client: SyncClient) -> Response[File]:
    """Get the details of an uploaded file.

    Args:
        file_id: The ID of the file.
        client: Client that sends the request: one of this package or of replicate_ext.
    """
    arguments = request(file_id)
    with errors_of(client, repeatable=REPEATABLE):
        sent = client.get_httpx_client().request(**arguments)
        return detailed(sent, parse)


def sync(file_id: str | Identified, *, client: SyncClient) -> File:
    """Get the details of an uploaded file.

    Args:
        file_id: The ID of the file.
        client: Client that sends the request: one of this package or of replicate_ext.

    Raises:
        replicate_ext.APIError: The request failed. Clients of replicate_ext raise this error,
            and clients of this package raise the following ones.
        errors.UnexpectedStatus: The status of the response is not 2xx.
        httpx.TransportError: No response was received.
        ValueError: The response is not the expected JSON.
    """
    arguments = request(file_id)
    with errors_of(client, repeatable=REPEATABLE):
        sent = client.get_httpx_client().request(**arguments)
        return read(success(sent), parse)


async def asyncio_detailed(file_id: str | Identified, *, client: AsyncClient) -> Response[File]:
    """Get the details of an uploaded file.

    Args:
        file_id: The ID of the file.
        client: Client that sends the request: one of this package or of replicate_ext.
    """
    arguments = request(file_id)
    with errors_of(client, repeatable=REPEATABLE):
        sent = await client.get_async_httpx_client().request(**arguments)
        return detailed(sent, parse)


async def asyncio(file_id: str | Identified, *, client: AsyncClient) -> File:
    """Get the details of an uploaded file.

    Args:
        file_id: The ID of the file.
        client: Client that sends the request: one of this package or of replicate_ext.

    Raises:
        replicate_ext.APIError: The request failed. Clients of replicate_ext raise this error,
            and clients of this package raise the following ones.
        errors.UnexpectedStatus: The status of the response is not 2xx.
        httpx.TransportError: No response was received.
        ValueError: The response is not the expected JSON.
    """
    arguments = request(file_id)
    with errors_of(client, repeatable=REPEATABLE):
        sent = await client.get_async_httpx_client().request(**arguments)
        return read(success(sent), parse)
