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
    from ...models import Model, ModelUpdateRequest

REPEATABLE: Final = True
"""Whether sending the request a second time does no harm."""


def request(model_owner: str, model_name: str, *, body: ModelUpdateRequest) -> RequestArguments:
    """Return the request, without sending it.

    Args:
        model_owner: The user or organization that owns the model.
        model_name: The model's name.
        body: What to send.
    """
    arguments: RequestArguments = {
        "method": "PATCH",
        "url": f"/models/{as_segment(model_owner, 'model_owner')}/{as_segment(model_name, 'model_name')}",
    }
    arguments["json"] = body.to_dict()
    return arguments


def parse(response: httpx.Response) -> Model:
    """Read the object from a successful answer.

    Args:
        response: The answer.
    """
    made: Model = parsed(models.Model.from_dict, json_object(response))
    return made


def sync_detailed(
    model_owner: str, model_name: str, *, client: SyncClient, body: ModelUpdateRequest
) -> Response[Model]:
    """Change a model's description, links, README or weights.

    Args:
        model_owner: The user or organization that owns the model.
        model_name: The model's name.
        client: What sends the request: a client of this package or one of replicate_ext.
        body: What to send.
    """
    sent = client.get_httpx_client().request(**request(model_owner, model_name, body=body))
    return detailed(sent, parse)


def sync(
    model_owner: str, model_name: str, *, client: SyncClient, body: ModelUpdateRequest
) -> Model:
    """Change a model's description, links, README or weights.

    Args:
        model_owner: The user or organization that owns the model.
        model_name: The model's name.
        client: What sends the request: a client of this package or one of replicate_ext.
        body: What to send.

    Raises:
        errors.UnexpectedStatus: The API answered with an error.
        httpx.TransportError: No answer came.
        ValueError: The answer is not the API's JSON.
    """
    sent = client.get_httpx_client().request(**request(model_owner, model_name, body=body))
    return parse(success(sent))


async def asyncio_detailed(
    model_owner: str, model_name: str, *, client: AsyncClient, body: ModelUpdateRequest
) -> Response[Model]:
    """Change a model's description, links, README or weights.

    Args:
        model_owner: The user or organization that owns the model.
        model_name: The model's name.
        client: What sends the request: a client of this package or one of replicate_ext.
        body: What to send.
    """
    sent = await client.get_async_httpx_client().request(
        **request(model_owner, model_name, body=body)
    )
    return detailed(sent, parse)


async def asyncio(
    model_owner: str, model_name: str, *, client: AsyncClient, body: ModelUpdateRequest
) -> Model:
    """Change a model's description, links, README or weights.

    Args:
        model_owner: The user or organization that owns the model.
        model_name: The model's name.
        client: What sends the request: a client of this package or one of replicate_ext.
        body: What to send.

    Raises:
        errors.UnexpectedStatus: The API answered with an error.
        httpx.TransportError: No answer came.
        ValueError: The answer is not the API's JSON.
    """
    sent = await client.get_async_httpx_client().request(
        **request(model_owner, model_name, body=body)
    )
    return parse(success(sent))
