"""Streams passed on to browsers: protocols, heartbeats, and browsers that leave."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import math
import signal
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import anyio
import httpx
import pytest
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, StreamingHttpResponse
from django.urls import clear_url_caches, path
from django.utils.functional import empty
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route
from support.clients import Kind, created, make_client, prediction
from support.receivers import receiving
from support.sandboxes import until
from werkzeug.serving import make_server

from replicate_ext import (
    AsyncEventStream,
    AsyncReplicate,
    EventStream,
    InvalidInputError,
    PredictionAborted,
    PredictionCanceled,
    PredictionFailed,
    PredictionTimeout,
    Replicate,
    ServerSentEvent,
    event_stream,
)
from replicate_ext._network import access
from replicate_ext._streams.browser import readers
from replicate_ext._streams.browser.protocols import Ended, protocol_of
from replicate_ext._streams.sse import Decoder
from replicate_ext.sandbox import Sandbox

EXAMPLES = Path(__file__).parents[2] / "examples"
HEARTBEAT = b":\n\n"
WORDS = ["Once", " upon\na", "  time, ", "☃\u2028", ""]


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with Sandbox(strict=True) as sandbox:
        yield Stage(sandbox)


class Stage:
    """A sandbox with models for streams that are complete, silent, endless or broken."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self._client = Replicate(sandbox.api_token, sandbox.base_url)

        @sandbox.model("owner/words")
        def words(prompt: str = "") -> Iterator[str]:
            print(f"a log line about {prompt}")  # noqa: T201 - a log of the model
            yield from WORDS

        @sandbox.model("owner/silent")
        async def silent(seconds: float) -> AsyncIterator[str]:
            yield "a"
            await asyncio.sleep(seconds)
            yield "b"

        @sandbox.model("owner/mute")
        async def mute(prompt: str = "") -> AsyncIterator[str]:
            await asyncio.sleep(60)
            yield prompt

        @sandbox.model("owner/endless")
        async def endless(prompt: str = "") -> AsyncIterator[str]:
            while True:
                yield f"{prompt} "
                await asyncio.sleep(0.01)

        @sandbox.model("owner/broken")
        def broken() -> Iterator[str]:
            yield "a"
            raise RuntimeError("/secret/path")

    @property
    def status(self) -> str:
        """Status of the newest prediction."""
        newest = self._client.predictions.list().results
        assert newest
        return str(newest[0].status)

    def wait_for(self, status: str) -> None:
        def probe() -> bool | None:
            gc.collect()  # a blocking body in an async framework can only be closed by that
            return self.status == status or None

        until(probe)

    def client(self, kind: Kind) -> Any:
        return make_client(kind, api_token=self.sandbox.api_token, base_url=self.sandbox.base_url)


def consume(kind: Kind, body: Any, leave_after: int | None = None) -> list[bytes]:
    """Read a body of either client, in one event loop, and close it."""

    async def awaited() -> list[bytes]:
        chunks: list[bytes] = []
        async for chunk in body:
            chunks.append(chunk)
            if len(chunks) == leave_after:
                await body.aclose()
        return chunks

    if kind != "sync":
        return anyio.run(awaited, backend=kind)
    chunks: list[bytes] = []
    for chunk in body:
        chunks.append(chunk)
        if len(chunks) == leave_after:
            body.close()
    return chunks


def events(chunks: list[bytes]) -> list[ServerSentEvent]:
    decoder = Decoder()
    return [event for chunk in chunks for event in decoder.feed(chunk)]


def parts(chunks: list[bytes]) -> list[Any]:
    assert events(chunks)[-1].data == "[DONE]"
    return [json.loads(event.data) for event in events(chunks)[:-1]]


def readers_left() -> list[threading.Thread]:
    return [each for each in threading.enumerate() if each.name == "replicate_ext.event_stream"]


def test_raw_sends_the_output_and_done(stage: Stage, kind: Kind) -> None:
    body = event_stream(stage.client(kind).stream("owner/words", {"prompt": "x"}))
    chunks = consume(kind, body)

    assert body.headers["Content-Type"] == "text/event-stream"
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


def test_vercel_sends_the_parts_of_a_message(stage: Stage, kind: Kind) -> None:
    body = event_stream(stage.client(kind).stream("owner/words", {}), "vercel")
    received = parts(consume(kind, body))

    assert body.headers["x-vercel-ai-ui-message-stream"] == "v1"
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


def test_a_run_that_cannot_be_created_sends_an_error(stage: Stage, kind: Kind) -> None:
    chunks = consume(kind, event_stream(stage.client(kind).stream("owner/nothing", {})))

    assert json.loads(events(chunks)[-1].data) == {"detail": "An error occurred."}


def test_closing_cancels_the_run_and_ends_the_iteration(stage: Stage, kind: Kind) -> None:
    body = event_stream(stage.client(kind).stream("owner/endless", {}))

    assert len(consume(kind, body, leave_after=3)) == 3
    assert stage.status == "canceled"
    assert readers_left() == []


def test_closing_a_body_that_was_not_read_closes_the_stream(stage: Stage, kind: Kind) -> None:
    async def main() -> None:
        stream = stage.client(kind).stream("owner/endless", {})
        body = event_stream(stream)
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
    async def main() -> None:
        body = event_stream(stage.client(kind).stream("owner/endless", {}))
        for _ in range(3):
            await anext(body)
        del body
        gc.collect()
        await anyio.to_thread.run_sync(stage.wait_for, "canceled")

    if kind != "sync":
        anyio.run(main, backend=kind)
        return
    body = event_stream(stage.client(kind).stream("owner/endless", {}))
    for _ in range(3):
        next(body)
    del body
    gc.collect()
    stage.wait_for("canceled")
    until(lambda: not readers_left() or None)


@pytest.mark.parametrize("kind", ["asyncio", "trio"])
def test_a_canceled_task_cancels_the_run(stage: Stage, kind: Kind) -> None:
    async def main() -> None:
        body = event_stream(stage.client(kind).stream("owner/silent", {"seconds": 60}))
        with anyio.move_on_after(1):
            async for chunk in body:
                received.append(chunk)  # noqa: PERF401 - a comprehension that is canceled is lost
        assert stage.status == "canceled"

    received: list[bytes] = []
    anyio.run(main, backend=kind)
    assert "".join(map(str, events(received))) == "a"


def test_the_end_of_an_event_loop_cancels_the_run(stage: Stage) -> None:
    async def main() -> None:
        kept.append(event_stream(stage.client("asyncio").stream("owner/endless", {})))
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


def test_closing_while_the_run_is_being_created_does_not_hang(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(readers, "_CLOSE_SECONDS", 0.2)
    release, was_canceled = threading.Event(), threading.Event()

    def respond(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/cancel"):
            was_canceled.set()
            return httpx.Response(200, json=prediction("canceled"))
        release.wait(10)
        return created("processing", urls={**prediction()["urls"], "stream": "https://s.test/p1"})

    client = make_client("sync", transport=httpx.MockTransport(respond))
    body = event_stream(client.stream("owner/name", {}), heartbeat=0.1)
    assert [next(body), next(body)] == [HEARTBEAT] * 2

    began = time.monotonic()
    body.close()
    assert time.monotonic() - began < 2
    release.set()
    assert was_canceled.wait(5)
    until(lambda: not readers_left() or None)


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


def test_wrong_arguments_are_refused() -> None:
    stream = Replicate("t").stream("owner/name", {})
    with pytest.raises(InvalidInputError, match="protocol must be 'raw' or 'vercel', got 'sse'"):
        event_stream(stream, cast("Any", "sse"))
    with pytest.raises(InvalidInputError, match="heartbeat must be a positive number"):
        event_stream(stream, heartbeat=0)
    with pytest.raises(TypeError, match=r"what client.stream\(\) returns, got 'text'"):
        event_stream(cast("Any", "text"))
    assert isinstance(event_stream(stream, heartbeat=math.inf), EventStream)
    async_stream = AsyncReplicate("t").stream("owner/name", {})
    assert isinstance(event_stream(async_stream), AsyncEventStream)


def load(name: str, monkeypatch: pytest.MonkeyPatch, stage: Stage) -> ModuleType:
    """Return an example whose clients use the sandbox, with short heartbeats."""
    monkeypatch.setenv("REPLICATE_API_TOKEN", stage.sandbox.api_token)
    monkeypatch.setattr(access, "DEFAULT_BASE_URL", stage.sandbox.base_url)
    spec = spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "event_stream", partial(event_stream, heartbeat=0.1))
    return module


@contextmanager
def wsgi(app: Any) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def asgi(app: Any) -> Iterator[str]:
    with receiving(app) as url:
        yield url.removesuffix("/replicate")


@contextmanager
def fastapi(load: Callable[[str], ModuleType], model: str, _: Stage) -> Iterator[str]:
    module = load("stream_to_browser_fastapi")
    vars(module)["MODEL"] = model
    with asgi(module.app) as url:
        yield url


@contextmanager
def flask(load: Callable[[str], ModuleType], model: str, _: Stage) -> Iterator[str]:
    module = load("stream_to_browser_flask")
    vars(module)["MODEL"] = model
    with wsgi(module.app) as url:
        yield url


@contextmanager
def starlette_threads(_: object, model: str, stage: Stage) -> Iterator[str]:
    client = Replicate(stage.sandbox.api_token, stage.sandbox.base_url)

    def story(request: Request) -> StreamingResponse:
        body = event_stream(client.stream(model, dict(request.query_params)), heartbeat=0.1)
        return StreamingResponse(body, headers=body.headers)

    with asgi(Starlette(routes=[Route("/story", story)])) as url:
        yield url


@contextmanager
def unconfigured_django() -> Iterator[None]:
    """Forget Django's settings, which are made once in a process, for as long as this lasts."""
    before = settings._wrapped  # noqa: SLF001 - there is no public way
    settings._wrapped = empty  # noqa: SLF001 - as above
    clear_url_caches()
    try:
        yield
    finally:
        settings._wrapped = before  # noqa: SLF001 - as above
        clear_url_caches()


@contextmanager
def django(story: Callable[..., Any]) -> Iterator[None]:
    views = ModuleType("views")
    views.urlpatterns = [path("story", story)]  # type: ignore[attr-defined]  # Django reads it
    with unconfigured_django():
        settings.configure(ALLOWED_HOSTS=["*"], ROOT_URLCONF=views)
        yield


@contextmanager
def django_asgi(_: object, model: str, stage: Stage) -> Iterator[str]:
    client = AsyncReplicate(stage.sandbox.api_token, stage.sandbox.base_url)

    async def story(request: HttpRequest) -> StreamingHttpResponse:
        body = event_stream(client.stream(model, request.GET.dict()), heartbeat=0.1)
        return StreamingHttpResponse(body, headers=body.headers)

    with django(story), asgi(get_asgi_application()) as url:
        yield url


@contextmanager
def django_wsgi(_: object, model: str, stage: Stage) -> Iterator[str]:
    client = Replicate(stage.sandbox.api_token, stage.sandbox.base_url)

    def story(request: HttpRequest) -> StreamingHttpResponse:
        body = event_stream(client.stream(model, request.GET.dict()), heartbeat=0.1)
        return StreamingHttpResponse(body, headers=body.headers)

    with django(story), wsgi(get_wsgi_application()) as url:
        yield url


APPS = [fastapi, flask, starlette_threads, django_asgi, django_wsgi]


@pytest.fixture(params=APPS, ids=lambda app: app.__name__)
def app(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, stage: Stage
) -> Callable[[str], Any]:
    """Serves the application of a framework, given the model that it runs."""
    return lambda model: request.param(lambda name: load(name, monkeypatch, stage), model, stage)


@contextmanager
def get_story(url: str) -> Iterator[httpx.Response]:
    with httpx.stream("GET", f"{url}/story?prompt=x", trust_env=False, timeout=10) as response:
        yield response


def test_a_framework_streams_a_whole_story(app: Callable[[str], Any]) -> None:
    with app("owner/words") as url, get_story(url) as response:
        body = response.read()

    assert response.headers["Content-Type"] == "text/event-stream"
    assert response.headers["Cache-Control"] == "no-cache, no-transform"
    assert "".join(map(str, events([body]))) == "".join(WORDS)
    assert body.endswith(b"event: done\ndata: {}\n\n")


def test_a_framework_sends_each_token_at_once_and_cancels_when_the_browser_leaves(
    stage: Stage, app: Callable[[str], Any]
) -> None:
    with app("owner/endless") as url:
        with get_story(url) as response:
            lines = (line for line in response.iter_lines() if line.startswith("data: x"))
            assert [next(lines) for _ in range(5)] == ["data: x "] * 5
            assert stage.status == "processing"
        stage.wait_for("canceled")
    until(lambda: not readers_left() or None)


def test_a_framework_sends_heartbeats_and_notices_in_silence_that_the_browser_left(
    stage: Stage, app: Callable[[str], Any]
) -> None:
    with app("owner/mute") as url:
        with get_story(url) as response:
            chunks = response.iter_bytes()
            assert [next(chunks) for _ in range(4)] == [HEARTBEAT] * 4
            assert stage.status == "processing"
        stage.wait_for("canceled")
    until(lambda: not readers_left() or None)


@pytest.mark.parametrize("app", [fastapi, flask], indirect=True)
def test_an_example_answers_use_chat(app: Callable[[str], Any]) -> None:
    message = {"id": "1", "role": "user", "parts": [{"type": "text", "text": "x"}]}
    with app("owner/words") as url:
        chat = httpx.post(f"{url}/chat", json={"messages": [message]}, trust_env=False)
        page = httpx.get(url, trust_env=False)

    assert chat.headers["x-vercel-ai-ui-message-stream"] == "v1"
    assert "".join(part.get("delta", "") for part in parts([chat.content])) == "".join(WORDS)
    assert "EventSource" in page.text
