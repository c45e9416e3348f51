# Generated from openapi.yaml by `make generate`; changes made here are lost.
from __future__ import annotations

from typing import TYPE_CHECKING, Final

import httpx

from ... import models
from ...client import AsyncClient, SyncClient
from ...decoding import detailed, json_object, parsed, success
from ...encoding import as_query
from ...paths import as_segment
from ...types import RequestArguments, Response

if TYPE_CHECKING:
    from ...models import PredictionPage

REPEATABLE: Final = True
"""Whether sending the request a second time does no harm."""


def request(model_owner: str, model_name: str, *, cursor: str | None = None) -> RequestArguments:
    """Return the request, without sending it.

    Args:
        model_owner: The user or organization that owns the model.
        model_name: The model's name.
        cursor: Where to go on, as an earlier page's next or previous gave it.
    """
    arguments: RequestArguments = {
        "method": "GET",
        "url": f"/models/{as_segment(model_owner, 'model_owner')}/{as_segment(model_name, 'model_name')}/examples",
    }
    arguments["params"] = as_query((("cursor", cursor),))
    return arguments


def parse(response: httpx.Response) -> PredictionPage:
    """Read the object from a successful answer.

    Args:
        response: The answer.
    """
    made: PredictionPage = parsed(models.PredictionPage.from_dict, json_object(response))
    return made


def sync_detailed(
    model_owner: str, model_name: str, *, client: SyncClient, cursor: str | None = None
) -> Response[PredictionPage]:
    """List a model's example predictions.

    Args:
        model_owner: The user or organization that owns the model.
        model_name: The model's name.
        client: What sends the request: a client of this package or one of replicate_ext.
        cursor: Where to go on, as an earlier page's next or previous gave it.
    """
    sent = client.get_httpx_client().request(**request(model_owner, model_name, cursor=cursor))
    return detailed(sent, parse)


def sync(
    model_owner: str, model_name: str, *, client: SyncClient, cursor: str | None = None
) -> PredictionPage:
    """List a model's example predictions.

    Args:
        model_owner: The user or organization that owns the model.
        model_name: The model's name.
        client: What sends the request: a client of this package or one of replicate_ext.
        cursor: Where to go on, as an earlier page's next or previous gave it.

    Raises:
        errors.UnexpectedStatus: The API answered with an error.
        httpx.TransportError: No answer came.
        ValueError: The answer is not the API's JSON.
    """
    sent = client.get_httpx_client().request(**request(model_owner, model_name, cursor=cursor))
    return parse(success(sent))


async def asyncio_detailed(
    model_owner: str, model_name: str, *, client: AsyncClient, cursor: str | None = None
) -> Response[PredictionPage]:
    """List a model's example predictions.

    Args:
        model_owner: The user or organization that owns the model.
        model_name: The model's name.
        client: What sends the request: a client of this package or one of replicate_ext.
        cursor: Where to go on, as an earlier page's next or previous gave it.
    """
    sent = await client.get_async_httpx_client().request(
        **request(model_owner, model_name, cursor=cursor)
    )
    return detailed(sent, parse)


async def asyncio(
    model_owner: str, model_name: str, *, client: AsyncClient, cursor: str | None = None
) -> PredictionPage:
    """List a model's example predictions.

    Args:
        model_owner: The user or organization that owns the model.
        model_name: The model's name.
        client: What sends the request: a client of this package or one of replicate_ext.
        cursor: Where to go on, as an earlier page's next or previous gave it.

    Raises:
        errors.UnexpectedStatus: The API answered with an error.
        httpx.TransportError: No answer came.
        ValueError: The answer is not the API's JSON.
    """
    sent = await client.get_async_httpx_client().request(
        **request(model_owner, model_name, cursor=cursor)
    )
    return parse(success(sent))
