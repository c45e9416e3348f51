"""Ends of streams: the end of the run, interruptions, and closing by another thread or task."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import anyio
import httpx
import pytest
from support.clients import Kind, answer, looked, make_client
from support.clock import VirtualClock
from support.sandboxes import until
from support.server import Api, serving
from support.streams import (
    CANCEL,
    CONNECT,
    CREATE,
    KIND,
    LOOK,
    STREAM_URL,
    Body,
    Live,
    Read,
    Scene,
    Step,
    done,
    read,
    sse,
)

from replicate_ext import (
    PredictionAborted,
    PredictionCanceled,
    PredictionError,
    PredictionFailed,
    PredictionTimeout,
    StreamError,
    StreamInterrupted,
)

ERRORS = {
    "failed": PredictionFailed,
    "canceled": PredictionCanceled,
    "aborted": PredictionAborted,
}
ENDINGS = [
    b"event: error\n\n",
    sse("", event="error"),
    sse('{"detail": "stream error"}', event="error"),
    done(data='{"reason": "error"}'),
    done(data='{"reason": "canceled"}'),
]


def play(kind: Kind, scene: Scene, **options: Any) -> Read:
    return read(kind, scene.client(kind).stream("owner/name", {}, **options))


class TestThePollAfterAStreamEnded:
    @pytest.mark.parametrize("status", ERRORS)
    @pytest.mark.parametrize("ending", ENDINGS)
    def test_raises_the_error_of_run_with_the_finished_prediction(
        self, kind: Kind, clock: VirtualClock, ending: bytes, status: str
    ) -> None:
        looks = [looked(status, output=None, error="out of memory", logs="boom")]
        scene = Scene(sse("a", 1) + ending, looks=looks, clock=clock)

        got = play(kind, scene)

        assert got.text == "a"
        assert isinstance(got.error, PredictionError)
        assert type(got.error) is ERRORS[status]
        assert "out of memory" in str(got.error)
        seen = got.error.prediction
        assert (seen.status, seen.error, seen.logs) == (status, "out of memory", "boom")
        assert scene.seen == [CREATE, CONNECT, LOOK]

    @pytest.mark.parametrize("status", ERRORS)
    @pytest.mark.parametrize("url", [STREAM_URL, None])
    def test_raises_the_same_error_if_the_stream_was_cut_and_the_output_is_gone(
        self, kind: Kind, clock: VirtualClock, url: str | None, status: str
    ) -> None:
        looks = [looked("processing", output=["a"]), looked(status, output=None, error="why")]
        scene = Scene(sse("a"), looks=looks, clock=clock, url=url)

        got = play(kind, scene)

        assert got.texts() == ["a"]
        assert type(got.error) is ERRORS[status]
        assert str(got.error).endswith(": why")

    def test_keeps_the_message_of_the_stream_if_the_prediction_has_none(
        self, kind: Kind, clock: VirtualClock
    ) -> None:
        scene = Scene(sse("it broke", event="error"), looks=[looked("failed")], clock=clock)

        assert str(play(kind, scene).error) == "prediction p1 failed: it broke"

    def test_waits_for_an_api_that_shows_the_end_a_moment_later(
        self, kind: Kind, clock: VirtualClock
    ) -> None:
        looks = [looked("processing"), answer(503, {}), looked("failed", error="why")]
        scene = Scene(sse("it broke", event="error"), looks=looks, clock=clock)

        got = play(kind, scene)

        assert isinstance(got.error, PredictionFailed)
        assert got.error.prediction.status == "failed"
        assert clock.elapsed < 5

    @pytest.mark.parametrize(
        "look", [answer(404, {}), answer(500, {}), answer(200, "<html>"), httpx.ReadError("")]
    )
    @pytest.mark.parametrize("ending", ENDINGS)
    def test_that_fails_lets_the_stream_decide_the_error(
        self, kind: Kind, clock: VirtualClock, ending: bytes, look: httpx.Response | Exception
    ) -> None:
        scene = Scene(sse("a", 1) + ending, looks=[look], clock=clock)

        got = play(kind, scene)

        assert isinstance(
            got.error, PredictionCanceled if b"canceled" in ending else PredictionFailed
        )
        assert "stream error" in str(got.error) or "prediction p1" in str(got.error)
        assert clock.elapsed <= 5

    def test_cancels_a_run_that_continues_after_an_error_event(
        self, kind: Kind, clock: VirtualClock
    ) -> None:
        scene = Scene(sse("it broke", event="error"), looks=[looked("processing")], clock=clock)

        got = play(kind, scene)

        assert isinstance(got.error, PredictionFailed)
        assert str(got.error) == "it broke"
        assert got.error.prediction.status == "processing"
        assert scene.seen[-1] == CANCEL

    @pytest.mark.parametrize("ending", ENDINGS)
    def test_yields_the_rest_of_a_run_that_succeeded(
        self, kind: Kind, clock: VirtualClock, ending: bytes
    ) -> None:
        looks = [looked("succeeded", output=["a", "b"])]
        scene = Scene(sse("a", 1) + ending, looks=looks, clock=clock)

        got = play(kind, scene)

        assert (got.texts(), got.names.count("done"), got.error) == (["a", "b"], 1, None)


class Stubborn(Body):
    """A body that cannot be closed properly."""

    def close(self) -> None:
        raise OSError

    async def aclose(self) -> None:
        raise OSError


@pytest.mark.parametrize("cuts", [0, 1])
def test_a_connection_that_fails_to_close_loses_no_event(
    kind: Kind, clock: VirtualClock, cuts: int
) -> None:
    def connection(*steps: Step) -> httpx.Response:
        return httpx.Response(200, headers={"Content-Type": KIND}, stream=Stubborn(steps))

    cut = [connection(sse("a", 1), httpx.ReadError(""))] * cuts
    scene = Scene(*cut, connection(sse("a", 1) + done()), clock=clock)

    got = play(kind, scene)

    assert (got.names, got.text, got.error) == (["output", "done"], "a", None)


Reader = Callable[[Any], Any]


async def _text_async(stream: Any) -> str:
    return str(await stream.text())


READERS: dict[str, tuple[Reader, Reader]] = {
    "next": (next, anext),
    "texts": (lambda stream: next(stream.texts()), lambda stream: anext(stream.texts())),
    "text": (lambda stream: stream.text(), _text_async),
}


def outcomes(kind: Kind, stream: Any, *readers: Reader, into: list[Any] | None = None) -> list[Any]:
    """Read in several ways, one after the other, and return what each returned or raised."""
    results = [] if into is None else into
    if kind == "sync":
        for reader in readers:
            try:
                results.append(reader(stream))
            except BaseException as error:  # noqa: BLE001 - tests check any error
                results.append(error)
    else:
        anyio.run(outcomes_async, stream, readers, results, backend=kind)
    return results


async def outcomes_async(stream: Any, readers: Sequence[Reader], results: list[Any]) -> None:
    """Read in several ways, one after the other, in one event loop."""
    for reader in readers:
        try:
            results.append(await reader(stream))
        except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - tests check any error
            results.append(error)


def reader_for(kind: Kind, way: str) -> Reader:
    return READERS[way][kind != "sync"]


class TestAnInterruptedRead:
    @pytest.mark.parametrize("way", READERS)
    @pytest.mark.parametrize("interruption", [KeyboardInterrupt(), ZeroDivisionError()])
    def test_makes_later_reads_raise_instead_of_ending(
        self, kind: Kind, clock: VirtualClock, interruption: BaseException, way: str
    ) -> None:
        scene = Scene([sse("a", 1), interruption], clock=clock)
        stream = scene.client(kind).stream("owner/name", {})
        following = reader_for(kind, way)

        first, *later = outcomes(
            kind, stream, reader_for(kind, "text"), following, following, reader_for(kind, "text")
        )

        assert first is interruption
        for error in later:
            assert isinstance(error, StreamInterrupted)
            assert type(interruption).__name__ in str(error)
            assert error.text == "a"
            assert error.prediction is not None
            assert error.prediction.id == "p1"
        assert scene.bodies[0].is_closed
        assert scene.seen == [CREATE, CONNECT, CANCEL]

    @pytest.mark.parametrize("backend", ["asyncio", "trio"])
    @pytest.mark.parametrize("way", READERS)
    def test_by_cancellation_cancels_the_run_and_closes_the_connection(
        self, live: tuple[Api, Live], backend: Kind, way: str
    ) -> None:
        api, server = live
        client = make_client(backend, base_url=api.url)

        async def main() -> object:
            stream = client.stream("owner/name", {})
            await anext(stream)
            with anyio.move_on_after(0.05) as scope:
                await READERS[way][1](stream)
            assert scope.cancelled_caught
            with pytest.raises(StreamInterrupted) as caught:
                await READERS[way][1](stream)
            return caught.value.text

        assert anyio.run(main, backend=backend) == "a"
        assert server.left.wait(5)
        assert server.canceled == ["p1"]

    def test_by_the_deadline_makes_later_reads_raise_the_same_error(
        self, kind: Kind, clock: VirtualClock
    ) -> None:
        wait: list[Step] = [sse("a", 1), lambda: clock.sleep(20), b": still there\n\n", sse("b", 2)]
        stream = Scene(wait, clock=clock).client(kind).stream("owner/name", {}, timeout=10)

        errors = outcomes(kind, stream, *[reader_for(kind, "text")] * 2)

        assert [type(error) for error in errors] == [PredictionTimeout] * 2


@pytest.fixture
def live() -> Iterator[tuple[Api, Live]]:
    """A server whose streams give one event, and then nothing until the client leaves."""
    with serving() as api:
        api.answer = live = Live(lambda _id, _last: (sse("a", 1), "stay"))
        yield api, live


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


class TestPollsDuringAStream:
    """Polls of a stream follow the same rules as those of ``wait``."""

    @pytest.mark.parametrize("is_existing", [True, False])
    @pytest.mark.parametrize("url", [STREAM_URL, None])
    @pytest.mark.parametrize("failure", [answer(503, {}), answer(429, {}), httpx.ConnectError("")])
    def test_survive_an_outage_of_minutes(
        self,
        kind: Kind,
        clock: VirtualClock,
        failure: httpx.Response | Exception,
        url: str | None,
        *,
        is_existing: bool,
    ) -> None:
        def look() -> httpx.Response | Exception:
            is_out = clock.elapsed < 250
            return failure if is_out else looked("succeeded", output=["a", "b"])

        scene = Scene(sse("a"), looks=[look], clock=clock, url=url)
        client = scene.client(kind)

        got = read(kind, client.predictions.stream("p1") if is_existing else client.stream("o/n"))

        assert (got.text, got.error) == ("ab", None)
        assert CANCEL not in scene.seen

    @pytest.mark.parametrize("is_existing", [True, False])
    @pytest.mark.parametrize("url", [STREAM_URL, None])
    def test_that_time_out_raise_the_deadline_error_of_the_stream(
        self, kind: Kind, clock: VirtualClock, url: str | None, *, is_existing: bool
    ) -> None:
        def look() -> httpx.Response | Exception:
            clock.sleep(20)
            return httpx.ReadTimeout("")

        scene = Scene(sse("a"), looks=[look], clock=clock, url=url)
        client = scene.client(kind)

        got = read(
            kind,
            client.predictions.stream("p1", timeout=10)
            if is_existing
            else client.stream("o/n", timeout=10),
        )

        assert isinstance(got.error, PredictionTimeout)
        assert got.error.prediction.id == "p1"

    def test_have_no_deadline_if_the_timeout_is_infinite(
        self, kind: Kind, live: tuple[Api, Live]
    ) -> None:
        api, server = live
        server_says = [(sse("a", 1) + done(), "end")]
        api.answer = Live(lambda _id, _last: server_says.pop(0))
        stream = make_client(kind, base_url=api.url).stream("owner/name", {}, timeout=math.inf)

        got = read(kind, stream)

        assert (got.text, got.error, server.canceled) == ("a", None, [])
