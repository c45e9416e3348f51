# Generated from openapi.yaml by `make generate`; changes made here are lost.
from __future__ import annotations

from typing import TYPE_CHECKING, Final

import httpx

from ... import models
from ...client import AsyncClient, SyncClient
from ...decoding import detailed, json_object, parsed, success
from ...encoding import as_headers
from ...types import RequestArguments, Response

if TYPE_CHECKING:
    from ...models import Prediction, VersionPredictionRequest

REPEATABLE: Final = False
"""Whether sending the request a second time does no harm."""


def request(
    *, body: VersionPredictionRequest, prefer: str | None = None, cancel_after: str | None = None
) -> RequestArguments:
    """Return the request, without sending it.

    Args:
        body: What to send.
        prefer: Hold the answer until the run is done: wait, or wait=n for n seconds, 1 to 60.
        cancel_after: Cancel the run when it takes longer: 90s, 5m or 1h30m; from 5 seconds to 24 hours.
    """
    arguments: RequestArguments = {"method": "POST", "url": "/predictions"}
    arguments["headers"] = as_headers((("Prefer", prefer), ("Cancel-After", cancel_after)))
    arguments["json"] = body.to_dict()
    return arguments


def parse(response: httpx.Response) -> Prediction:
    """Read the object from a successful answer.

    Args:
        response: The answer.
    """
    made: Prediction = parsed(models.Prediction.from_dict, json_object(response))
    return made


def sync_detailed(
    *,
    client: SyncClient,
    body: VersionPredictionRequest,
    prefer: str | None = None,
    cancel_after: str | None = None,
) -> Response[Prediction]:
    """Create a prediction with a version of a model.

    Args:
        client: What sends the request: a client of this package or one of replicate_ext.
        body: What to send.
        prefer: Hold the answer until the run is done: wait, or wait=n for n seconds, 1 to 60.
        cancel_after: Cancel the run when it takes longer: 90s, 5m or 1h30m; from 5 seconds to 24 hours.
    """
    sent = client.get_httpx_client().request(
        **request(body=body, prefer=prefer, cancel_after=cancel_after)
    )
    return detailed(sent, parse)


def sync(
    *,
    client: SyncClient,
    body: VersionPredictionRequest,
    prefer: str | None = None,
    cancel_after: str | None = None,
) -> Prediction:
    """Create a prediction with a version of a model.

    Args:
        client: What sends the request: a client of this package or one of replicate_ext.
        body: What to send.
        prefer: Hold the answer until the run is done: wait, or wait=n for n seconds, 1 to 60.
        cancel_after: Cancel the run when it takes longer: 90s, 5m or 1h30m; from 5 seconds to 24 hours.

    Raises:
        errors.UnexpectedStatus: The API answered with an error.
        httpx.TransportError: No answer came.
        ValueError: The answer is not the API's JSON.
    """
    sent = client.get_httpx_client().request(
        **request(body=body, prefer=prefer, cancel_after=cancel_after)
    )
    return parse(success(sent))


async def asyncio_detailed(
    *,
    client: AsyncClient,
    body: VersionPredictionRequest,
    prefer: str | None = None,
    cancel_after: str | None = None,
) -> Response[Prediction]:
    """Create a prediction with a version of a model.

    Args:
        client: What sends the request: a client of this package or one of replicate_ext.
        body: What to send.
        prefer: Hold the answer until the run is done: wait, or wait=n for n seconds, 1 to 60.
        cancel_after: Cancel the run when it takes longer: 90s, 5m or 1h30m; from 5 seconds to 24 hours.
    """
    sent = await client.get_async_httpx_client().request(
        **request(body=body, prefer=prefer, cancel_after=cancel_after)
    )
    return detailed(sent, parse)


async def asyncio(
    *,
    client: AsyncClient,
    body: VersionPredictionRequest,
    prefer: str | None = None,
    cancel_after: str | None = None,
) -> Prediction:
    """Create a prediction with a version of a model.

    Args:
        client: What sends the request: a client of this package or one of replicate_ext.
        body: What to send.
        prefer: Hold the answer until the run is done: wait, or wait=n for n seconds, 1 to 60.
        cancel_after: Cancel the run when it takes longer: 90s, 5m or 1h30m; from 5 seconds to 24 hours.

    Raises:
        errors.UnexpectedStatus: The API answered with an error.
        httpx.TransportError: No answer came.
        ValueError: The answer is not the API's JSON.
    """
    sent = await client.get_async_httpx_client().request(
        **request(body=body, prefer=prefer, cancel_after=cancel_after)
    )
    return parse(success(sent))
