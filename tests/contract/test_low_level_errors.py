"""The low level raises the errors of replicate_ext when it is used through its clients."""

from __future__ import annotations

from functools import partial
from typing import Any

import anyio
import httpx
import pytest
from replicate_api import AuthenticatedClient
from replicate_api.api.predictions import cancel, create, get
from replicate_api.errors import UnexpectedStatus
from replicate_api.models import VersionPredictionRequest
from support.clients import BASE_URL, TOKEN, Kind, Script, answer

from replicate_ext import (
    APIConnectionError,
    AsyncReplicate,
    InvalidResponseError,
    NotFoundError,
    OutcomeUnknownError,
    Replicate,
    ServerError,
)

BODY = VersionPredictionRequest(version="v", input={})


def call(kind: Kind, operation: Any, response: Any, **arguments: Any) -> Any:
    """Call a low-level function once, through a client of replicate_ext."""
    transport = Script(response).transport
    if kind == "sync":
        client = Replicate(TOKEN, BASE_URL, transport=transport)
        return operation.sync(client=client, **arguments)
    async_client = AsyncReplicate(TOKEN, BASE_URL, transport=transport)
    return anyio.run(partial(operation.asyncio, client=async_client, **arguments), backend=kind)


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        (answer(404, {"detail": "no"}), NotFoundError),
        (answer(502, "<html>"), ServerError),
        (answer(200, "<html>"), InvalidResponseError),
        (httpx.ConnectError("no route"), APIConnectionError),
        (httpx.ReadError("cut"), APIConnectionError),
    ],
    ids=str,
)
@pytest.mark.parametrize("operation", [get, cancel])
def test_a_repeatable_request(
    kind: Kind, operation: Any, response: Any, expected: type[Exception]
) -> None:
    with pytest.raises(expected) as caught:
        call(kind, operation, response, prediction_id="p1")

    assert type(caught.value) is expected
    assert TOKEN not in repr(vars(caught.value))


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        (answer(404, {"detail": "no"}), NotFoundError),
        (answer(502, "<html>"), OutcomeUnknownError),
        (answer(201, "<html>"), OutcomeUnknownError),
        (httpx.ConnectError("no route"), APIConnectionError),
        (httpx.ReadError("cut"), OutcomeUnknownError),
    ],
    ids=str,
)
def test_a_create(kind: Kind, response: Any, expected: type[Exception]) -> None:
    with pytest.raises(expected) as caught:
        call(kind, create, response, body=BODY)

    assert type(caught.value) is expected


def test_the_plain_client_keeps_its_errors() -> None:
    transport = Script(answer(404, {}), httpx.ReadError("cut")).transport
    client = AuthenticatedClient(BASE_URL, token=TOKEN, transport=transport)

    with pytest.raises(UnexpectedStatus):
        get.sync("p1", client=client)
    with pytest.raises(httpx.ReadError):
        get.sync("p1", client=client)
