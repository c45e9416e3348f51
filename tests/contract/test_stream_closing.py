"""Streams that are closed while another thread or task reads them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import anyio
import pytest
from support.clients import Kind, make_client
from support.clock import VirtualClock
from support.readers import READERS, outcomes, outcomes_async, reader_for
from support.sandboxes import until
from support.server import Api, serving
from support.streams import (
    CANCEL,
    CONNECT,
    CREATE,
    Live,
    Scene,
    done,
    sse,
)

from replicate_ext import (
    StreamError,
    StreamInterrupted,
)


def close_during(
    kind: Kind, stream: Any, ways: Sequence[str], is_time: Callable[[int], bool]
) -> list[Any]:
    """Close a stream from elsewhere while it is read, and return what its reader got.

    Args:
        kind: The kind of the client.
        stream: The stream.
        ways: How it is read, one after the other.
        is_time: Says when to close it, given how many reads have ended.
    """
    results: list[Any] = []
    readers = [reader_for(kind, way) for way in ways]

    def wait() -> None:
        until(lambda: is_time(len(results)) or None)

    if kind == "sync":
        thread = threading.Thread(
            target=lambda: outcomes(kind, stream, *readers, into=results), daemon=True
        )
        thread.start()
        wait()
        stream.close()
        thread.join(5)
        assert not thread.is_alive()
        return results

    async def main() -> None:
        with anyio.fail_after(5):
            async with anyio.create_task_group() as group:
                group.start_soon(outcomes_async, stream, readers, results)
                await anyio.to_thread.run_sync(wait)
                await stream.aclose()

    anyio.run(main, backend=kind)
    return results


class TestAStreamThatIsClosedFromElsewhere:
    @pytest.mark.parametrize("way", READERS)
    def test_ends_its_reader_its_connection_and_its_run(
        self, kind: Kind, live: tuple[Api, Live], way: str
    ) -> None:
        api, server = live
        stream = make_client(kind, base_url=api.url).stream("owner/name", {})

        _, error = close_during(kind, stream, ["next", way], lambda count: count == 1)

        assert isinstance(error, StreamInterrupted)
        assert "closed" in str(error)
        assert error.text == "a"
        assert server.left.wait(5)
        assert server.canceled == ["p1"]

    def test_ends_a_reader_that_polls(self, kind: Kind) -> None:
        with serving() as api:
            api.answer = server = Live(lambda _id, _last: (b"", "end"), lambda _id: {"urls": {}})
            stream = make_client(kind, base_url=api.url).predictions.stream(
                "p1", cancel_on_exit=True
            )

            [error] = close_during(kind, stream, ["next"], lambda _: len(api.received) > 2)

        assert isinstance(error, StreamInterrupted)
        assert server.canceled == ["p1"]

    def test_ends_a_reader_that_pauses_before_it_reconnects(self, kind: Kind) -> None:
        with serving() as api:
            api.answer = server = Live(lambda _id, _last: (sse("a", 1, retry=60_000), "end"))
            stream = make_client(kind, base_url=api.url).stream("owner/name", {})

            [error] = close_during(kind, stream, ["text"], lambda _: len(api.received) > 1)

        assert isinstance(error, StreamInterrupted)
        assert server.canceled == ["p1"]

    def test_yields_none_of_the_events_that_had_arrived(
        self, kind: Kind, clock: VirtualClock
    ) -> None:
        scene = Scene(sse("a", 1) + sse("b", 2) + done(), clock=clock)
        stream = scene.client(kind).stream("owner/name", {})

        def close(_: Any) -> object:
            return stream.close() if kind == "sync" else stream.aclose()

        _, _, error = outcomes(
            kind, stream, reader_for(kind, "next"), close, reader_for(kind, "next")
        )

        assert isinstance(error, StreamInterrupted)
        assert error.text == "a"
        assert CANCEL not in scene.seen  # it had ended

    def test_has_one_reader_at_a_time(self, kind: Kind, live: tuple[Api, Live]) -> None:
        api, server = live
        stream = make_client(kind, base_url=api.url).stream("owner/name", {})
        others: list[Any] = []

        def read_twice(count: int) -> bool:
            if count == 1 and stream._reading.is_being_read:  # noqa: SLF001 - only it knows when
                with pytest.raises(StreamError) as caught:
                    next(stream) if kind == "sync" else anext(stream).send(None)
                others.append(caught.value)
            return bool(others)

        _, error = close_during(kind, stream, ["next", "text"], read_twice)

        assert isinstance(error, StreamInterrupted)
        assert "another" in str(others[0])
        assert server.canceled == ["p1"]

    @pytest.mark.parametrize("times", [1, 2])
    def test_before_its_first_read_never_starts(
        self, kind: Kind, clock: VirtualClock, times: int
    ) -> None:
        scene = Scene(clock=clock)
        stream = scene.client(kind).stream("owner/name", {})

        def close(_: Any) -> object:
            return stream.close() if kind == "sync" else stream.aclose()

        *_, error = outcomes(kind, stream, *[close] * times, reader_for(kind, "text"))

        assert isinstance(error, StreamInterrupted)
        assert scene.seen == []

    def test_after_its_end_stays_ended(self, kind: Kind, clock: VirtualClock) -> None:
        scene = Scene(sse("a", 1) + done(), clock=clock)
        stream = scene.client(kind).stream("owner/name", {})

        def close(_: Any) -> object:
            return stream.close() if kind == "sync" else stream.aclose()

        text = reader_for(kind, "text")
        assert outcomes(kind, stream, text, close, text) == ["a", None, ""]
        assert scene.seen == [CREATE, CONNECT]
