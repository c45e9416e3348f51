# Generated from openapi.yaml by `make generate`; changes made here are lost.
from __future__ import annotations

from typing import TYPE_CHECKING, Final

import httpx

from ... import models
from ...client import AsyncClient, SyncClient
from ...decoding import detailed, json_object, parsed, read, success
from ...encoding import as_query
from ...errors import errors_of
from ...paths import as_segment
from ...types import RequestArguments, Response

if TYPE_CHECKING:
    from ...models import PredictionPage

REPEATABLE: Final = True
"""Whether the request is safe to send again when the API may already have processed it."""


def request(model_owner: str, model_name: str, *, cursor: str | None = None) -> RequestArguments:
    """Return the request, without sending it.

    Args:
        model_owner: The user or organization that owns the model.
        model_name: The name of the model.
        cursor: The cursor of the page to return, from the next or previous URL of another page.
    """
    arguments: RequestArguments = {
        "method": "GET",
        "url": f"/models/{as_segment(model_owner, 'model_owner')}/{as_segment(model_name, 'model_name')}/examples",
    }
    arguments["params"] = as_query((("cursor", cursor),))
    return arguments


def parse(response: httpx.Response) -> PredictionPage:
    """Read the object from a successful response.

    Args:
        response: The response.
    """
    made: PredictionPage = parsed(models.PredictionPage.from_dict, json_object(response))
    return made


def sync_detailed(
    model_owner: str, model_name: str, *, client: SyncClient, cursor: str | None = None
) -> Response[PredictionPage]:
    """List the example predictions of a model.

    Args:
        model_owner: The user or organization that owns the model.
        model_name: The name of the model.
        client: Client that sends the request: one of this package or of replicate_ext.
        cursor: The cursor of the page to return, from the next or previous URL of another page.
    """
    arguments = request(model_owner, model_name, cursor=cursor)
    with errors_of(client, repeatable=REPEATABLE):
        sent = client.get_httpx_client().request(**arguments)
        return detailed(sent, parse)


def sync(
    model_owner: str, model_name: str, *, client: SyncClient, cursor: str | None = None
) -> PredictionPage:
    """List the example predictions of a model.

    Args:
        model_owner: The user or organization that owns the model.
        model_name: The name of the model.
        client: Client that sends the request: one of this package or of replicate_ext.
        cursor: The cursor of the page to return, from the next or previous URL of another page.

    Raises:
        replicate_ext.APIError: The request failed. Clients of replicate_ext raise this error,
            and clients of this package raise the following ones.
        errors.UnexpectedStatus: The status of the response is not 2xx.
        httpx.TransportError: No response was received.
        ValueError: The response is not the expected JSON.
    """
    arguments = request(model_owner, model_name, cursor=cursor)
    with errors_of(client, repeatable=REPEATABLE):
        sent = client.get_httpx_client().request(**arguments)
        return read(success(sent), parse)


async def asyncio_detailed(
    model_owner: str, model_name: str, *, client: AsyncClient, cursor: str | None = None
) -> Response[PredictionPage]:
    """List the example predictions of a model.

    Args:
        model_owner: The user or organization that owns the model.
        model_name: The name of the model.
        client: Client that sends the request: one of this package or of replicate_ext.
        cursor: The cursor of the page to return, from the next or previous URL of another page.
    """
    arguments = request(model_owner, model_name, cursor=cursor)
    with errors_of(client, repeatable=REPEATABLE):
        sent = await client.get_async_httpx_client().request(**arguments)
        return detailed(sent, parse)


async def asyncio(
    model_owner: str, model_name: str, *, client: AsyncClient, cursor: str | None = None
) -> PredictionPage:
    """List the example predictions of a model.

    Args:
        model_owner: The user or organization that owns the model.
        model_name: The name of the model.
        client: Client that sends the request: one of this package or of replicate_ext.
        cursor: The cursor of the page to return, from the next or previous URL of another page.

    Raises:
        replicate_ext.APIError: The request failed. Clients of replicate_ext raise this error,
            and clients of this package raise the following ones.
        errors.UnexpectedStatus: The status of the response is not 2xx.
        httpx.TransportError: No response was received.
        ValueError: The response is not the expected JSON.
    """
    arguments = request(model_owner, model_name, cursor=cursor)
    with errors_of(client, repeatable=REPEATABLE):
        sent = await client.get_async_httpx_client().request(**arguments)
        return read(success(sent), parse)
