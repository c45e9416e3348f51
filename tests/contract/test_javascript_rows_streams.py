"""The JavaScript client's tests of event streams, its rows 70 to 80, for every kind of client.

Where it ends silently (76) or gives up at once (78), guarantee 12 asks for more: those
rows go on where they were.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import anyio
import pytest
from support.clients import Kind, answer, looked
from support.clock import VirtualClock
from support.streams import STREAM_URL, Connection, Read, Scene, all_texts, done, read, sse

from replicate_ext import FileOutput, PredictionFailed, ServerSentEvent, StreamInterrupted

FILES_URL = "https://stream.test/v1/files/abcd-efgh"
PIXEL = "data:image/png;base64,iVBORw0KGgo="
FILE = "https://delivery.replicate.com/my_file.png"

HELLO = sse("hello world", "EVENT_1")
END = done("EVENT_2")
LINES = (
    b"event: output\nid: EVENT_1\ndata: hello,\ndata: this is a new line,\ndata: and this\n\n" + END
)


def play(kind: Kind, clock: VirtualClock, *connections: Connection, **scene: Any) -> Read:
    return read(kind, Scene(*connections, clock=clock, **scene).client(kind).stream("owner/name"))


def output(text: Any, number: int) -> ServerSentEvent:
    return ServerSentEvent("output", text, f"EVENT_{number}", None)


def ended(number: int) -> ServerSentEvent:
    return ServerSentEvent("done", "{}", f"EVENT_{number}", None)


def test_row_70_a_stream_is_consumed_and_stays_ended(kind: Kind, clock: VirtualClock) -> None:
    stream = Scene(HELLO + END, clock=clock).client(kind).stream("owner/name")

    if kind == "sync":
        assert list(stream) == [output("hello world", 1), ended(2)]
        assert list(stream) == []
        return

    async def twice() -> list[list[ServerSentEvent]]:
        return [[event async for event in stream] for _ in range(2)]

    assert anyio.run(twice, backend=kind) == [[output("hello world", 1), ended(2)], []]


def test_row_71_several_events_come_in_order(kind: Kind, clock: VirtualClock) -> None:
    got = play(kind, clock, sse("hello", "EVENT_1") + sse(" world", "EVENT_2") + done("EVENT_3"))

    assert got == ([output("hello", 1), output(" world", 2), ended(3)], None)


def test_row_72_comments_are_ignored(kind: Kind, clock: VirtualClock) -> None:
    assert play(kind, clock, b": hi\n\n" + HELLO + END) == (
        [output("hello world", 1), ended(2)],
        None,
    )


def lines_at(*places: int) -> list[bytes]:
    """The stream of several lines, cut at places."""
    borders = [0, *places, len(LINES)]
    return [LINES[start:end] for start, end in pairwise(borders)]


@pytest.mark.parametrize(
    "chunks",
    [
        pytest.param([LINES], id="row 73: lines"),
        pytest.param(LINES.splitlines(keepends=True), id="row 74: chunks of lines"),
        pytest.param(lines_at(2, 9, 23, 30, 41, 67, 90, 97, 104), id="row 75: a complete mess"),
        pytest.param([LINES[i : i + 1] for i in range(len(LINES))], id="row 75: single bytes"),
    ],
)
def test_rows_73_to_75_lines_of_data_are_joined_however_they_come(
    kind: Kind, clock: VirtualClock, chunks: list[bytes]
) -> None:
    text = "hello,\nthis is a new line,\nand this"

    assert play(kind, clock, chunks) == ([output(text, 1), ended(2)], None)


def test_row_76_a_stream_that_ends_without_a_done_is_resumed(
    kind: Kind, clock: VirtualClock
) -> None:
    scene = Scene(HELLO, sse(" again", "EVENT_2") + done("EVENT_3"), clock=clock)

    got = read(kind, scene.client(kind).stream("owner/name"))

    assert got == ([output("hello world", 1), output(" again", 2), ended(3)], None)
    assert scene.last_ids == [None, "EVENT_1"]


def test_row_76_the_error_of_a_stream_that_cannot_resume_has_the_text_so_far(
    kind: Kind, clock: VirtualClock
) -> None:
    got = play(kind, clock, sse("hello world"), looks=[looked("succeeded", output=["other"])])

    assert got.texts() == ["hello world"]
    assert isinstance(got.error, StreamInterrupted)
    assert got.error.text == "hello world"


@pytest.mark.parametrize(
    "data", ["An unexpected error occurred", '{"detail": "An unexpected error occurred"}']
)
def test_row_77_an_error_event_raises_and_ends(kind: Kind, clock: VirtualClock, data: str) -> None:
    scene = Scene(HELLO + sse(data, "EVENT_2", "error") + done("EVENT_3"), clock=clock)
    stream = scene.client(kind).stream("owner/name")

    got = read(kind, stream)

    assert got.events == [output("hello world", 1)]
    assert isinstance(got.error, PredictionFailed)
    assert str(got.error) == "An unexpected error occurred"
    assert all_texts(kind, stream) == []


def test_row_78_a_failing_stream_url_is_retried(kind: Kind, clock: VirtualClock) -> None:
    got = play(kind, clock, answer(500, {}), answer(503, {}), HELLO + END)

    assert got == ([output("hello world", 1), ended(2)], None)


def test_row_78_a_stream_url_that_keeps_failing_is_not_needed(
    kind: Kind, clock: VirtualClock
) -> None:
    looks = [looked("succeeded", output=["hello", " world"])]

    got = play(kind, clock, *[answer(500, {})] * 6, looks=looks)

    assert (got.texts(), got.names[-1], got.error) == (["hello", " world"], "done", None)


@pytest.mark.parametrize("use_file_output", [True, False])
def test_rows_79_and_80_file_streams_yield_files_or_strings(
    kind: Kind, clock: VirtualClock, *, use_file_output: bool
) -> None:
    stream = sse(PIXEL, "EVENT_1") + sse(FILE, "EVENT_2") + done("EVENT_3")
    client = Scene(stream, clock=clock, url=FILES_URL).client(kind)

    got = read(kind, client.stream("owner/name", use_file_output=use_file_output))

    make = FileOutput if use_file_output else str
    assert got.error is None
    assert got.events == [output(make(PIXEL), 1), output(make(FILE), 2), ended(3)]
    assert [type(event.data) for event in got.events] == [make, make, str]
    assert got.texts() == [PIXEL, FILE]


def test_row_79_text_streams_yield_strings(kind: Kind, clock: VirtualClock) -> None:
    got = play(kind, clock, sse(FILE, "EVENT_1") + END, url=STREAM_URL)

    assert got.events == [output(FILE, 1), ended(2)]
    assert type(got.events[0].data) is str
