"""Responses are read in bounded memory, whatever their codings make of them."""

from __future__ import annotations

import functools
import gzip
import json
import zlib
from collections.abc import Iterator
from typing import Any

import anyio
import httpx
import pytest
from support.clients import KINDS, Kind, make_client, prediction
from support.measure import peak_of
from support.raw import CLOSE, Heard, RawServer, Wire, raw_server, response

from replicate_ext import (
    APIError,
    AsyncReplicate,
    InvalidResponseError,
    OutcomeUnknownError,
    Replicate,
    ServerError,
    ValidationError,
)

MIB = 1 << 20
SMALL = 24 * MIB
"""Bytes of memory that a call may take here; the bombs below make 300 MiB."""


LEVELS = (1, 2, 3)
"""How often a body is compressed."""


@functools.cache
def bomb(levels: int) -> bytes:
    """Compress a JSON string of many zeros, so many times."""
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    parts = [packer.compress(b'{"id": "p1", "detail": "')]
    parts += [packer.compress(b"0" * MIB) for _ in range(300)]
    parts += [packer.compress(b'"}'), packer.flush()]
    packed = b"".join(parts)
    for _ in range(levels - 1):
        packed = gzip.compress(packed)
    return packed


class Answers:
    """What the server answers with, set by a test."""

    def __init__(self) -> None:
        self.status = 200
        self.bomb = b""
        self.levels = 1
        self.is_chunked = False
        self.path = ""

    def __call__(self, heard: Heard, wire: Wire) -> str | None:
        if self.path and heard.target != self.path:
            wire.send(response(200 if heard.method == "GET" else 201, prediction()))
            return None
        coding = ", ".join(["gzip"] * self.levels)
        if not self.is_chunked:
            wire.send(response(self.status, self.bomb, Content_Encoding=coding))
            return None
        head = f"HTTP/1.1 {self.status} X\r\nContent-Encoding: {coding}\r\n"
        wire.send(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
        for start in range(0, len(self.bomb), 1000):
            chunk = self.bomb[start : start + 1000]
            wire.send(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n")
        wire.send(b"0\r\n\r\n")
        return CLOSE


@pytest.fixture
def answers() -> Answers:
    return Answers()


@pytest.fixture
def server(answers: Answers) -> Iterator[RawServer]:
    with raw_server(answers) as running:
        yield running


def client_of(kind: Kind, server: RawServer, **options: Any) -> Any:
    return make_client(kind, base_url=f"{server.url}/v1", max_retries=0, **options)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("levels", LEVELS)
@pytest.mark.parametrize("is_chunked", [False, True])
def test_an_error_is_read_up_to_a_mebibyte_and_keeps_its_status(
    kind: Kind, levels: int, is_chunked: bool, server: RawServer, answers: Answers
) -> None:
    answers.status, answers.levels, answers.bomb = 500, levels, bomb(levels)
    answers.is_chunked = is_chunked
    client = client_of(kind, server)
    caught: list[APIError] = []

    def call() -> None:
        with pytest.raises(ServerError) as raised:
            client.account.get()
        caught.append(raised.value)

    assert peak_of(call) < SMALL
    assert caught[0].status == 500
    assert caught[0].response is not None
    assert len(caught[0].response.content) == MIB


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("levels", LEVELS)
@pytest.mark.parametrize("is_chunked", [False, True])
def test_a_success_that_is_too_large_says_which_option_allows_more(
    kind: Kind, levels: int, is_chunked: bool, server: RawServer, answers: Answers
) -> None:
    answers.levels, answers.bomb, answers.is_chunked = levels, bomb(levels), is_chunked
    client = limited(kind, server, 8 * MIB)

    def call() -> None:
        with pytest.raises(InvalidResponseError, match=r"8,388,608 bytes.*max_response_size"):
            client.account.get()

    assert peak_of(call) < SMALL


def limited(kind: Kind, server: RawServer, most: int) -> Any:
    """A client that takes at most so many bytes."""
    return client_of(kind, server, max_response_size=most)


@pytest.mark.parametrize("kind", KINDS)
def test_a_look_that_is_too_large_ends_the_wait_at_once(
    kind: Kind, server: RawServer, answers: Answers
) -> None:
    answers.bomb, answers.path = bomb(1), "/v1/predictions/p1"
    client = limited(kind, server, 8 * MIB)

    def call() -> None:
        with pytest.raises(InvalidResponseError, match="max_response_size"):
            client.run("owner/name", {}, wait=False, timeout=60)

    assert peak_of(call) < SMALL
    assert server.seen.count("GET /v1/predictions/p1") == 1
    assert server.seen[-1] == "POST /v1/predictions/p1/cancel"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("coding", ["br", "zstd", "gzip, br", "gzip, gzip, gzip, gzip"])
def test_a_coding_that_was_not_asked_for_is_an_error_of_the_tree(kind: Kind, coding: str) -> None:
    def answer(heard: Heard, wire: Wire) -> None:
        status = {"GET": 200, "POST": 201}[heard.method]
        wire.send(response(status, prediction(), Content_Encoding=coding))

    with raw_server(answer) as server:
        client = client_of(kind, server)
        with pytest.raises(APIError, match=r"Content-Encoding|codings"):
            client.predictions.get("p1")
        with pytest.raises(OutcomeUnknownError):
            client.predictions.create("owner/name", {})
        assert server.heard[0].headers["accept-encoding"] == "gzip, deflate"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("is_lent", [False, True])
@pytest.mark.parametrize("coding", ["gzip", "deflate", "gzip, deflate"])
def test_encoded_answers_are_read(kind: Kind, is_lent: bool, coding: str) -> None:
    body = json.dumps(prediction("succeeded", output="ä" * 5000)).encode()
    packed = body
    for name in coding.split(", "):
        packed = gzip.compress(packed) if name == "gzip" else zlib.compress(packed)

    def answer(_: Heard, wire: Wire) -> None:
        wire.send(response(201, packed, Content_Encoding=coding))

    with raw_server(answer) as server:
        assert run(kind, server, is_lent=is_lent) == "ä" * 5000


def run(kind: Kind, server: RawServer, *, is_lent: bool) -> Any:
    url = f"{server.url}/v1"
    if kind == "sync":
        with httpx.Client() as lent:
            options: dict[str, Any] = {"http_client": lent} if is_lent else {}
            return Replicate("r8_x", url, **options).run("owner/name", {})

    async def main() -> Any:
        async with httpx.AsyncClient() as lent:
            options: dict[str, Any] = {"http_client": lent} if is_lent else {}
            return await AsyncReplicate("r8_x", url, **options).run("owner/name", {})

    return anyio.run(main, backend=kind)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("how", ["corrupt", "unknown coding", "cut"])
def test_an_error_whose_body_is_broken_keeps_its_status(kind: Kind, how: str) -> None:
    body = json.dumps({"detail": "input is wrong"}).encode()

    def answer(_: Heard, wire: Wire) -> str:
        if how == "cut":
            wire.send(b"HTTP/1.1 422 X\r\nContent-Length: 1000\r\n\r\n" + body)
        else:
            coding = "gzip" if how == "corrupt" else "br"
            wire.send(response(422, body, Content_Encoding=coding))
        return CLOSE

    # Not OutcomeUnknownError: a 422 was not taken, whatever its body.
    with raw_server(answer) as server, pytest.raises(ValidationError):
        client_of(kind, server).run("owner/name", {})
