# Generated from openapi.yaml by `make generate`; changes made here are lost.
from __future__ import annotations

from typing import TYPE_CHECKING, Final

import httpx

from ... import models
from ...client import AsyncClient, SyncClient
from ...decoding import detailed, json_object, parsed, success
from ...encoding import as_query
from ...types import RequestArguments, Response

if TYPE_CHECKING:
    from ...models import ModelPage, ModelSortBy, SortDirection

REPEATABLE: Final = True
"""Whether sending the request a second time does no harm."""


def request(
    *,
    sort_by: ModelSortBy | None = None,
    sort_direction: SortDirection | None = None,
    cursor: str | None = None,
) -> RequestArguments:
    """Return the request, without sending it.

    Args:
        sort_by: "model_created_at" or "latest_version_created_at", which the API takes where it is
            left out.
        sort_direction: "asc" or "desc", which the API takes where it is left out.
        cursor: Where to go on, as an earlier page's next or previous gave it.
    """
    arguments: RequestArguments = {"method": "GET", "url": "/models"}
    arguments["params"] = as_query(
        (("sort_by", sort_by), ("sort_direction", sort_direction), ("cursor", cursor))
    )
    return arguments


def parse(response: httpx.Response) -> ModelPage:
    """Read the object from a successful answer.

    Args:
        response: The answer.
    """
    made: ModelPage = parsed(models.ModelPage.from_dict, json_object(response))
    return made


def sync_detailed(
    *,
    client: SyncClient,
    sort_by: ModelSortBy | None = None,
    sort_direction: SortDirection | None = None,
    cursor: str | None = None,
) -> Response[ModelPage]:
    """List the public models.

    Args:
        client: What sends the request: a client of this package or one of replicate_ext.
        sort_by: "model_created_at" or "latest_version_created_at", which the API takes where it is
            left out.
        sort_direction: "asc" or "desc", which the API takes where it is left out.
        cursor: Where to go on, as an earlier page's next or previous gave it.
    """
    sent = client.get_httpx_client().request(
        **request(sort_by=sort_by, sort_direction=sort_direction, cursor=cursor)
    )
    return detailed(sent, parse)


def sync(
    *,
    client: SyncClient,
    sort_by: ModelSortBy | None = None,
    sort_direction: SortDirection | None = None,
    cursor: str | None = None,
) -> ModelPage:
    """List the public models.

    Args:
        client: What sends the request: a client of this package or one of replicate_ext.
        sort_by: "model_created_at" or "latest_version_created_at", which the API takes where it is
            left out.
        sort_direction: "asc" or "desc", which the API takes where it is left out.
        cursor: Where to go on, as an earlier page's next or previous gave it.

    Raises:
        errors.UnexpectedStatus: The API answered with an error.
        httpx.TransportError: No answer came.
        ValueError: The answer is not the API's JSON.
    """
    sent = client.get_httpx_client().request(
        **request(sort_by=sort_by, sort_direction=sort_direction, cursor=cursor)
    )
    return parse(success(sent))


async def asyncio_detailed(
    *,
    client: AsyncClient,
    sort_by: ModelSortBy | None = None,
    sort_direction: SortDirection | None = None,
    cursor: str | None = None,
) -> Response[ModelPage]:
    """List the public models.

    Args:
        client: What sends the request: a client of this package or one of replicate_ext.
        sort_by: "model_created_at" or "latest_version_created_at", which the API takes where it is
            left out.
        sort_direction: "asc" or "desc", which the API takes where it is left out.
        cursor: Where to go on, as an earlier page's next or previous gave it.
    """
    sent = await client.get_async_httpx_client().request(
        **request(sort_by=sort_by, sort_direction=sort_direction, cursor=cursor)
    )
    return detailed(sent, parse)


async def asyncio(
    *,
    client: AsyncClient,
    sort_by: ModelSortBy | None = None,
    sort_direction: SortDirection | None = None,
    cursor: str | None = None,
) -> ModelPage:
    """List the public models.

    Args:
        client: What sends the request: a client of this package or one of replicate_ext.
        sort_by: "model_created_at" or "latest_version_created_at", which the API takes where it is
            left out.
        sort_direction: "asc" or "desc", which the API takes where it is left out.
        cursor: Where to go on, as an earlier page's next or previous gave it.

    Raises:
        errors.UnexpectedStatus: The API answered with an error.
        httpx.TransportError: No answer came.
        ValueError: The answer is not the API's JSON.
    """
    sent = await client.get_async_httpx_client().request(
        **request(sort_by=sort_by, sort_direction=sort_direction, cursor=cursor)
    )
    return parse(success(sent))
