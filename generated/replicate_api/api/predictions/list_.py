# Generated from openapi.yaml by `make generate`; changes made here are lost.
from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

import httpx

from ... import models
from ...client import AsyncClient, SyncClient
from ...decoding import detailed, json_object, parsed, success
from ...encoding import as_query
from ...types import RequestArguments, Response

if TYPE_CHECKING:
    from ...models import PredictionPage, PredictionsListSource

REPEATABLE: Final = True
"""Whether sending the request a second time does no harm."""


def request(
    *,
    created_after: datetime | None = None,
    created_before: datetime | None = None,
    source: PredictionsListSource | None = None,
    cursor: str | None = None,
) -> RequestArguments:
    """Return the request, without sending it.

    Args:
        created_after: Only what was created at or after this time.
        created_before: Only what was created before this time.
        source: "web" for those made on the web site alone.
        cursor: Where to go on, as an earlier page's next or previous gave it.
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
    """Read the object from a successful answer.

    Args:
        response: The answer.
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
    """List the account's predictions, newest first.

    Args:
        client: What sends the request: a client of this package or one of replicate_ext.
        created_after: Only what was created at or after this time.
        created_before: Only what was created before this time.
        source: "web" for those made on the web site alone.
        cursor: Where to go on, as an earlier page's next or previous gave it.
    """
    sent = client.get_httpx_client().request(
        **request(
            created_after=created_after, created_before=created_before, source=source, cursor=cursor
        )
    )
    return detailed(sent, parse)


def sync(
    *,
    client: SyncClient,
    created_after: datetime | None = None,
    created_before: datetime | None = None,
    source: PredictionsListSource | None = None,
    cursor: str | None = None,
) -> PredictionPage:
    """List the account's predictions, newest first.

    Args:
        client: What sends the request: a client of this package or one of replicate_ext.
        created_after: Only what was created at or after this time.
        created_before: Only what was created before this time.
        source: "web" for those made on the web site alone.
        cursor: Where to go on, as an earlier page's next or previous gave it.

    Raises:
        errors.UnexpectedStatus: The API answered with an error.
        httpx.TransportError: No answer came.
        ValueError: The answer is not the API's JSON.
    """
    sent = client.get_httpx_client().request(
        **request(
            created_after=created_after, created_before=created_before, source=source, cursor=cursor
        )
    )
    return parse(success(sent))


async def asyncio_detailed(
    *,
    client: AsyncClient,
    created_after: datetime | None = None,
    created_before: datetime | None = None,
    source: PredictionsListSource | None = None,
    cursor: str | None = None,
) -> Response[PredictionPage]:
    """List the account's predictions, newest first.

    Args:
        client: What sends the request: a client of this package or one of replicate_ext.
        created_after: Only what was created at or after this time.
        created_before: Only what was created before this time.
        source: "web" for those made on the web site alone.
        cursor: Where to go on, as an earlier page's next or previous gave it.
    """
    sent = await client.get_async_httpx_client().request(
        **request(
            created_after=created_after, created_before=created_before, source=source, cursor=cursor
        )
    )
    return detailed(sent, parse)


async def asyncio(
    *,
    client: AsyncClient,
    created_after: datetime | None = None,
    created_before: datetime | None = None,
    source: PredictionsListSource | None = None,
    cursor: str | None = None,
) -> PredictionPage:
    """List the account's predictions, newest first.

    Args:
        client: What sends the request: a client of this package or one of replicate_ext.
        created_after: Only what was created at or after this time.
        created_before: Only what was created before this time.
        source: "web" for those made on the web site alone.
        cursor: Where to go on, as an earlier page's next or previous gave it.

    Raises:
        errors.UnexpectedStatus: The API answered with an error.
        httpx.TransportError: No answer came.
        ValueError: The answer is not the API's JSON.
    """
    sent = await client.get_async_httpx_client().request(
        **request(
            created_after=created_after, created_before=created_before, source=source, cursor=cursor
        )
    )
    return parse(success(sent))
