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
    from ...models import ModelVersion

REPEATABLE: Final = True
"""Whether sending the request a second time does no harm."""


def request(model_owner: str, model_name: str, version_id: str) -> RequestArguments:
    """Return the request, without sending it.

    Args:
        model_owner: The user or organization that owns the model.
        model_name: The model's name.
        version_id: The version's id, 64 hexadecimal digits.
    """
    arguments: RequestArguments = {
        "method": "GET",
        "url": f"/models/{as_segment(model_owner, 'model_owner')}/{as_segment(model_name, 'model_name')}/versions/{as_segment(version_id, 'version_id')}",
    }
    return arguments


def parse(response: httpx.Response) -> ModelVersion:
    """Read the object from a successful answer.

    Args:
        response: The answer.
    """
    made: ModelVersion = parsed(models.ModelVersion.from_dict, json_object(response))
    return made


def sync_detailed(
    model_owner: str, model_name: str, version_id: str, *, client: SyncClient
) -> Response[ModelVersion]:
    """Get one version of a model.

    Args:
        model_owner: The user or organization that owns the model.
        model_name: The model's name.
        version_id: The version's id, 64 hexadecimal digits.
        client: What sends the request: a client of this package or one of replicate_ext.
    """
    sent = client.get_httpx_client().request(**request(model_owner, model_name, version_id))
    return detailed(sent, parse)


def sync(model_owner: str, model_name: str, version_id: str, *, client: SyncClient) -> ModelVersion:
    """Get one version of a model.

    Args:
        model_owner: The user or organization that owns the model.
        model_name: The model's name.
        version_id: The version's id, 64 hexadecimal digits.
        client: What sends the request: a client of this package or one of replicate_ext.

    Raises:
        errors.UnexpectedStatus: The API answered with an error.
        httpx.TransportError: No answer came.
        ValueError: The answer is not the API's JSON.
    """
    sent = client.get_httpx_client().request(**request(model_owner, model_name, version_id))
    return parse(success(sent))


async def asyncio_detailed(
    model_owner: str, model_name: str, version_id: str, *, client: AsyncClient
) -> Response[ModelVersion]:
    """Get one version of a model.

    Args:
        model_owner: The user or organization that owns the model.
        model_name: The model's name.
        version_id: The version's id, 64 hexadecimal digits.
        client: What sends the request: a client of this package or one of replicate_ext.
    """
    sent = await client.get_async_httpx_client().request(
        **request(model_owner, model_name, version_id)
    )
    return detailed(sent, parse)


async def asyncio(
    model_owner: str, model_name: str, version_id: str, *, client: AsyncClient
) -> ModelVersion:
    """Get one version of a model.

    Args:
        model_owner: The user or organization that owns the model.
        model_name: The model's name.
        version_id: The version's id, 64 hexadecimal digits.
        client: What sends the request: a client of this package or one of replicate_ext.

    Raises:
        errors.UnexpectedStatus: The API answered with an error.
        httpx.TransportError: No answer came.
        ValueError: The answer is not the API's JSON.
    """
    sent = await client.get_async_httpx_client().request(
        **request(model_owner, model_name, version_id)
    )
    return parse(success(sent))
