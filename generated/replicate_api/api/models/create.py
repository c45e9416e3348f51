# Generated from openapi.yaml by `make generate`; changes made here are lost.
from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import httpx

from ... import models
from ...client import AsyncClient, SyncClient
from ...decoding import detailed, json_object, parsed, success
from ...encoding import as_json
from ...types import RequestArguments, Response

if TYPE_CHECKING:
    from ...models import Model, ModelCreateRequest

REPEATABLE: Final = False
"""Whether the request is safe to send again when the API may already have processed it."""


def request(*, body: ModelCreateRequest | dict[str, Any]) -> RequestArguments:
    """Return the request, without sending it.

    Args:
        body: The request body.
    """
    arguments: RequestArguments = {"method": "POST", "url": "/models"}
    arguments["json"] = as_json(body)
    return arguments


def parse(response: httpx.Response) -> Model:
    """Read the object from a successful response.

    Args:
        response: The response.
    """
    made: Model = parsed(models.Model.from_dict, json_object(response))
    return made


def sync_detailed(
    *, client: SyncClient, body: ModelCreateRequest | dict[str, Any]
) -> Response[Model]:
    """Create a model. It has no versions yet.

    Args:
        client: Client that sends the request: one of this package or of replicate_ext.
        body: The request body.
    """
    sent = client.get_httpx_client().request(**request(body=body))
    return detailed(sent, parse)


def sync(*, client: SyncClient, body: ModelCreateRequest | dict[str, Any]) -> Model:
    """Create a model. It has no versions yet.

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


async def asyncio_detailed(
    *, client: AsyncClient, body: ModelCreateRequest | dict[str, Any]
) -> Response[Model]:
    """Create a model. It has no versions yet.

    Args:
        client: Client that sends the request: one of this package or of replicate_ext.
        body: The request body.
    """
    sent = await client.get_async_httpx_client().request(**request(body=body))
    return detailed(sent, parse)


async def asyncio(*, client: AsyncClient, body: ModelCreateRequest | dict[str, Any]) -> Model:
    """Create a model. It has no versions yet.

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
