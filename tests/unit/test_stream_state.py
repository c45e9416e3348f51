"""State of a stream: ids, reconnecting, catching up by polling."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from replicate_api.models import Prediction
from support.clients import make_client, prediction
from support.clock import VirtualClock
from support.streams import STREAM_URL, done, sse

from replicate_ext import (
    FileOutput,
    PredictionCanceled,
    PredictionFailed,
    StreamInterrupted,
)
from replicate_ext._streams.state import MAX_RECONNECTS, StreamState

BROKEN = httpx.ReadError("broken")


def begin(
    url: Any = STREAM_URL,
    *,
    use_file_output: bool = True,
    max_event_size: int = 1 << 20,
    **fields: Any,
) -> StreamState:
    """The state of a stream whose first connection is about to be made."""
    client = make_client("sync", clock=VirtualClock().clock)
    state = StreamState(
        client._settings,  # noqa: SLF001 - the client has no other use for it
        prediction(**{"urls": {"stream": url}, **fields}),
        use_file_output=use_file_output,
        max_event_size=max_event_size,
    )
    state.headers()
    return state


def feed(state: StreamState, *chunks: bytes) -> list[str]:
    """The data of the events that chunks bring."""
    return [event.data for chunk in chunks for event in state.feed(chunk)]


def reconnect(state: StreamState, outcome: Any = None) -> float | None:
    """Break off, and begin the next connection."""
    delay = state.reconnect(outcome)
    state.headers()
    return delay


def last_id(state: StreamState) -> str | None:
    value = httpx.Headers(state.headers()).get("Last-Event-ID")
    return None if value is None else str(value)


class TestIds:
    def test_a_connection_sends_the_latest_id(self) -> None:
        state = begin()
        assert last_id(state) is None

        feed(state, sse("a", "7:0") + sse("b", "7:1") + b"id: 7:2\nevent: output\ndata: cut off")
        assert last_id(state) == "7:1"

    def test_an_id_that_is_not_ascii_is_sent_as_utf8(self) -> None:
        state = begin()
        feed(state, sse("a", "é€"))

        sent = httpx.Request("GET", STREAM_URL, headers=state.headers())

        assert dict(sent.headers.raw)[b"Last-Event-ID"] == "é€".encode()

    def test_events_of_an_earlier_connection_are_dropped(self) -> None:
        state = begin()
        assert feed(state, sse("a", 1), sse("b", 2)) == ["a", "b"]
        reconnect(state)

        assert feed(state, sse("a", 1) + sse("b", 2), sse("c", 3)) == ["c"]

    def test_an_id_that_repeats_on_one_connection_drops_nothing(self) -> None:
        assert feed(begin(), sse("a", 1) + sse("b", 1), sse("c", 1)) == ["a", "b", "c"]

    def test_an_empty_id_counts_as_no_id(self) -> None:
        state = begin()

        assert feed(state, sse("a", "") + sse("b", "")) == ["a", "b"]
        assert reconnect(state) is None

    def test_the_end_counts_whatever_its_id(self) -> None:
        state = begin()
        feed(state, sse("a", 1))
        reconnect(state)

        assert feed(state, done(1)) == ["{}"]
        assert state.is_done

    def test_an_output_that_inherits_its_id_prevents_resuming(self) -> None:
        state = begin()

        assert feed(state, sse("a", 1) + sse("b") + sse("c")) == ["a", "b", "c"]
        assert reconnect(state) is None

    def test_events_after_the_end_are_ignored(self) -> None:
        state = begin()

        assert feed(state, done() + sse("late", 5)) == ["{}"]


class TestReconnecting:
    @pytest.mark.parametrize(
        "outcome", [None, BROKEN, httpx.ReadTimeout(""), httpx.ConnectError("")]
    )
    def test_it_takes_longer_each_time_and_ends(self, outcome: Any) -> None:
        state = begin()

        delays = [reconnect(state, outcome) for _ in range(MAX_RECONNECTS + 2)]

        assert delays == [0.375, 0.75, 1.5, 3.0, 6.0, None, None]

    def test_only_new_events_reset_the_count(self) -> None:
        state = begin()
        for number in range(20):
            feed(state, sse("x", number))
            assert reconnect(state) == 0.375
        delays: list[float | None] = []
        for _ in range(MAX_RECONNECTS):
            feed(state, sse("x", 3) + b": hi\n\n")
            delays.append(reconnect(state))

        assert delays == [0.75, 1.5, 3.0, 6.0, None]

    def test_a_greeting_without_an_id_does_not_reset_the_count(self) -> None:
        state = begin()
        delays: list[float | None] = []
        while len(delays) < 20 and None not in delays:
            feed(state, sse("welcome", event="hello"))
            delays.append(reconnect(state))

        assert len(delays) == MAX_RECONNECTS + 1

    @pytest.mark.parametrize(
        ("chunk", "delay"),
        [
            (sse("a", 1, retry=7000), 7.0),
            (sse("a", 1, retry=0), 0.0),
            (sse("a", 1, retry=10**7), 60.0),
            (sse("a", 1, retry="9" * 400), 60.0),
            (b"retry: 7000\n\n", 7.0),
            (sse("a", 1) + b"retry: 7000\n\n", 7.0),
            (sse("a", 1, retry="soon"), 0.375),
        ],
    )
    def test_the_retry_field_sets_the_delay(self, chunk: bytes, delay: float) -> None:
        state = begin()
        feed(state, chunk)

        assert reconnect(state) == delay

    def test_the_retry_field_holds_for_later_connections(self) -> None:
        state = begin()
        feed(state, sse("a", 1, retry=7000))
        assert reconnect(state) == 7.0
        assert reconnect(state) == 7.0
        feed(state, sse("b", 2))

        assert reconnect(state) == 7.0

    @pytest.mark.parametrize("status", [200, 204, 301, 401, 403, 404, 410])
    def test_a_lasting_error_is_not_retried(self, status: int) -> None:
        state = begin()
        feed(state, sse("a", 1, retry=10))

        assert reconnect(state, httpx.Response(status, text="<html>")) is None

    @pytest.mark.parametrize("status", [429, 500, 502, 503])
    def test_a_transient_error_is_retried(self, status: int) -> None:
        assert reconnect(begin(), httpx.Response(status, text="<html>")) == 0.375

    def test_retry_after_sets_the_delay(self) -> None:
        answer = httpx.Response(503, headers={"Retry-After": "20"}, text="")

        assert reconnect(begin(), answer) == pytest.approx(21)

    def test_without_ids_there_is_no_reconnect(self) -> None:
        state = begin()
        assert reconnect(state) == 0.375  # nothing was given yet
        feed(state, sse("a"))

        assert reconnect(state) is None


class TestCatchingUp:
    @pytest.mark.parametrize("status", ["processing", "succeeded"])
    @pytest.mark.parametrize(
        ("given", "output", "new"),
        [
            (["a"], ["a", "b", "c"], ["b", "c"]),
            (["", "a"], ["a", "b"], ["b"]),
            (["ab"], ["a", "bc", "d"], ["c", "d"]),
            (["a", "b"], ["ab", "c"], ["c"]),
            (["ab"], "abcd", ["cd"]),
            ([], "abcd", ["abcd"]),
            ([], ["a", "b"], ["a", "b"]),
            (["a"], ["a"], []),
            ([], None, []),
            ([], [], []),
            ([], 5, ["5"]),
            ([], {"a": [1]}, ['{"a": [1]}']),
            ([], [1, None, True], ["1", "null", "true"]),
            (["1", "null"], [1, None, True], ["true"]),
            ([], 0, ["0"]),
            ([], False, ["false"]),
            # A stream has no carriage returns; an output may.
            (["a\nb"], ["a\r\nb", "\rc"], ["\nc"]),
            (["a\nb\n"], "a\rb\r\nc", ["c"]),
        ],
    )
    def test_the_output_continues_after_the_text_so_far(
        self, given: list[str], output: Any, new: list[str], status: str
    ) -> None:
        state = begin()
        feed(state, *map(sse, given))

        events = state.catch_up(prediction(status, output=output))

        end = ["{}"] if status == "succeeded" else []
        assert [event.data for event in events] == new + end
        assert state.is_done == (status == "succeeded")
        assert state.catch_up(prediction("processing", output=output)) == []

    @pytest.mark.parametrize("status", ["processing", "succeeded"])
    def test_an_output_that_does_not_continue_the_text_raises_with_both(self, status: str) -> None:
        state = begin()
        feed(state, sse("a"), sse("b"))

        with pytest.raises(StreamInterrupted, match="does not continue") as caught:
            state.catch_up(prediction(status, output=["a", "x"]))

        assert caught.value.text == "ab"
        assert caught.value.prediction is not None
        assert caught.value.prediction.output == ["a", "x"]

    def test_the_api_may_show_less_than_the_stream_while_the_run_continues(self) -> None:
        state = begin()
        feed(state, sse("abc"))

        assert state.catch_up(prediction("processing", output=None)) == []
        assert state.catch_up(prediction("processing", output=["a", "b"])) == []
        with pytest.raises(StreamInterrupted):
            state.catch_up(prediction("succeeded", output=["a", "b"]))

    def test_a_run_that_has_ended_is_done_even_if_its_output_does_not_match(self) -> None:
        state = begin()
        feed(state, sse("abc"))

        with pytest.raises(StreamInterrupted):
            state.catch_up(prediction("succeeded", output="x"))

        assert state.is_done  # there is nothing to cancel

    @pytest.mark.parametrize("status", ["failed", "canceled", "aborted"])
    @pytest.mark.parametrize("output", [None, [], ["x"], "x", ["a"], [""]])
    def test_a_failed_run_may_have_lost_its_output(self, status: str, output: Any) -> None:
        state = begin()
        feed(state, sse("a"), sse("b"))

        assert state.catch_up(prediction(status, output=output)) == []
        assert state.is_done
        assert state.text() == "ab"

    @pytest.mark.parametrize("status", ["failed", "canceled", "aborted"])
    def test_a_failed_run_yields_its_rest_and_no_done_event(self, status: str) -> None:
        state = begin()
        feed(state, sse("a"))

        events = state.catch_up(prediction(status, output=["a", "b"]))

        assert [(event.event, event.data) for event in events] == [("output", "b")]
        assert state.is_done


class TestEnds:
    @pytest.mark.parametrize(
        ("data", "text"),
        [
            ('{"detail": "Something went wrong"}', "Something went wrong"),
            ("An unexpected error occurred", "An unexpected error occurred"),
            ('{"title": "x"}', '{"title": "x"}'),
            ('{"detail": 5}', '{"detail": 5}'),
            ('["detail"]', '["detail"]'),
            ("", "prediction p1 failed"),
            (" \n ", "prediction p1 failed"),
            ('{"detail": ""}', "prediction p1 failed"),
            ("[" * 100_000, "[" * 100_000),
        ],
    )
    def test_an_error_has_the_message_of_the_server_or_a_default(
        self, data: str, text: str
    ) -> None:
        state = begin()

        assert feed(state, sse(data, event="error")) == []

        assert state.is_done
        assert state.ending is not None
        error = state.ending.error(Prediction.from_dict(prediction("processing")))
        assert (type(error), str(error)) == (PredictionFailed, text)
        assert error.prediction.status == "processing"

    @pytest.mark.parametrize(
        ("reason", "kind", "text"),
        [
            ("canceled", PredictionCanceled, "prediction p1 was canceled"),
            ("error", PredictionFailed, "prediction p1 failed"),
        ],
    )
    def test_a_done_event_without_success_is_yielded_and_remembered(
        self, reason: str, kind: type[Exception], text: str
    ) -> None:
        state = begin()

        assert len(feed(state, done(1, json.dumps({"reason": reason})))) == 1

        assert state.ending is not None
        error = state.ending.error(Prediction.from_dict(prediction()))
        assert (type(error), str(error)) == (kind, text)

    @pytest.mark.parametrize(
        "data",
        ["", "{}", "null", "[]", '{"reason": null}', '{"reason": "new"}', "{", "[" * 100_000],
    )
    def test_any_other_done_event_is_a_success(self, data: str) -> None:
        state = begin()

        assert feed(state, done(1, data)) == [data]
        assert state.is_done
        assert state.ending is None

    @pytest.mark.parametrize("name", ["logs", "message", "metrics", "Output"])
    def test_events_of_other_types_are_yielded(self, name: str) -> None:
        state = begin()

        assert feed(state, sse("x", 1, name)) == ["x"]
        assert feed(state, sse(json.dumps({"reason": "canceled"}), 2, name)) != []
        assert not state.is_done
        assert state.catch_up(prediction("processing", output=["a"]))[0].data == "a"

    @pytest.mark.parametrize("size", [10, 1000])
    def test_an_event_larger_than_allowed_is_an_error(self, size: int) -> None:
        state = begin(max_event_size=400)
        stream = sse("a", 1) + sse("x" * 5000, 2)
        chunks = (stream[start : start + size] for start in range(0, len(stream), size))

        given: list[str] = []
        while state.error is None:
            given += feed(state, next(chunks))

        assert given == ["a"]
        assert "400 bytes" in str(state.error)


class TestFiles:
    FILE = "https://delivery.test/a.png"
    FILES_URL = "https://stream.test/v1/files/abcd-xyz"

    def test_file_streams_yield_files(self) -> None:
        assert feed(begin(self.FILES_URL), sse(self.FILE, 1)) == [FileOutput(self.FILE)]
        assert feed(begin(self.FILES_URL), sse("no file", 1)) == ["no file"]
        assert feed(begin(self.FILES_URL, use_file_output=False), sse(self.FILE, 1)) == [self.FILE]

    def test_text_streams_yield_text(self) -> None:
        assert feed(begin(), sse(self.FILE, 1)) == [self.FILE]
        assert begin().catch_up(prediction("processing", output=[self.FILE]))[0].data == self.FILE

    def test_polled_outputs_become_files(self) -> None:
        for state in (begin(self.FILES_URL), begin(None)):
            events = state.catch_up(prediction("processing", output=[self.FILE]))
            assert events[0].data == FileOutput(self.FILE)

    @pytest.mark.parametrize(
        "url",
        [None, 5, "", [], {}, "not a url", "http://[", "ftp://x/y", "http://x:99999/", "http:///y"],
    )
    def test_an_invalid_url_is_ignored(self, url: object) -> None:
        assert begin(url).url is None

    def test_a_run_that_has_ended_needs_no_stream(self) -> None:
        assert begin(status="succeeded").url is None
