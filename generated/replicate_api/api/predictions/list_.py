# Generated from openapi.yaml by `make generate`; changes made here are lost.
from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

import httpx

from ... import models
from ...client import AsyncClient, SyncClient
from ...decoding import detailed, json_object, parsed, read, success
from ...encoding import as_query
from ...errors import errors_of
from ...types import RequestArguments, Response

if TYPE_CHECKING:
    from ...models import PredictionPage, PredictionsListSource

REPEATABLE: Final = True
"""Whether the request is safe to send again when the API may already have processed it."""


def request(
    *,
    created_after: datetime | None = None,
    created_before: datetime | None = None,
    source: PredictionsListSource | None = None,
    cursor: str | None = None,
) -> RequestArguments:
    """Return the request, without sending it.

    Args:
        created_after: Return only predictions created at or after this time.
        created_before: Return only predictions created before this time.
        source: "web" to return only predictions created on the website. Default: all
            predictions.
        cursor: The cursor of the page to return, from the next or previous URL of another page.
    """
    arguments: RequestArguments = {"method": "GET", "url": "/predictions"}
    arguments["params"] = as_query(
        (
            ("created_after", created_after),
            ("created_before", created_before),
            ("source", source),
            ("cursor", cursor),
        )
    )
    return arguments


def parse(response: httpx.Response) -> PredictionPage:
    """Read the object from a successful response.

    Args:
        response: The response.
    """
    made: PredictionPage = parsed(models.PredictionPage.from_dict, json_object(response))
    return made


def sync_detailed(
    *,
    client: SyncClient,
    created_after: datetime | None = None,
    created_before: datetime | None = None,
    source: PredictionsListSource | None = None,
    cursor: str | None = None,
) -> Response[PredictionPage]:
    """List the predictions of the account, newest first.

    Args:
        client: Client that sends the request: one of this package or of replicate_ext.
        created_after: Return only predictions created at or after this time.
        created_before: Return only predictions created before this time.
        source: "web" to return only predictions created on the website. Default: all
            predictions.
        cursor: The cursor of the page to return, from the next or previous URL of another page.
    """
    arguments = request(
        created_after=created_after, created_before=created_before, source=source, cursor=cursor
    )
    with errors_of(client, repeatable=REPEATABLE):
        sent = client.get_httpx_client().request(**arguments)
        return detailed(sent, parse)


def sync(
    *,
    client: SyncClient,
    created_after: datetime | None = None,
    created_before: datetime | None = None,
    source: PredictionsListSource | None = None,
    cursor: str | None = None,
) -> PredictionPage:
    """List the predictions of the account, newest first.

    Args:
        client: Client that sends the request: one of this package or of replicate_ext.
        created_after: Return only predictions created at or after this time.
        created_before: Return only predictions created before this time.
        source: "web" to return only predictions created on the website. Default: all
            predictions.
        cursor: The cursor of the page to return, from the next or previous URL of another page.

    Raises:
        replicate_ext.APIError: The request failed. Clients of replicate_ext raise this error,
            and clients of this package raise the following ones.
        errors.UnexpectedStatus: The status of the response is not 2xx.
        httpx.TransportError: No response was received.
        ValueError: The response is not the expected JSON.
    """
    arguments = request(
        created_after=created_after, created_before=created_before, source=source, cursor=cursor
    )
    with errors_of(client, repeatable=REPEATABLE):
        sent = client.get_httpx_client().request(**arguments)
        return read(success(sent), parse)


async def asyncio_detailed(
    *,
    client: AsyncClient,
    created_after: datetime | None = None,
    created_before: datetime | None = None,
    source: PredictionsListSource | None = None,
    cursor: str | None = None,
) -> Response[PredictionPage]:
    """List the predictions of the account, newest first.

    Args:
        client: Client that sends the request: one of this package or of replicate_ext.
        created_after: Return only predictions created at or after this time.
        created_before: Return only predictions created before this time.
        source: "web" to return only predictions created on the website. Default: all
            predictions.
        cursor: The cursor of the page to return, from the next or previous URL of another page.
    """
    arguments = request(
        created_after=created_after, created_before=created_before, source=source, cursor=cursor
    )
    with errors_of(client, repeatable=REPEATABLE):
        sent = await client.get_async_httpx_client().request(**arguments)
        return detailed(sent, parse)


async def asyncio(
    *,
    client: AsyncClient,
    created_after: datetime | None = None,
    created_before: datetime | None = None,
    source: PredictionsListSource | None = None,
    cursor: str | None = None,
) -> PredictionPage:
    """List the predictions of the account, newest first.

    Args:
        client: Client that sends the request: one of this package or of replicate_ext.
        created_after: Return only predictions created at or after this time.
        created_before: Return only predictions created before this time.
        source: "web" to return only predictions created on the website. Default: all
            predictions.
        cursor: The cursor of the page to return, from the next or previous URL of another page.

    Raises:
        replicate_ext.APIError: The request failed. Clients of replicate_ext raise this error,
            and clients of this package raise the following ones.
        errors.UnexpectedStatus: The status of the response is not 2xx.
        httpx.TransportError: No response was received.
        ValueError: The response is not the expected JSON.
    """
    arguments = request(
        created_after=created_after, created_before=created_before, source=source, cursor=cursor
    )
    with errors_of(client, repeatable=REPEATABLE):
        sent = await client.get_async_httpx_client().request(**arguments)
        return read(success(sent), parse)
