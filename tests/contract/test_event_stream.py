"""Streams passed on to browsers: protocols, heartbeats, and browsers that leave."""

from __future__ import annotations

import asyncio
import json
import logging
import math
import signal
import sys
import threading
from collections.abc import Iterator
from typing import Any, cast

import anyio
import pytest
from support.browsers import (
    HEARTBEAT,
    WORDS,
    Stage,
    consume,
    events,
    headers_and_chunks,
    parts,
    readers_left,
)
from support.clients import Kind
from support.sandboxes import until

from replicate_ext import (
    InvalidInputError,
    NotFoundError,
    PredictionAborted,
    PredictionCanceled,
    PredictionFailed,
    PredictionTimeout,
    Replicate,
    ServerSentEvent,
    ValidationError,
    event_stream,
)
from replicate_ext._streams.browser.protocols import Ended, protocol_of
from replicate_ext.sandbox import Fault, Sandbox


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with Sandbox(strict=True) as sandbox:
        yield Stage(sandbox)


def test_raw_sends_the_output_and_done(stage: Stage, kind: Kind) -> None:
    body = event_stream(stage.client(kind).stream("owner/words", {"prompt": "x"}))
    headers, chunks = headers_and_chunks(kind, body)

    assert headers["Content-Type"] == "text/event-stream"
    assert chunks[0] == HEARTBEAT
    outputs, last = events(chunks)[:-1], events(chunks)[-1]
    assert "".join(map(str, outputs)) == "".join(WORDS)
    assert {event.event for event in outputs} == {"output"}
    ids = [event.id for event in outputs]
    assert all(ids)
    assert len(set(ids)) == len(ids)
    assert (last.event, last.data) == ("done", "{}")
    assert b"log line" not in b"".join(chunks)
    assert readers_left() == []


def test_an_infinite_heartbeat_sends_none(stage: Stage, kind: Kind) -> None:
    stream = stage.client(kind).stream("owner/silent", {"seconds": 0.2})
    chunks = consume(kind, event_stream(stream, heartbeat=math.inf))

    assert "".join(map(str, events(chunks))) == "ab"


def test_vercel_sends_the_parts_of_a_message(stage: Stage, kind: Kind) -> None:
    body = event_stream(stage.client(kind).stream("owner/words", {}), "vercel")
    headers, chunks = headers_and_chunks(kind, body)
    received = parts(chunks)

    assert headers["x-vercel-ai-ui-message-stream"] == "v1"
    assert [part["type"] for part in received[:2]] == ["start", "text-start"]
    assert [part["type"] for part in received[-2:]] == ["text-end", "finish"]
    assert {part["type"] for part in received[2:-2]} == {"text-delta"}
    assert "".join(part["delta"] for part in received[2:-2]) == "".join(WORDS)
    assert {part["id"] for part in received[1:-1]} == {"text"}


def test_a_heartbeat_is_sent_while_the_model_is_silent(stage: Stage, kind: Kind) -> None:
    stream = stage.client(kind).stream("owner/silent", {"seconds": 0.5})
    chunks = consume(kind, event_stream(stream, heartbeat=0.1))

    body = b"".join(chunks)
    silence = body[body.index(b"data: a") : body.index(b"data: b")]
    assert 2 <= silence.count(b"\n" + HEARTBEAT) <= 6
    assert "".join(map(str, events(chunks))) == "ab"


@pytest.mark.parametrize("protocol", ["raw", "vercel"])
def test_a_failed_run_sends_an_error_without_details_and_logs_it(
    stage: Stage, kind: Kind, protocol: Any, caplog: pytest.LogCaptureFixture
) -> None:
    chunks = consume(kind, event_stream(stage.client(kind).stream("owner/broken", {}), protocol))

    if protocol == "raw":
        assert [event.event for event in events(chunks)[-2:]] == ["output", "error"]
        assert json.loads(events(chunks)[-1].data) == {"detail": "The model failed."}
    else:
        assert parts(chunks)[-1] == {"type": "error", "errorText": "The model failed."}
        assert "text-end" not in [part["type"] for part in parts(chunks)]
    assert b"secret" not in b"".join(chunks)
    [record] = [each for each in caplog.records if each.levelno == logging.ERROR]
    assert record.exc_info
    assert "/secret/path" in str(record.exc_info[1])
    assert readers_left() == []


@pytest.mark.parametrize(
    ("model", "inputs", "expected"),
    [("owner/silent", {"seconds": "x"}, ValidationError), ("owner/nothing", {}, NotFoundError)],
)
def test_a_run_that_cannot_be_created_is_an_error_before_there_is_a_body(
    stage: Stage, kind: Kind, model: str, inputs: Any, expected: type[Exception]
) -> None:
    stream = stage.client(kind).stream(model, inputs)

    async def awaited() -> None:
        with pytest.raises(expected):
            await event_stream(stream)

    if kind != "sync":
        anyio.run(awaited, backend=kind)
        return
    with pytest.raises(expected):
        event_stream(stream)


def test_the_run_is_created_before_the_body_is_read(stage: Stage, kind: Kind) -> None:
    stream = stage.client(kind).stream("owner/words", {})

    async def awaited() -> list[bytes]:
        body = await event_stream(stream)
        assert stream.prediction.id
        return [chunk async for chunk in body]

    if kind != "sync":
        chunks = anyio.run(awaited, backend=kind)
    else:
        body = event_stream(stream)
        assert stream.prediction.id
        chunks = list(body)
    assert "".join(map(str, events(chunks))) == "".join(WORDS)


@pytest.mark.parametrize("kind", ["asyncio", "trio"])
def test_a_run_whose_creation_is_canceled_is_canceled_too(stage: Stage, kind: Kind) -> None:
    stage.sandbox.faults.add(Fault.delay(0.5), on="POST **/predictions")
    before = len(stage.sandbox.requests)

    async def awaited() -> None:
        with anyio.move_on_after(0.2):
            await event_stream(stage.client(kind).stream("owner/endless", {}))

    anyio.run(awaited, backend=kind)
    sent = [request.path.rpartition("/")[2] for request in stage.sandbox.requests[before:]]
    assert sent == ["predictions", "cancel"]


def test_closing_cancels_the_run_and_ends_the_iteration(stage: Stage, kind: Kind) -> None:
    body = event_stream(stage.client(kind).stream("owner/endless", {}))

    assert len(consume(kind, body, leave_after=3)) == 3
    assert stage.status == "canceled"
    assert readers_left() == []


def test_closing_ends_a_thread_whose_event_nobody_has_taken(stage: Stage) -> None:
    body = event_stream(stage.client("sync").stream("owner/endless", {}))
    next(body)
    until(lambda: body._reader._has_item.is_set() or None)  # noqa: SLF001 - no other way to see it

    body.close()
    assert stage.status == "canceled"
    assert readers_left() == []


def test_closing_a_body_that_was_not_read_closes_the_stream(stage: Stage, kind: Kind) -> None:
    async def main() -> None:
        stream = stage.client(kind).stream("owner/endless", {})
        body = await event_stream(stream)
        await body.aclose()
        with pytest.raises(StopAsyncIteration):
            await anext(body)
        with pytest.raises(Exception, match="closed before it ended"):
            await anext(stream)

    if kind != "sync":
        anyio.run(main, backend=kind)
        return
    stream = stage.client(kind).stream("owner/endless", {})
    body = event_stream(stream)
    body.close()
    assert list(body) == []
    with pytest.raises(Exception, match="closed before it ended"):
        next(stream)


def test_a_body_that_is_garbage_collected_cancels_the_run(stage: Stage, kind: Kind) -> None:
    client = stage.client(kind)

    async def main() -> None:
        body = await event_stream(client.stream("owner/endless", {}))
        for _ in range(3):
            await anext(body)
        del body
        await anyio.to_thread.run_sync(stage.wait_for, "canceled")

    if kind != "sync":
        anyio.run(main, backend=kind)
        return
    body = event_stream(client.stream("owner/endless", {}))
    for _ in range(3):
        next(body)
    del body
    stage.wait_for("canceled")
    until(lambda: not readers_left() or None)


@pytest.mark.parametrize("kind", ["asyncio", "trio"])
def test_a_canceled_task_cancels_the_run(stage: Stage, kind: Kind) -> None:
    async def main() -> None:
        body = await event_stream(stage.client(kind).stream("owner/silent", {"seconds": 60}))
        with anyio.move_on_after(1):
            async for chunk in body:
                received.append(chunk)  # noqa: PERF401 - a comprehension that is canceled is lost
        assert stage.status == "canceled"

    received: list[bytes] = []
    anyio.run(main, backend=kind)
    assert "".join(map(str, events(received))) == "a"


def test_the_end_of_an_event_loop_cancels_the_run(stage: Stage) -> None:
    async def main() -> None:
        kept.append(await event_stream(stage.client("asyncio").stream("owner/endless", {})))
        for _ in range(3):
            await anext(kept[0])

    kept: list[Any] = []
    asyncio.run(main())
    assert stage.status == "canceled"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot send a signal to a thread")
def test_ctrl_c_in_silence_cancels_the_run(stage: Stage) -> None:
    body = event_stream(stage.client("sync").stream("owner/silent", {"seconds": 60}))
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    press = threading.Timer(1, signal.pthread_kill, [threading.main_thread().ident, signal.SIGINT])
    press.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            list(body)
    finally:
        press.join()
        signal.signal(signal.SIGINT, before)
    assert stage.status == "canceled"
    assert readers_left() == []


TEXTS = ["a", "", " a", "a\nb", "a\r\nb", "a\n", "\n", "a\u2028b\x0b\x85", "data: x", "☃" * 9]


@pytest.mark.parametrize("text", TEXTS)
def test_every_text_arrives_unchanged(text: str) -> None:
    event = ServerSentEvent("output", text, "7:0", None)

    [received] = events([protocol_of("raw").encode(event)])
    assert received == (*event[:1], text.replace("\r\n", "\n"), *event[2:])
    _, delta, *_ = parts(
        [protocol_of("vercel").encode(event), protocol_of("vercel").encode(Ended(None))]
    )
    assert delta["delta"] == text


def test_a_lone_surrogate_is_replaced() -> None:
    event = ServerSentEvent("output", "a\ud800", "", None)

    for protocol in ("raw", "vercel"):
        assert b"a?" in protocol_of(protocol).encode(event)


@pytest.mark.parametrize(
    ("kind_of_error", "message"),
    [
        (PredictionTimeout, "The model did not finish in time."),
        (PredictionAborted, "The model did not start in time."),
        (PredictionCanceled, "The run was canceled."),
        (PredictionFailed, "The model failed."),
    ],
)
def test_an_error_has_a_message_for_users(kind_of_error: Any, message: str) -> None:
    error = kind_of_error(cast("Any", None), "/secret/path")

    [event] = events([protocol_of("raw").encode(Ended(error))])
    assert (event.event, json.loads(event.data)) == ("error", {"detail": message})


def test_wrong_arguments_are_refused_before_anything_is_sent() -> None:
    stream = Replicate("t", "http://nowhere.test").stream("owner/name", {})
    with pytest.raises(InvalidInputError, match="protocol must be 'raw' or 'vercel', got 'sse'"):
        event_stream(stream, cast("Any", "sse"))
    with pytest.raises(InvalidInputError, match="heartbeat must be a positive number"):
        event_stream(stream, heartbeat=0)
    with pytest.raises(TypeError, match=r"result of client.stream\(\), got 'text'"):
        event_stream(cast("Any", "text"))
