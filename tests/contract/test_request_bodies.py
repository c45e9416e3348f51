"""The bodies that ``client.request`` sends: as they are, and again only where that is possible."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from support.clients import KINDS, Kind, answer, start
from support.clock import VirtualClock
from support.files import parts_of

from replicate_ext import RateLimitError

OK = answer(200, {"ok": True})
SLOW_DOWN = answer(429, {"detail": "Too many requests"}, Retry_After="7")


class Again:
    """Pieces that can be read more than once, as either client reads them."""

    def __iter__(self) -> Iterator[bytes]:
        return iter((b"one ", b"two"))

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b"one "
        yield b"two"


async def pieces() -> AsyncIterator[bytes]:
    yield b"one "
    yield b"two"


Content = Callable[[], Any]


def by(name: str, content: Content, *kinds: Kind) -> list[Any]:
    """A kind of content by each kind of client that takes it."""
    return [pytest.param(kind, content, id=f"{name}-{kind}") for kind in kinds]


ONCE = [
    *by("iterator", lambda: iter([b"one ", b"two"]), *KINDS),
    *by("file", lambda: io.BytesIO(b"one two"), *KINDS),
    *by("async iterator", pieces, "asyncio", "trio"),
]
MORE_THAN_ONCE = [
    *by("text", lambda: "one two", *KINDS),
    *by("bytes", lambda: b"one two", *KINDS),
    *by("list", lambda: [b"one ", b"two"], *KINDS),
    *by("iterable", Again, *KINDS),
]


@pytest.mark.parametrize(("kind", "content"), [*ONCE, *MORE_THAN_ONCE])
def test_a_body_is_sent_as_it_is(kind: Kind, clock: VirtualClock, content: Content) -> None:
    client, script = start(kind, clock, OK)
    headers = {"Content-Type": "text/x-own"}

    client.request("QUERY", "/models", content=content(), headers=headers)

    [request] = script.requests
    assert (request.method, request.headers["Content-Type"]) == ("QUERY", "text/x-own")
    assert request.content == b"one two"


@pytest.mark.parametrize(("kind", "content"), ONCE)
def test_a_body_that_is_read_once_is_sent_once(
    kind: Kind, clock: VirtualClock, content: Content
) -> None:
    client, script = start(kind, clock, SLOW_DOWN, OK)

    with pytest.raises(RateLimitError) as caught:
        client.request("POST", "/files", content=content())

    assert caught.value.retry_after == 7
    assert [request.content for request in script.requests] == [b"one two"]
    assert clock.sleeps == []


@pytest.mark.parametrize(("kind", "content"), MORE_THAN_ONCE)
def test_a_body_that_can_be_read_again_is_sent_again_whole(
    kind: Kind, clock: VirtualClock, content: Content
) -> None:
    client, script = start(kind, clock, SLOW_DOWN, OK)

    client.request("POST", "/files", content=content())

    assert [request.content for request in script.requests] == [b"one two"] * 2


def test_files_are_sent_again_whole(kind: Kind, clock: VirtualClock) -> None:
    client, script = start(kind, clock, SLOW_DOWN, OK)

    client.request("POST", "/files", files={"content": ("a.txt", io.BytesIO(b"some text"))})

    first, again = (
        parts_of(request.headers["Content-Type"], request.content) for request in script.requests
    )
    assert first == again
    assert first[0].content == b"some text"


class Pipe(io.RawIOBase):
    """A file that cannot go back to its start."""

    def __init__(self) -> None:
        self._left = io.BytesIO(b"some text")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._left.readinto(buffer)


def test_a_file_that_cannot_be_read_again_is_sent_once(kind: Kind, clock: VirtualClock) -> None:
    client, script = start(kind, clock, SLOW_DOWN, OK)

    with pytest.raises(RateLimitError):
        client.request("POST", "/files", files={"content": ("a.txt", Pipe())})

    [request] = script.requests
    [part] = parts_of(request.headers["Content-Type"], request.content)
    assert part.content == b"some text"
