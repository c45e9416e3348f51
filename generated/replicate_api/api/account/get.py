# Generated from openapi.yaml by `make generate`; changes made here are lost.
from __future__ import annotations

from typing import TYPE_CHECKING, Final

import httpx

from ... import models
from ...client import AsyncClient, SyncClient
from ...decoding import detailed, json_object, parsed, success
from ...types import RequestArguments, Response

if TYPE_CHECKING:
    from ...models import Account

REPEATABLE: Final = True
"""Whether sending the request a second time does no harm."""


def request() -> RequestArguments:
    """Return the request, without sending it."""
    arguments: RequestArguments = {"method": "GET", "url": "/account"}
    return arguments


def parse(response: httpx.Response) -> Account:
    """Read the object from a successful answer.

    Args:
        response: The answer.
    """
    made: Account = parsed(models.Account.from_dict, json_object(response))
    return made


def sync_detailed(*, client: SyncClient) -> Response[Account]:
    """Get the account that the token belongs to.

    Args:
        client: What sends the request: a client of this package or one of replicate_ext.
    """
    sent = client.get_httpx_client().request(**request())
    return detailed(sent, parse)


def sync(*, client: SyncClient) -> Account:
    """Get the account that the token belongs to.

    Args:
        client: What sends the request: a client of this package or one of replicate_ext.

    Raises:
        errors.UnexpectedStatus: The API answered with an error.
        httpx.TransportError: No answer came.
        ValueError: The answer is not the API's JSON.
    """
    sent = client.get_httpx_client().request(**request())
    return parse(success(sent))


async def asyncio_detailed(*, client: AsyncClient) -> Response[Account]:
    """Get the account that the token belongs to.

    Args:
        client: What sends the request: a client of this package or one of replicate_ext.
    """
    sent = await client.get_async_httpx_client().request(**request())
    return detailed(sent, parse)


async def asyncio(*, client: AsyncClient) -> Account:
    """Get the account that the token belongs to.

    Args:
        client: What sends the request: a client of this package or one of replicate_ext.

    Raises:
        errors.UnexpectedStatus: The API answered with an error.
        httpx.TransportError: No answer came.
        ValueError: The answer is not the API's JSON.
    """
    sent = await client.get_async_httpx_client().request(**request())
    return parse(success(sent))
