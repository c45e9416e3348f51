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
    from ...models import ModelPage

REPEATABLE: Final = True
"""Whether the request is safe to send again when the API may already have processed it."""


def request(*, body: str) -> RequestArguments:
    """Return the request, without sending it.

    Args:
        body: The text to send.
    """
    arguments: RequestArguments = {"method": "QUERY", "url": "/models"}
    arguments["content"] = body
    arguments["headers"] = {"Content-Type": "text/plain"}
    return arguments


def parse(response: httpx.Response) -> ModelPage:
    """Read the object from a successful response.

    Args:
        response: The response.
    """
    made: ModelPage = parsed(models.ModelPage.from_dict, json_object(response))
    return made


def sync_detailed(*, client: SyncClient, body: str) -> Response[ModelPage]:
    """Search the public models by text.

    Args:
        client: Client that sends the request: one of this package or of replicate_ext.
        body: The text to send.
    """
    arguments = request(body=body)
    with errors_of(client, repeatable=REPEATABLE):
        sent = client.get_httpx_client().request(**arguments)
        return detailed(sent, parse)


def sync(*, client: SyncClient, body: str) -> ModelPage:
    """Search the public models by text.

    Args:
        client: Client that sends the request: one of this package or of replicate_ext.
        body: The text to send.

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


async def asyncio_detailed(*, client: AsyncClient, body: str) -> Response[ModelPage]:
    """Search the public models by text.

    Args:
        client: Client that sends the request: one of this package or of replicate_ext.
        body: The text to send.
    """
    arguments = request(body=body)
    with errors_of(client, repeatable=REPEATABLE):
        sent = await client.get_async_httpx_client().request(**arguments)
        return detailed(sent, parse)


async def asyncio(*, client: AsyncClient, body: str) -> ModelPage:
    """Search the public models by text.

    Args:
        client: Client that sends the request: one of this package or of replicate_ext.
        body: The text to send.

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
