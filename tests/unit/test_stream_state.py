"""What a stream has given, and what follows from that: ids, reconnecting, catching up."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
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
    def test_a_connection_names_the_last_id_that_was_given(self) -> None:
        state = begin()
        assert last_id(state) is None

        feed(state, sse("a", "7:0") + sse("b", "7:1") + b"id: 7:2\nevent: output\ndata: cut off")
        assert last_id(state) == "7:1"

    def test_an_id_that_is_not_ascii_goes_back_as_utf8(self) -> None:
        state = begin()
        feed(state, sse("a", "é€"))

        sent = httpx.Request("GET", STREAM_URL, headers=state.headers())

        assert dict(sent.headers.raw)[b"Last-Event-ID"] == "é€".encode()

    def test_what_was_given_on_an_earlier_connection_is_dropped(self) -> None:
        state = begin()
        assert feed(state, sse("a", 1), sse("b", 2)) == ["a", "b"]
        reconnect(state)

        assert feed(state, sse("a", 1) + sse("b", 2), sse("c", 3)) == ["c"]

    def test_an_id_that_comes_twice_on_one_connection_drops_nothing(self) -> None:
        assert feed(begin(), sse("a", 1) + sse("b", 1), sse("c", 1)) == ["a", "b", "c"]

    def test_an_empty_id_is_none(self) -> None:
        state = begin()

        assert feed(state, sse("a", "") + sse("b", "")) == ["a", "b"]
        assert reconnect(state) is None

    def test_the_end_counts_whatever_its_id(self) -> None:
        state = begin()
        feed(state, sse("a", 1))
        reconnect(state)

        assert feed(state, done(1)) == ["{}"]
        assert state.is_done

    def test_an_inherited_id_does_not_make_an_output_one_to_resume_after(self) -> None:
        state = begin()

        assert feed(state, sse("a", 1) + sse("b") + sse("c")) == ["a", "b", "c"]
        assert reconnect(state) is None

    def test_events_after_the_end_are_passed_over(self) -> None:
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

    def test_news_start_the_count_anew_and_what_is_known_does_not(self) -> None:
        state = begin()
        for number in range(20):
            feed(state, sse("x", number))
            assert reconnect(state) == 0.375
        delays: list[float | None] = []
        for _ in range(MAX_RECONNECTS):
            feed(state, sse("x", 3) + b": hi\n\n")
            delays.append(reconnect(state))

        assert delays == [0.75, 1.5, 3.0, 6.0, None]

    def test_a_greeting_without_an_id_is_no_news(self) -> None:
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
    def test_the_server_says_how_long_to_wait(self, chunk: bytes, delay: float) -> None:
        state = begin()
        feed(state, chunk)

        assert reconnect(state) == delay

    def test_what_the_server_said_once_holds_for_later_connections(self) -> None:
        state = begin()
        feed(state, sse("a", 1, retry=7000))
        assert reconnect(state) == 7.0
        assert reconnect(state) == 7.0
        feed(state, sse("b", 2))

        assert reconnect(state) == 7.0

    @pytest.mark.parametrize("status", [200, 204, 301, 401, 403, 404, 410])
    def test_an_answer_that_will_stay_the_same_is_not_asked_for_again(self, status: int) -> None:
        state = begin()
        feed(state, sse("a", 1, retry=10))

        assert reconnect(state, httpx.Response(status, text="<html>")) is None

    @pytest.mark.parametrize("status", [429, 500, 502, 503])
    def test_an_answer_that_may_pass_is(self, status: int) -> None:
        assert reconnect(begin(), httpx.Response(status, text="<html>")) == 0.375

    def test_an_answer_may_say_when_to_come_back(self) -> None:
        answer = httpx.Response(503, headers={"Retry-After": "20"}, text="")

        assert reconnect(begin(), answer) == pytest.approx(21)

    def test_without_ids_it_would_give_the_same_again(self) -> None:
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
    def test_the_output_goes_on_after_the_text_that_was_given(
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
    def test_an_output_that_does_not_continue_the_text_is_an_error_with_both(
        self, status: str
    ) -> None:
        state = begin()
        feed(state, sse("a"), sse("b"))

        with pytest.raises(StreamInterrupted, match="does not continue") as caught:
            state.catch_up(prediction(status, output=["a", "x"]))

        assert caught.value.text == "ab"
        assert caught.value.prediction is not None
        assert caught.value.prediction.output == ["a", "x"]

    def test_the_api_may_be_behind_the_stream_while_the_run_goes_on(self) -> None:
        state = begin()
        feed(state, sse("abc"))

        assert state.catch_up(prediction("processing", output=None)) == []
        assert state.catch_up(prediction("processing", output=["a", "b"])) == []
        with pytest.raises(StreamInterrupted):
            state.catch_up(prediction("succeeded", output=["a", "b"]))

    def test_a_run_that_has_ended_is_done_though_its_output_does_not_match(self) -> None:
        state = begin()
        feed(state, sse("abc"))

        with pytest.raises(StreamInterrupted):
            state.catch_up(prediction("succeeded", output="x"))

        assert state.is_done  # there is nothing to cancel

    @pytest.mark.parametrize("status", ["failed", "canceled", "aborted"])
    @pytest.mark.parametrize("output", [None, [], ["x"], "x", ["a"], [""]])
    def test_a_run_without_success_may_have_lost_its_output(self, status: str, output: Any) -> None:
        state = begin()
        feed(state, sse("a"), sse("b"))

        assert state.catch_up(prediction(status, output=output)) == []
        assert state.is_done
        assert state.text() == "ab"

    @pytest.mark.parametrize("status", ["failed", "canceled", "aborted"])
    def test_a_run_without_success_gives_its_rest_and_no_done(self, status: str) -> None:
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
    def test_an_error_has_the_servers_words_and_is_never_without_any(
        self, data: str, text: str
    ) -> None:
        state = begin()

        assert feed(state, sse(data, event="error")) == []

        assert state.is_done
        assert state.ending is not None
        error = state.ending.error(prediction("processing"))
        assert (type(error), str(error)) == (PredictionFailed, text)
        assert error.prediction.status == "processing"

    @pytest.mark.parametrize(
        ("reason", "kind", "text"),
        [
            ("canceled", PredictionCanceled, "prediction p1 was canceled"),
            ("error", PredictionFailed, "prediction p1 failed"),
        ],
    )
    def test_an_end_without_success_is_given_and_remembered(
        self, reason: str, kind: type[Exception], text: str
    ) -> None:
        state = begin()

        assert len(feed(state, done(1, json.dumps({"reason": reason})))) == 1

        assert state.ending is not None
        error = state.ending.error(prediction())
        assert (type(error), str(error)) == (kind, text)

    @pytest.mark.parametrize(
        "data",
        ["", "{}", "null", "[]", '{"reason": null}', '{"reason": "new"}', "{", "[" * 100_000],
    )
    def test_any_other_end_is_one(self, data: str) -> None:
        state = begin()

        assert feed(state, done(1, data)) == [data]
        assert state.is_done
        assert state.ending is None

    @pytest.mark.parametrize("name", ["logs", "message", "metrics", "Output"])
    def test_events_of_other_names_pass(self, name: str) -> None:
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

    def test_files_streams_give_files(self) -> None:
        assert feed(begin(self.FILES_URL), sse(self.FILE, 1)) == [FileOutput(self.FILE)]
        assert feed(begin(self.FILES_URL), sse("no file", 1)) == ["no file"]
        assert feed(begin(self.FILES_URL, use_file_output=False), sse(self.FILE, 1)) == [self.FILE]

    def test_text_streams_give_text(self) -> None:
        assert feed(begin(), sse(self.FILE, 1)) == [self.FILE]
        assert begin().catch_up(prediction("processing", output=[self.FILE]))[0].data == self.FILE

    def test_files_are_files_where_they_are_caught_up_with(self) -> None:
        for state in (begin(self.FILES_URL), begin(None)):
            events = state.catch_up(prediction("processing", output=[self.FILE]))
            assert events[0].data == FileOutput(self.FILE)

    @pytest.mark.parametrize(
        "url",
        [None, 5, "", [], {}, "not a url", "http://[", "ftp://x/y", "http://x:99999/", "http:///y"],
    )
    def test_a_url_that_is_none_is_no_url(self, url: object) -> None:
        assert begin(url).url is None

    def test_a_run_that_has_ended_needs_no_stream(self) -> None:
        assert begin(status="succeeded").url is None
