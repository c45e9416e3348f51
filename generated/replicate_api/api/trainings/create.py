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
    from ...models import Training, TrainingRequest

REPEATABLE: Final = False
"""Whether sending the request a second time does no harm."""


def request(
    model_owner: str, model_name: str, version_id: str, *, body: TrainingRequest
) -> RequestArguments:
    """Return the request, without sending it.

    Args:
        model_owner: The user or organization that owns the model.
        model_name: The model's name.
        version_id: The version's id, 64 hexadecimal digits.
        body: What to send.
    """
    arguments: RequestArguments = {
        "method": "POST",
        "url": f"/models/{as_segment(model_owner, 'model_owner')}/{as_segment(model_name, 'model_name')}/versions/{as_segment(version_id, 'version_id')}/trainings",
    }
    arguments["json"] = body.to_dict()
    return arguments


def parse(response: httpx.Response) -> Training:
    """Read the object from a successful answer.

    Args:
        response: The answer.
    """
    made: Training = parsed(models.Training.from_dict, json_object(response))
    return made


def sync_detailed(
    model_owner: str, model_name: str, version_id: str, *, client: SyncClient, body: TrainingRequest
) -> Response[Training]:
    """Start a training of a new version from a version that can be trained.

    Args:
        model_owner: The user or organization that owns the model.
        model_name: The model's name.
        version_id: The version's id, 64 hexadecimal digits.
        client: What sends the request: a client of this package or one of replicate_ext.
        body: What to send.
    """
    sent = client.get_httpx_client().request(
        **request(model_owner, model_name, version_id, body=body)
    )
    return detailed(sent, parse)


def sync(
    model_owner: str, model_name: str, version_id: str, *, client: SyncClient, body: TrainingRequest
) -> Training:
    """Start a training of a new version from a version that can be trained.

    Args:
        model_owner: The user or organization that owns the model.
        model_name: The model's name.
        version_id: The version's id, 64 hexadecimal digits.
        client: What sends the request: a client of this package or one of replicate_ext.
        body: What to send.

    Raises:
        errors.UnexpectedStatus: The API answered with an error.
        httpx.TransportError: No answer came.
        ValueError: The answer is not the API's JSON.
    """
    sent = client.get_httpx_client().request(
        **request(model_owner, model_name, version_id, body=body)
    )
    return parse(success(sent))


async def asyncio_detailed(
    model_owner: str,
    model_name: str,
    version_id: str,
    *,
    client: AsyncClient,
    body: TrainingRequest,
) -> Response[Training]:
    """Start a training of a new version from a version that can be trained.

    Args:
        model_owner: The user or organization that owns the model.
        model_name: The model's name.
        version_id: The version's id, 64 hexadecimal digits.
        client: What sends the request: a client of this package or one of replicate_ext.
        body: What to send.
    """
    sent = await client.get_async_httpx_client().request(
        **request(model_owner, model_name, version_id, body=body)
    )
    return detailed(sent, parse)


async def asyncio(
    model_owner: str,
    model_name: str,
    version_id: str,
    *,
    client: AsyncClient,
    body: TrainingRequest,
) -> Training:
    """Start a training of a new version from a version that can be trained.

    Args:
        model_owner: The user or organization that owns the model.
        model_name: The model's name.
        version_id: The version's id, 64 hexadecimal digits.
        client: What sends the request: a client of this package or one of replicate_ext.
        body: What to send.

    Raises:
        errors.UnexpectedStatus: The API answered with an error.
        httpx.TransportError: No answer came.
        ValueError: The answer is not the API's JSON.
    """
    sent = await client.get_async_httpx_client().request(
        **request(model_owner, model_name, version_id, body=body)
    )
    return parse(success(sent))
