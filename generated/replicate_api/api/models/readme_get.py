# Generated from openapi.yaml by `make generate`; changes made here are lost.
from __future__ import annotations

from typing import Final

import httpx

from ...client import AsyncClient, SyncClient
from ...decoding import detailed, success
from ...paths import as_segment
from ...types import RequestArguments, Response

REPEATABLE: Final = True
"""Whether sending the request a second time does no harm."""


def request(model_owner: str, model_name: str) -> RequestArguments:
    """Return the request, without sending it.

    Args:
        model_owner: The user or organization that owns the model.
        model_name: The model's name.
    """
    arguments: RequestArguments = {
        "method": "GET",
        "url": f"/models/{as_segment(model_owner, 'model_owner')}/{as_segment(model_name, 'model_name')}/readme",
    }
    return arguments


def parse(response: httpx.Response) -> str:
    """Read the object from a successful answer.

    Args:
        response: The answer.
    """
    return response.text


def sync_detailed(model_owner: str, model_name: str, *, client: SyncClient) -> Response[str]:
    """Get a model's README as Markdown.

    Args:
        model_owner: The user or organization that owns the model.
        model_name: The model's name.
        client: What sends the request: a client of this package or one of replicate_ext.
    """
    sent = client.get_httpx_client().request(**request(model_owner, model_name))
    return detailed(sent, parse)


def sync(model_owner: str, model_name: str, *, client: SyncClient) -> str:
    """Get a model's README as Markdown.

    Args:
        model_owner: The user or organization that owns the model.
        model_name: The model's name.
        client: What sends the request: a client of this package or one of replicate_ext.

    Raises:
        errors.UnexpectedStatus: The API answered with an error.
        httpx.TransportError: No answer came.
        ValueError: The answer is not the API's JSON.
    """
    sent = client.get_httpx_client().request(**request(model_owner, model_name))
    return parse(success(sent))


async def asyncio_detailed(
    model_owner: str, model_name: str, *, client: AsyncClient
) -> Response[str]:
    """Get a model's README as Markdown.

    Args:
        model_owner: The user or organization that owns the model.
        model_name: The model's name.
        client: What sends the request: a client of this package or one of replicate_ext.
    """
    sent = await client.get_async_httpx_client().request(**request(model_owner, model_name))
    return detailed(sent, parse)


async def asyncio(model_owner: str, model_name: str, *, client: AsyncClient) -> str:
    """Get a model's README as Markdown.

    Args:
        model_owner: The user or organization that owns the model.
        model_name: The model's name.
        client: What sends the request: a client of this package or one of replicate_ext.

    Raises:
        errors.UnexpectedStatus: The API answered with an error.
        httpx.TransportError: No answer came.
        ValueError: The answer is not the API's JSON.
    """
    sent = await client.get_async_httpx_client().request(**request(model_owner, model_name))
    return parse(success(sent))
