# Generated from openapi.yaml by `make generate`; changes made here are lost.
from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import httpx

from ... import models
from ...client import AsyncClient, SyncClient
from ...decoding import detailed, json_object, parsed, read, success
from ...encoding import as_json
from ...errors import errors_of
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
    arguments = request(body=body)
    with errors_of(client, repeatable=REPEATABLE):
        sent = client.get_httpx_client().request(**arguments)
        return detailed(sent, parse)


def sync(*, client: SyncClient, body: ModelCreateRequest | dict[str, Any]) -> Model:
    """Create a model. It has no versions yet.

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


async def asyncio_detailed(
    *, client: AsyncClient, body: ModelCreateRequest | dict[str, Any]
) -> Response[Model]:
    """Create a model. It has no versions yet.

    Args:
        client: Client that sends the request: one of this package or of replicate_ext.
        body: The request body.
    """
    arguments = request(body=body)
    with errors_of(client, repeatable=REPEATABLE):
        sent = await client.get_async_httpx_client().request(**arguments)
        return detailed(sent, parse)


async def asyncio(*, client: AsyncClient, body: ModelCreateRequest | dict[str, Any]) -> Model:
    """Create a model. It has no versions yet.

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
