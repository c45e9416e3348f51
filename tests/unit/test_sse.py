"""The decoder of event streams against the standard, a reference, httpx-sse, and large input."""

from __future__ import annotations

import random
import tracemalloc
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import httpx
import pytest
from httpx_sse import EventSource
from support.places import DATA, cases
from support.streams import KIND, Body, random_chunks

from replicate_ext import ServerSentEvent, StreamError
from replicate_ext._streams.sse import Decoder

Event: TypeAlias = tuple[str, str, str, int | None]

TIDE = ("output", "The tide", "1700000000:0", None)


def decoded(stream: bytes, size: int | None = None) -> list[Event]:
    """The events of a stream that comes in chunks of a size, else as a whole."""
    size = size or max(len(stream), 1)
    decoder = Decoder()
    chunks = (stream[start : start + size] for start in range(0, len(stream), size))
    return [tuple(event) for chunk in chunks for event in decoder.feed(chunk)]


@pytest.mark.parametrize("size", [None, 1, 2, 3, 7])
@pytest.mark.parametrize(
    ("name", "events"),
    [
        (
            "success.sse",
            [
                TIDE,
                ("output", " turns.", "1700000000:1", None),
                ("done", "{}", "1700000001:0", None),
            ],
        ),
        ("canceled.sse", [TIDE, ("done", '{"reason": "canceled"}', "1700000000:0", None)]),
        (
            "failed.sse",
            [
                TIDE,
                ("error", '{"detail": "Out of memory"}', "1700000000:0", None),
                ("done", '{"reason": "error"}', "1700000000:0", None),
            ],
        ),
        ("request-timeout.sse", []),
        ("cut.sse", [("output", "ebb", "1", None)]),
        # A `done` without data, which the standard ignores, ends streams of the API.
        ("resumed.sse", [("output", "flow", "2", None), ("done", "", "3", None)]),
        (
            "plain-error.sse",
            [("output", "The tide", "A1", None), ("error", "Something broke", "A2", None)],
        ),
        (
            "files.sse",
            [
                ("output", "data:text/plain;base64,YSB0aWRl", "A1", None),
                ("output", "https://replicate.delivery/made-up/tide.png", "A2", None),
                ("done", "{}", "A3", None),
            ],
        ),
        (
            "logs-and-lines.sse",
            [
                ("logs", "loading", "1:0", None),
                ("output", "one\n\nthree", "1:1", None),
                ("done", "{}", "1:2", 250),
            ],
        ),
    ],
)
def test_streams_of_the_api_decode_as_described(
    name: str, events: list[Event], size: int | None
) -> None:
    assert decoded((DATA / "streams" / name).read_bytes(), size) == events


@pytest.mark.parametrize("size", [None, 1, 2, 3, 7])
@pytest.mark.parametrize("path", cases("streams/*.sse"))
def test_streams_of_the_api_decode_as_in_the_reference(path: Path, size: int | None) -> None:
    stream = path.read_bytes()

    assert decoded(stream, size) == list(reference(stream))


M = "message"


@pytest.mark.parametrize("size", [None, 1, 2, 3, 5])
@pytest.mark.parametrize(
    ("stream", "events"),
    [
        ("data: a\n\n", [(M, "a", "", None)]),
        ("data: a\n", []),  # an event that no blank line ends is dropped
        ("data: a", []),
        ("\ufeffdata: a\n\n", [(M, "a", "", None)]),
        ("\ufeff\ufeffdata: a\n\n", []),  # one mark is stripped, a second is part of a name
        ("\n\ufeffdata: a\n\n", []),
        ("data: a\n\n\ufeffdata: b\n\n", [(M, "a", "", None)]),
        ("data: \ufeff\n\n", [(M, "\ufeff", "", None)]),
        ("data: a\r\n\r\ndata: b\r\rdata: c\n\n", [(M, x, "", None) for x in "abc"]),
        ("data: a\r\n\rdata: b\r\n\ndata: c\n\r\n", [(M, x, "", None) for x in "abc"]),
        ("data: a\n\r\n\r\r\n\n\n", [(M, "a", "", None)]),
        ("data: a\rdata: b\ndata: c\r\n\r\n", [(M, "a\nb\nc", "", None)]),
        ("data: é€😀\n\n", [(M, "é€😀", "", None)]),
        ("event: é\nid: €\ndata: 😀\n\n", [("é", "😀", "€", None)]),
        # What other line splitters take for line ends is data.
        *(
            (f"data: a{end}b\nid: {end}\n\n", [(M, f"a{end}b", end, None)])
            for end in "\u2028\u2029\x85\x0b\x0c\x1c\x1d\x1e"
        ),
        (": hi\n\n:\n\n:data: x\ndata: a\n:\n\n", [(M, "a", "", None)]),
        ("data: :\ndata: \ndata: Why\n\n", [(M, ":\n\nWhy", "", None)]),
        ("data:  did\n\ndata:x\n\ndata:\tx\n\n", [(M, x, "", None) for x in (" did", "x", "\tx")]),
        ("data: a: b\n\n", [(M, "a: b", "", None)]),
        # The standard's own examples.
        ("data\n\ndata\ndata\n\ndata:", [(M, "", "", None), (M, "\n", "", None)]),
        ("data:test\n\ndata: test\n\n", [(M, "test", "", None)] * 2),
        (
            ": test\n\ndata: first\nid: 1\n\ndata:second\nid\n\ndata:  third\n\n",
            [(M, "first", "1", None), (M, "second", "", None), (M, " third", "", None)],
        ),
        ("data: \n\n", [(M, "", "", None)]),
        ("event: x\n\ndata: a\n\n", [(M, "a", "", None)]),  # no data: no event, and its name goes
        ("event: x\nid: 1\n\ndata: a\n\n", [(M, "a", "1", None)]),  # but its id stays
        ("id: 1\ndata: a\n\ndata: b\n\n", [(M, "a", "1", None), (M, "b", "1", None)]),
        ("id: 1\ndata: a\n\nid:\ndata: b\n\n", [(M, "a", "1", None), (M, "b", "", None)]),
        ("id: 1\ndata: a\n\nid: 2\0\ndata: b\n\n", [(M, "a", "1", None), (M, "b", "1", None)]),
        ("event: x\nid: a\0b\ndata: c\n\n", [("x", "c", "", None)]),
        ("id: 1\nid: 2\ndata: a\n\n", [(M, "a", "2", None)]),
        ("event: x\nevent: y\ndata: a\n\n", [("y", "a", "", None)]),
        ("event: x\nevent:\ndata: a\n\n", [(M, "a", "", None)]),
        ("retry: 10\ndata: a\n\ndata: b\n\n", [(M, "a", "", 10), (M, "b", "", None)]),
        ("retry: 007\ndata: a\n\n", [(M, "a", "", 7)]),
        *(
            (f"retry: {no_digits}\ndata: a\n\n", [(M, "a", "", None)])
            for no_digits in ("", "-1", "+1", "1.5", "1_0", " 1", "1 ", "\u0661", "\u00b2", "1s")
        ),
        ("foo: x\ndata\u00a0: x\n data: x\nDATA: x\ndata : x\ndata: a\n\n", [(M, "a", "", None)]),
        ("event: done\n\n", [("done", "", "", None)]),
        ("event: error\nid: 3\n\n", [("error", "", "3", None)]),
        ("event: output\n\nevent: Done\n\n", []),
    ],
)
def test_the_rules_of_the_standard_hold_however_the_bytes_are_cut(
    stream: str, events: list[Event], size: int | None
) -> None:
    assert decoded(stream.encode(), size) == events


@pytest.mark.parametrize("size", [None, 1])
@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"\xff", "\ufffd"),
        (b"\xe2\x82", "\ufffd"),
        (b"\xf0\x9f\x98", "\ufffd"),
        (b"\xc0\xaf", "\ufffd\ufffd"),
        (b"\xed\xa0\x80", "\ufffd" * 3),
    ],
)
def test_invalid_utf8_is_replaced_as_in_the_encoding_standard(
    raw: bytes, text: str, size: int | None
) -> None:
    stream = b"event: output\nid: 1\ndata: %b\n\ndata: %bx\n\n" % (raw, raw)

    assert [event[1] for event in decoded(stream, size)] == [text, text + "x"]


@pytest.mark.parametrize("digits", [400, 5000])
def test_a_huge_retry_field_is_no_error(digits: int) -> None:
    assert decoded(b"retry: " + b"9" * digits + b"\ndata: a\n\n")[0][1] == "a"


def test_only_output_events_have_text() -> None:
    named = ("output", "done", "logs")
    assert [str(ServerSentEvent(name, "a", "", None)) for name in named] == ["a", "", ""]


def reference(stream: bytes, *, like_httpx_sse: bool = False) -> Iterator[Event]:
    """Decode character by character, as the standard words it.

    With ``like_httpx_sse`` in the three points where httpx-sse 0.4.3 differs from it: it keeps a
    byte order mark, which decoding strips; it gives events without data once there was an id, a
    name or a retry, which the first step of dispatching forbids; and it reads ``retry`` as ``int``
    does, where only ASCII digits count.
    """
    text = stream.decode("utf-8", "replace")
    data, fields = "", {"event": "", "id": "", "retry": ""}
    for line in lines_of(text if like_httpx_sse else text.removeprefix("\ufeff")):
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if line == "":
            retry = int(fields["retry"]) if fields["retry"] else None
            name, last_id = fields["event"], fields["id"]
            counts = data or name in ("done", "error")
            if counts or (like_httpx_sse and (name or last_id or retry is not None)):
                yield name or "message", data.removesuffix("\n"), last_id, retry
            data, fields = "", {"event": "", "id": last_id, "retry": ""}
        elif field == "data":
            data += value + "\n"
        elif (
            field == "event"
            or (field == "id" and "\0" not in value)
            or (field == "retry" and is_number(value, like_httpx_sse=like_httpx_sse))
        ):
            fields[field] = value


def lines_of(text: str) -> Iterator[str]:
    """The lines that have an end: a line feed, a carriage return, or both in this order."""
    line = before = ""
    for character in text:
        if character in "\r\n":
            if (before, character) != ("\r", "\n"):
                yield line
            line = ""
        else:
            line += character
        before = character


def is_number(value: str, *, like_httpx_sse: bool) -> bool:
    if not like_httpx_sse:
        return value != "" and all(character in "0123456789" for character in value)
    try:
        int(value)
    except ValueError:
        return False
    return True


def by_httpx_sse(chunks: list[bytes]) -> list[Event]:
    response = httpx.Response(200, headers={"Content-Type": KIND}, stream=Body(chunks))
    return [
        (event.event, event.data, event.id, event.retry)
        for event in EventSource(response).iter_sse()
    ]


NAMES = ["data"] * 6 + [
    "event",
    "event",
    "id",
    "id",
    "retry",
    "",
    "foo",
    "Data",
    "data ",
    "\ufeffid",
]
VALUES = ["", "", " ", "a", "  b", ":", "é€😀", "x\u2028y", "\x85", "\0", "\ufeff", "done", "error"]
NUMBERS = ["1", "250", "+5", "1_0", "-1", "\u0663", "x", " 7"]
RAW = [b"\xff", b"\xe2\x82", b"\xf0\x9f", b"\xef\xbb\xbf", b"\r", b"\n", b"\r\n"]


def random_stream(chance: random.Random) -> bytes:
    parts = [chance.choice([b"", b"", b"", b"\xef\xbb\xbf", b"\xef\xbb"])]
    ends = chance.choice([[b"\n"], [b"\r"], [b"\r\n"], [b"\n", b"\r", b"\r\n"]])
    for _ in range(chance.randrange(1, 16)):
        dice = chance.random()
        if dice < 0.3:
            parts.append(b"")
        elif dice < 0.35:
            parts.append(chance.choice(RAW))
        elif dice < 0.45:  # the usual shape, which has a way of its own
            id_, value = chance.choice([*VALUES, *NUMBERS]), chance.choice(VALUES)
            parts.append(f"event: output\nid: {id_}\ndata: {value}\n".encode())
        else:
            name = chance.choice(NAMES)
            values = NUMBERS if name == "retry" else VALUES
            colon = chance.choice([":", ": ", ": ", ""])
            parts.append(f"{name}{colon}{chance.choice(values)}".encode())
        parts.append(chance.choice(ends))
    return b"".join(parts)


@pytest.mark.parametrize("seed", range(10))
def test_a_thousand_streams_decode_as_in_the_reference_and_httpx_sse(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - the same streams each time are the point
    for _ in range(1000):
        stream = random_stream(chance)
        chunks = random_chunks(stream, chance)
        decoder = Decoder()
        events = [tuple(event) for chunk in chunks for event in decoder.feed(chunk)]
        assert events == list(reference(stream)), (stream, chunks)
        assert by_httpx_sse(chunks) == list(reference(stream, like_httpx_sse=True)), stream


def many(count: int, chunk: bytes) -> Iterator[bytes]:
    return (chunk for _ in range(count))


def long_line(size: int) -> Iterator[bytes]:
    yield b"data: "
    yield from many(size >> 16, b"x" * (1 << 16))
    yield b"\n\n"


def single_bytes(size: int) -> Iterator[bytes]:
    yield b"data: "
    yield from many(size, b"x")
    yield b"\n\n"


def data_lines(count: int) -> Iterator[bytes]:
    text = b"data: word\n" * count + b"\n"
    return (text[start : start + 1024] for start in range(0, len(text), 1024))


def blank_lines(count: int) -> Iterator[bytes]:
    return many(count // 1000, b"\n" * 1000)


def carriage_returns(count: int) -> Iterator[bytes]:
    yield b"data: a"
    yield from many(count, b"\r")


def small_events(count: int) -> Iterator[bytes]:
    return many(count, b"event: output\nid: 1:2\ndata: word\n\n")


def sizes(make: Callable[[int], Iterator[bytes]], size: int) -> list[int]:
    """The length of each event's data, the events themselves let go."""
    decoder = Decoder()
    return [len(event.data) for chunk in make(size) for event in decoder.feed(chunk)]


@pytest.mark.parametrize(
    ("make", "size", "expected"),
    [
        (long_line, 100 << 20, [100 << 20]),
        (single_bytes, 1 << 20, [1 << 20]),
        (data_lines, 300_000, [5 * 300_000 - 1]),
        (blank_lines, 1_000_000, []),
        (carriage_returns, 40_000, [1]),
        (small_events, 100_000, [4] * 100_000),
    ],
)
def test_large_and_unusual_streams_are_decoded_completely(
    make: Callable[[int], Iterator[bytes]], size: int, expected: list[int]
) -> None:
    # How long it takes is measured in benchmarks/linear.py.
    assert sizes(make, size) == expected


def peak(make: Callable[[int], Iterator[bytes]], size: int) -> int:
    tracemalloc.start()
    try:
        sizes(make, size)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def comments(count: int) -> Iterator[bytes]:
    return many(count, b": " + b"x" * 997 + b"\n\n")


@pytest.mark.parametrize("make", [small_events, blank_lines, comments])
def test_yielded_events_are_not_kept(make: Callable[[int], Iterator[bytes]]) -> None:
    assert peak(make, 20_000) < 200_000


def test_a_large_event_takes_a_few_times_its_size() -> None:
    size = 16 << 20
    assert peak(long_line, size) < 6 * size


@pytest.mark.parametrize("size", [1, 100, 5000])
@pytest.mark.parametrize("filling", [b"x", b"\ndata: x", b": y\n", "€".encode()])
def test_an_endless_event_is_an_error_that_names_the_limit(size: int, filling: bytes) -> None:
    decoder = Decoder(max_event_size=2000)
    stream = b"data: " + filling * (20_000 // len(filling))
    chunks = (stream[start : start + size] for start in range(0, len(stream), size))

    with pytest.raises(StreamError, match="2,000 bytes"):
        deque((event for chunk in chunks for event in decoder.feed(chunk)), maxlen=0)


def test_the_limit_applies_to_single_events() -> None:
    decoder = Decoder(max_event_size=200)

    assert sum(len(list(decoder.feed(chunk))) for chunk in small_events(1000)) == 1000
    assert [event.data for event in decoder.feed(b"data: " + b"x" * 150 + b"\n\n")] == ["x" * 150]
