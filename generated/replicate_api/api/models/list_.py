# Generated from openapi.yaml by `make generate`; changes made here are lost.
from __future__ import annotations

from typing import TYPE_CHECKING, Final

import httpx

from ... import models
from ...client import AsyncClient, SyncClient
from ...decoding import detailed, json_object, parsed, read, success
from ...encoding import as_query
from ...errors import errors_of
from ...types import RequestArguments, Response

if TYPE_CHECKING:
    from ...models import ModelPage, ModelSortBy, SortDirection

REPEATABLE: Final = True
"""Whether the request is safe to send again when the API may already have processed it."""


def request(
    *,
    sort_by: ModelSortBy | None = None,
    sort_direction: SortDirection | None = None,
    cursor: str | None = None,
) -> RequestArguments:
    """Return the request, without sending it.

    Args:
        sort_by: The field to sort by: "model_created_at" or "latest_version_created_at".
            Default: "latest_version_created_at".
        sort_direction: The sort direction: "asc" or "desc". Default: "desc".
        cursor: The cursor of the page to return, from the next or previous URL of another page.
    """
    arguments: RequestArguments = {"method": "GET", "url": "/models"}
    arguments["params"] = as_query(
        (("sort_by", sort_by), ("sort_direction", sort_direction), ("cursor", cursor))
    )
    return arguments


def parse(response: httpx.Response) -> ModelPage:
    """Read the object from a successful response.

    Args:
        response: The response.
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
        client: Client that sends the request: one of this package or of replicate_ext.
        sort_by: The field to sort by: "model_created_at" or "latest_version_created_at".
            Default: "latest_version_created_at".
        sort_direction: The sort direction: "asc" or "desc". Default: "desc".
        cursor: The cursor of the page to return, from the next or previous URL of another page.
    """
    arguments = request(sort_by=sort_by, sort_direction=sort_direction, cursor=cursor)
    with errors_of(client, repeatable=REPEATABLE):
        sent = client.get_httpx_client().request(**arguments)
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
        client: Client that sends the request: one of this package or of replicate_ext.
        sort_by: The field to sort by: "model_created_at" or "latest_version_created_at".
            Default: "latest_version_created_at".
        sort_direction: The sort direction: "asc" or "desc". Default: "desc".
        cursor: The cursor of the page to return, from the next or previous URL of another page.

    Raises:
        replicate_ext.APIError: The request failed. Clients of replicate_ext raise this error,
            and clients of this package raise the following ones.
        errors.UnexpectedStatus: The status of the response is not 2xx.
        httpx.TransportError: No response was received.
        ValueError: The response is not the expected JSON.
    """
    arguments = request(sort_by=sort_by, sort_direction=sort_direction, cursor=cursor)
    with errors_of(client, repeatable=REPEATABLE):
        sent = client.get_httpx_client().request(**arguments)
        return read(success(sent), parse)


async def asyncio_detailed(
    *,
    client: AsyncClient,
    sort_by: ModelSortBy | None = None,
    sort_direction: SortDirection | None = None,
    cursor: str | None = None,
) -> Response[ModelPage]:
    """List the public models.

    Args:
        client: Client that sends the request: one of this package or of replicate_ext.
        sort_by: The field to sort by: "model_created_at" or "latest_version_created_at".
            Default: "latest_version_created_at".
        sort_direction: The sort direction: "asc" or "desc". Default: "desc".
        cursor: The cursor of the page to return, from the next or previous URL of another page.
    """
    arguments = request(sort_by=sort_by, sort_direction=sort_direction, cursor=cursor)
    with errors_of(client, repeatable=REPEATABLE):
        sent = await client.get_async_httpx_client().request(**arguments)
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
        client: Client that sends the request: one of this package or of replicate_ext.
        sort_by: The field to sort by: "model_created_at" or "latest_version_created_at".
            Default: "latest_version_created_at".
        sort_direction: The sort direction: "asc" or "desc". Default: "desc".
        cursor: The cursor of the page to return, from the next or previous URL of another page.

    Raises:
        replicate_ext.APIError: The request failed. Clients of replicate_ext raise this error,
            and clients of this package raise the following ones.
        errors.UnexpectedStatus: The status of the response is not 2xx.
        httpx.TransportError: No response was received.
        ValueError: The response is not the expected JSON.
    """
    arguments = request(sort_by=sort_by, sort_direction=sort_direction, cursor=cursor)
    with errors_of(client, repeatable=REPEATABLE):
        sent = await client.get_async_httpx_client().request(**arguments)
        return read(success(sent), parse)
