# Generated from openapi.yaml by `make generate`; changes made here are lost.
from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import httpx

from ... import models
from ...client import AsyncClient, SyncClient
from ...decoding import detailed, json_object, parsed, read, success
from ...encoding import as_json
from ...errors import errors_of
from ...paths import as_segment
from ...types import Identified, RequestArguments, Response

if TYPE_CHECKING:
    from ...models import Training, TrainingRequest

REPEATABLE: Final = False
"""Whether the request is safe to send again when the API may already have processed it."""


def request(
    model_owner: str,
    model_name: str,
    version_id: str | Identified,
    *,
    body: TrainingRequest | dict[str, Any],
) -> RequestArguments:
    """Return the request, without sending it.

    Args:
        model_owner: The user or organization that owns the model.
        model_name: The name of the model.
        version_id: The ID of the version: 64 hexadecimal digits.
        body: The request body.
    """
    arguments: RequestArguments = {
        "method": "POST",
        "url": f"/models/{as_segment(model_owner, 'model_owner')}/{as_segment(model_name, 'model_name')}/versions/{as_segment(version_id, 'version_id')}/trainings",
    }
    arguments["json"] = as_json(body)
    return arguments


def parse(response: httpx.Response) -> Training:
    """Read the object from a successful response.

    Args:
        response: The response.
    """
    made: Training = parsed(models.Training.from_dict, json_object(response))
    return made


def sync_detailed(
    model_owner: str,
    model_name: str,
    version_id: str | Identified,
    *,
    client: SyncClient,
    body: TrainingRequest | dict[str, Any],
) -> Response[Training]:
    """Create a training, which makes a new version of a model.

    Args:
        model_owner: The user or organization that owns the model.
        model_name: The name of the model.
        version_id: The ID of the version: 64 hexadecimal digits.
        client: Client that sends the request: one of this package or of replicate_ext.
        body: The request body.
    """
    arguments = request(model_owner, model_name, version_id, body=body)
    with errors_of(client, repeatable=REPEATABLE):
        sent = client.get_httpx_client().request(**arguments)
        return detailed(sent, parse)


def sync(
    model_owner: str,
    model_name: str,
    version_id: str | Identified,
    *,
    client: SyncClient,
    body: TrainingRequest | dict[str, Any],
) -> Training:
    """Create a training, which makes a new version of a model.

    Args:
        model_owner: The user or organization that owns the model.
        model_name: The name of the model.
        version_id: The ID of the version: 64 hexadecimal digits.
        client: Client that sends the request: one of this package or of replicate_ext.
        body: The request body.

    Raises:
        replicate_ext.APIError: The request failed. Clients of replicate_ext raise this error,
            and clients of this package raise the following ones.
        errors.UnexpectedStatus: The status of the response is not 2xx.
        httpx.TransportError: No response was received.
        ValueError: The response is not the expected JSON.
    """
    arguments = request(model_owner, model_name, version_id, body=body)
    with errors_of(client, repeatable=REPEATABLE):
        sent = client.get_httpx_client().request(**arguments)
        return read(success(sent), parse)


async def asyncio_detailed(
    model_owner: str,
    model_name: str,
    version_id: str | Identified,
    *,
    client: AsyncClient,
    body: TrainingRequest | dict[str, Any],
) -> Response[Training]:
    """Create a training, which makes a new version of a model.

    Args:
        model_owner: The user or organization that owns the model.
        model_name: The name of the model.
        version_id: The ID of the version: 64 hexadecimal digits.
        client: Client that sends the request: one of this package or of replicate_ext.
        body: The request body.
    """
    arguments = request(model_owner, model_name, version_id, body=body)
    with errors_of(client, repeatable=REPEATABLE):
        sent = await client.get_async_httpx_client().request(**arguments)
        return detailed(sent, parse)


async def asyncio(
    model_owner: str,
    model_name: str,
    version_id: str | Identified,
    *,
    client: AsyncClient,
    body: TrainingRequest | dict[str, Any],
) -> Training:
    """Create a training, which makes a new version of a model.

    Args:
        model_owner: The user or organization that owns the model.
        model_name: The name of the model.
        version_id: The ID of the version: 64 hexadecimal digits.
        client: Client that sends the request: one of this package or of replicate_ext.
        body: The request body.

    Raises:
        replicate_ext.APIError: The request failed. Clients of replicate_ext raise this error,
            and clients of this package raise the following ones.
        errors.UnexpectedStatus: The status of the response is not 2xx.
        httpx.TransportError: No response was received.
        ValueError: The response is not the expected JSON.
    """
    arguments = request(model_owner, model_name, version_id, body=body)
    with errors_of(client, repeatable=REPEATABLE):
        sent = await client.get_async_httpx_client().request(**arguments)
        return read(success(sent), parse)
