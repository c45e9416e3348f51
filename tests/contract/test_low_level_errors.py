"""The low level raises the errors of replicate_ext when it is used through its clients."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from functools import partial
from typing import Any

import anyio
import httpx
import pytest
from replicate_api import AuthenticatedClient
from replicate_api.api.files import download
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


class CutBody(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that ends with a lost connection."""

    def __iter__(self) -> Iterator[bytes]:
        yield b"some"
        raise httpx.ReadError("cut")

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self:
            yield piece


def unreachable(_: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("no route")


@pytest.mark.parametrize(
    ("respond", "arrives"),
    [
        (unreachable, []),
        (lambda _: httpx.Response(200, stream=CutBody()), [b"some"]),
    ],
    ids=["no response", "cut body"],
)
def test_a_streamed_response(kind: Kind, respond: Any, arrives: list[bytes]) -> None:
    transport = httpx.MockTransport(respond)
    read: list[bytes] = []
    link: dict[str, Any] = {"owner": "me", "expiry": 1, "signature": "s"}

    def read_blocking() -> None:
        client = Replicate(TOKEN, BASE_URL, transport=transport)
        with download.stream("f", client=client, **link) as response:
            read.extend(response.iter_raw())

    async def read_async() -> None:
        client = AsyncReplicate(TOKEN, BASE_URL, transport=transport)
        async with download.async_stream("f", client=client, **link) as response:
            async for piece in response.aiter_raw():
                read.append(piece)  # noqa: PERF401 - keeps what arrives before the error

    read_all = read_blocking if kind == "sync" else partial(anyio.run, read_async, backend=kind)
    with pytest.raises(APIConnectionError):
        read_all()

    assert read == arrives


def test_the_plain_client_keeps_its_errors() -> None:
    transport = Script(answer(404, {}), httpx.ReadError("cut")).transport
    client = AuthenticatedClient(BASE_URL, token=TOKEN, transport=transport)

    with pytest.raises(UnexpectedStatus):
        get.sync("p1", client=client)
    with pytest.raises(httpx.ReadError):
        get.sync("p1", client=client)
