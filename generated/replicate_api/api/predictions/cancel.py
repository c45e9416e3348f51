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
    from ...models import Prediction

REPEATABLE: Final = True
"""Whether sending the request a second time does no harm."""


def request(prediction_id: str) -> RequestArguments:
    """Return the request, without sending it.

    Args:
        prediction_id: The prediction's id.
    """
    arguments: RequestArguments = {
        "method": "POST",
        "url": f"/predictions/{as_segment(prediction_id, 'prediction_id')}/cancel",
    }
    return arguments


def parse(response: httpx.Response) -> Prediction:
    """Read the object from a successful answer.

    Args:
        response: The answer.
    """
    made: Prediction = parsed(models.Prediction.from_dict, json_object(response))
    return made


def sync_detailed(prediction_id: str, *, client: SyncClient) -> Response[Prediction]:
    """Cancel a prediction that is still running.

    Args:
        prediction_id: The prediction's id.
        client: What sends the request: a client of this package or one of replicate_ext.
    """
    sent = client.get_httpx_client().request(**request(prediction_id))
    return detailed(sent, parse)


def sync(prediction_id: str, *, client: SyncClient) -> Prediction:
    """Cancel a prediction that is still running.

    Args:
        prediction_id: The prediction's id.
        client: What sends the request: a client of this package or one of replicate_ext.

    Raises:
        errors.UnexpectedStatus: The API answered with an error.
        httpx.TransportError: No answer came.
        ValueError: The answer is not the API's JSON.
    """
    sent = client.get_httpx_client().request(**request(prediction_id))
    return parse(success(sent))


async def asyncio_detailed(prediction_id: str, *, client: AsyncClient) -> Response[Prediction]:
    """Cancel a prediction that is still running.

    Args:
        prediction_id: The prediction's id.
        client: What sends the request: a client of this package or one of replicate_ext.
    """
    sent = await client.get_async_httpx_client().request(**request(prediction_id))
    return detailed(sent, parse)


async def asyncio(prediction_id: str, *, client: AsyncClient) -> Prediction:
    """Cancel a prediction that is still running.

    Args:
        prediction_id: The prediction's id.
        client: What sends the request: a client of this package or one of replicate_ext.

    Raises:
        errors.UnexpectedStatus: The API answered with an error.
        httpx.TransportError: No answer came.
        ValueError: The answer is not the API's JSON.
    """
    sent = await client.get_async_httpx_client().request(**request(prediction_id))
    return parse(success(sent))
