"""Ends of streams: the end of the run, interruptions, and closing by another thread or task."""

from __future__ import annotations

import math
from typing import Any

import anyio
import httpx
import pytest
from support.clients import Kind, answer, looked, make_client
from support.clock import VirtualClock
from support.readers import READERS, outcomes, reader_for
from support.server import Api
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
