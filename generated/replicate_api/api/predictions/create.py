# Generated from openapi.yaml by `make generate`; changes made here are lost.
from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import httpx

from ... import models
from ...client import AsyncClient, SyncClient
from ...decoding import detailed, json_object, parsed, read, success
from ...encoding import as_headers, as_json
from ...errors import errors_of
from ...types import RequestArguments, Response

if TYPE_CHECKING:
    from ...models import Prediction, VersionPredictionRequest

REPEATABLE: Final = False
"""Whether the request is safe to send again when the API may already have processed it."""


def request(
    *,
    body: VersionPredictionRequest | dict[str, Any],
    prefer: str | None = None,
    cancel_after: str | None = None,
) -> RequestArguments:
    """Return the request, without sending it.

    Args:
        body: The request body.
        prefer: Hold the response until the run finishes: "wait=n" for at most n seconds, 1 to
            60; "wait" for at most 60 seconds. Default: not held.
        cancel_after: Time after which the run is canceled, such as 90s, 5m or 1h30m. From 5
            seconds to 24 hours. Default: no limit.
    """
    arguments: RequestArguments = {"method": "POST", "url": "/predictions"}
    arguments["headers"] = as_headers((("Prefer", prefer), ("Cancel-After", cancel_after)))
    arguments["json"] = as_json(body)
    return arguments


def parse(response: httpx.Response) -> Prediction:
    """Read the object from a successful response.

    Args:
        response: The response.
    """
    made: Prediction = parsed(models.Prediction.from_dict, json_object(response))
    return made


def sync_detailed(
    *,
    client: SyncClient,
    body: VersionPredictionRequest | dict[str, Any],
    prefer: str | None = None,
    cancel_after: str | None = None,
) -> Response[Prediction]:
    """Create a prediction with a version of a model.

    Args:
        client: Client that sends the request: one of this package or of replicate_ext.
        body: The request body.
        prefer: Hold the response until the run finishes: "wait=n" for at most n seconds, 1 to
            60; "wait" for at most 60 seconds. Default: not held.
        cancel_after: Time after which the run is canceled, such as 90s, 5m or 1h30m. From 5
            seconds to 24 hours. Default: no limit.
    """
    arguments = request(body=body, prefer=prefer, cancel_after=cancel_after)
    with errors_of(client, repeatable=REPEATABLE):
        sent = client.get_httpx_client().request(**arguments)
        return detailed(sent, parse)


def sync(
    *,
    client: SyncClient,
    body: VersionPredictionRequest | dict[str, Any],
    prefer: str | None = None,
    cancel_after: str | None = None,
) -> Prediction:
    """Create a prediction with a version of a model.

    Args:
        client: Client that sends the request: one of this package or of replicate_ext.
        body: The request body.
        prefer: Hold the response until the run finishes: "wait=n" for at most n seconds, 1 to
            60; "wait" for at most 60 seconds. Default: not held.
        cancel_after: Time after which the run is canceled, such as 90s, 5m or 1h30m. From 5
            seconds to 24 hours. Default: no limit.

    Raises:
        replicate_ext.APIError: The request failed. Clients of replicate_ext raise this error,
            and clients of this package raise the following ones.
        errors.UnexpectedStatus: The status of the response is not 2xx.
        httpx.TransportError: No response was received.
        ValueError: The response is not the expected JSON.
    """
    arguments = request(body=body, prefer=prefer, cancel_after=cancel_after)
    with errors_of(client, repeatable=REPEATABLE):
        sent = client.get_httpx_client().request(**arguments)
        return read(success(sent), parse)


async def asyncio_detailed(
    *,
    client: AsyncClient,
    body: VersionPredictionRequest | dict[str, Any],
    prefer: str | None = None,
    cancel_after: str | None = None,
) -> Response[Prediction]:
    """Create a prediction with a version of a model.

    Args:
        client: Client that sends the request: one of this package or of replicate_ext.
        body: The request body.
        prefer: Hold the response until the run finishes: "wait=n" for at most n seconds, 1 to
            60; "wait" for at most 60 seconds. Default: not held.
        cancel_after: Time after which the run is canceled, such as 90s, 5m or 1h30m. From 5
            seconds to 24 hours. Default: no limit.
    """
    arguments = request(body=body, prefer=prefer, cancel_after=cancel_after)
    with errors_of(client, repeatable=REPEATABLE):
        sent = await client.get_async_httpx_client().request(**arguments)
        return detailed(sent, parse)


async def asyncio(
    *,
    client: AsyncClient,
    body: VersionPredictionRequest | dict[str, Any],
    prefer: str | None = None,
    cancel_after: str | None = None,
) -> Prediction:
    """Create a prediction with a version of a model.

    Args:
        client: Client that sends the request: one of this package or of replicate_ext.
        body: The request body.
        prefer: Hold the response until the run finishes: "wait=n" for at most n seconds, 1 to
            60; "wait" for at most 60 seconds. Default: not held.
        cancel_after: Time after which the run is canceled, such as 90s, 5m or 1h30m. From 5
            seconds to 24 hours. Default: no limit.

    Raises:
        replicate_ext.APIError: The request failed. Clients of replicate_ext raise this error,
            and clients of this package raise the following ones.
        errors.UnexpectedStatus: The status of the response is not 2xx.
        httpx.TransportError: No response was received.
        ValueError: The response is not the expected JSON.
    """
    arguments = request(body=body, prefer=prefer, cancel_after=cancel_after)
    with errors_of(client, repeatable=REPEATABLE):
        sent = await client.get_async_httpx_client().request(**arguments)
        return read(success(sent), parse)
