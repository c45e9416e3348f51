"""Streams of real servers: cut at random, left early, and watched from the other side."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import anyio
import pytest
from support.clients import Kind, make_client
from support.clock import VirtualClock
from support.sandboxes import until
from support.server import serving
from support.streams import Live, Read, awaited, done, read, sse

from replicate_ext import AsyncReplicate, StreamInterrupted
from replicate_ext.sandbox import Fault, Sandbox

STREAMS = 200
PIECES = [
    "Once",
    " upon",
    "\n",
    "",
    "é",
    "€",
    "😀",
    "\u2028",
    ": ",
    "data: x",
    " ",
    "a\r\nb",
    "x" * 99,
]


def random_pieces(number: int) -> list[str]:
    chance = random.Random(number)  # noqa: S311 - the same chaos each time is the point
    return chance.choices(PIECES, k=chance.randrange(1, 25))


def text_of(number: int) -> str:
    """What arrives of a text: a stream has lines, whatever ended them."""
    return with_lines("".join(random_pieces(number)))


def with_lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def random_cuts(number: int, size: int) -> list[int]:
    chance = random.Random(-1 - number)  # noqa: S311 - as above
    return [chance.randrange(size) for _ in range(chance.randrange(6))]


def read_each(
    kind: Kind, base_url: str, token: str, streams: Callable[[Any], Iterator[Any]]
) -> list[Read]:
    """Read streams with one client, which does not really sleep."""
    client = make_client(
        kind, clock=VirtualClock().clock, base_url=base_url, api_token=token, poll_interval=0.001
    )
    if kind == "sync":
        with client:
            return [read(kind, stream) for stream in streams(client)]

    async def gather() -> list[Read]:
        return [await awaited(stream) for stream in streams(client)]

    return anyio.run(gather, backend=kind)


@pytest.fixture
def chaotic() -> Iterator[Sandbox]:
    async def pieces(number: int) -> AsyncIterator[str]:
        for piece in random_pieces(number):
            yield piece

    with Sandbox() as sandbox:
        sandbox.model("chaos/ids")(pieces)
        sandbox.model("chaos/none", stream_ids=False)(pieces)
        yield sandbox


@pytest.mark.parametrize(("model", "count"), [("chaos/ids", 200), ("chaos/none", 80)])
def test_every_character_arrives_once_and_in_order(
    kind: Kind, chaotic: Sandbox, model: str, count: int
) -> None:
    def streams(client: Any) -> Iterator[Any]:
        for number in range(count):
            chaotic.faults.clear()
            size = 40 * len(random_pieces(number)) + len(text_of(number).encode())
            for place in random_cuts(number, size):
                chaotic.faults.add(Fault.cut(place), on="GET /streams/*")
            yield client.stream(model, {"number": number})

    got = read_each(kind, chaotic.base_url, chaotic.api_token, streams)

    assert [each.error for each in got] == [None] * count
    assert [with_lines(each.text) for each in got] == [text_of(each) for each in range(count)]
    connections = [each for each in chaotic.requests if each.path.startswith("/streams/")]
    # Without ids there is one connection, unless the first broke off before any text.
    assert (len(connections) > 2 * count) == (model == "chaos/ids")


class Breaking:
    """A server whose streams end early in any way, and whose predictions may say something else.

    Args:
        has_ids: Whether events have ids.
    """

    def __init__(self, *, has_ids: bool) -> None:
        self._has_ids = has_ids
        self._connections: dict[str, int] = {}
        self.live = Live(self._connect, self._look)

    def _connect(self, id_: str, last_id: str | None) -> tuple[bytes, str]:
        number = int(id_)
        first = 0 if last_id is None else int(last_id.removeprefix("n")) + 1
        places = range(first, len(random_pieces(number)))
        pieces = [with_lines(random_pieces(number)[place]) for place in places]
        ids = [f"n{place}" if self._has_ids else None for place in places]
        body = b": hi\n\n" + b"".join(map(sse, pieces, ids)) + done()
        attempt = self._connections[id_] = self._connections.get(id_, 0) + 1
        chance = random.Random(7 * number + attempt)  # noqa: S311 - as above
        if attempt > 1 + number % 5:
            return body, "end"
        return body[: chance.randrange(len(body))], chance.choice(["end", "cut", "reset"])

    def _look(self, id_: str) -> dict[str, Any]:
        """The prediction runs until its stream was asked for; one of three ends as another one."""
        pieces = random_pieces(int(id_))
        if id_ not in self._connections:
            return {}
        return {
            "status": "succeeded",
            "output": [*pieces[:-1], "?"] if int(id_) % 3 == 0 else pieces,
        }


@pytest.mark.parametrize("has_ids", [True, False])
def test_a_text_is_complete_or_an_error_is_raised(kind: Kind, *, has_ids: bool) -> None:
    breaking = Breaking(has_ids=has_ids)
    with serving() as api:
        api.answer = breaking.live
        numbers = range(40)
        got = read_each(
            kind,
            api.url,
            "r8_any",
            lambda client: (client.predictions.stream(str(number)) for number in numbers),
        )

    for number, each in zip(numbers, got, strict=True):
        if each.error is None:
            expected = {text_of(number)}
            if number % 3 == 0 and not has_ids:
                expected.add(with_lines("".join([*random_pieces(number)[:-1], "?"])))
            assert with_lines(each.text) in expected
        else:
            assert isinstance(each.error, StreamInterrupted)
            assert each.error.text == each.text
            assert text_of(number).startswith(each.text)
            assert each.error.prediction is not None
            assert each.error.prediction.id == str(number)
    errors = [number for number, each in zip(numbers, got, strict=True) if each.error is not None]
    assert all(number % 3 == 0 for number in errors)
    assert not (has_ids and errors)


@pytest.mark.parametrize("leaving", ["break", "cancellation", "timeout"])
@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_no_connection_stays_open(sandbox: Sandbox, backend: str, leaving: str) -> None:
    open_streams: list[int] = []
    story = {"prompt": "x", "delay": 5.0}

    async def consume(client: AsyncReplicate, begun: anyio.Event) -> None:
        async with client.stream("sandbox/storyteller", story) as stream:
            async for _ in stream:
                open_streams.append(sandbox.open_streams)
                begun.set()
                if leaving == "break":
                    break

    async def main() -> Any:
        begun = anyio.Event()
        async with AsyncReplicate(sandbox.api_token, sandbox.base_url) as client:
            if leaving == "cancellation":
                async with anyio.create_task_group() as group:
                    group.start_soon(consume, client, begun)
                    await begun.wait()
                    group.cancel_scope.cancel()
            else:
                with anyio.move_on_after(0.3):
                    await consume(client, begun)
            until(lambda: None if sandbox.open_streams else True)
            return (await client.predictions.list()).results

    runs = anyio.run(main, backend=backend)

    assert set(open_streams) == {1}
    assert runs[0].status == "canceled"


def test_a_canceled_task_leaves_no_connection_open(sandbox: Sandbox) -> None:
    async def main() -> None:
        async with AsyncReplicate(sandbox.api_token, sandbox.base_url) as client:
            stream = client.stream("sandbox/storyteller", {"prompt": "x", "delay": 5.0})
            begun = asyncio.Event()

            async def consume() -> None:
                async for _ in stream.texts():
                    begun.set()

            task = asyncio.ensure_future(consume())
            await begun.wait()
            assert sandbox.open_streams == 1
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            until(lambda: None if sandbox.open_streams else True)

    asyncio.run(main())


def test_the_blocking_client_leaves_no_connection_open(sandbox: Sandbox) -> None:
    client = make_client("sync", api_token=sandbox.api_token, base_url=sandbox.base_url)

    with client, client.stream("sandbox/storyteller", {"prompt": "x", "delay": 5.0}) as stream:
        next(stream)
        assert sandbox.open_streams == 1
        stream.close()
        until(lambda: None if sandbox.open_streams else True)
        assert client.predictions.list().results[0].status == "canceled"
        with pytest.raises(StreamInterrupted, match="closed before it ended"):
            next(stream)
