"""Streams to browsers through the servers of web frameworks, and the examples."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

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
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route
from support.browsers import HEARTBEAT, WORDS, Stage, events, parts, readers_left
from support.receivers import receiving
from support.sandboxes import until
from werkzeug.serving import make_server

from replicate_ext import (
    AsyncReplicate,
    Replicate,
    ValidationError,
    event_stream,
)
from replicate_ext._network import access
from replicate_ext.sandbox import Sandbox

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with Sandbox(strict=True) as sandbox:
        yield Stage(sandbox)


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
        body = await event_stream(client.stream(model, request.GET.dict()), heartbeat=0.1)
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


def collected(status: str) -> str:
    """Return the status after a garbage collection, which closes blocking bodies in Starlette."""
    gc.collect()
    return status


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
        until(lambda: collected(stage.status) == "canceled" or None)
    until(lambda: not readers_left() or None)


def test_a_framework_sends_heartbeats_and_notices_in_silence_that_the_browser_left(
    stage: Stage, app: Callable[[str], Any]
) -> None:
    with app("owner/mute") as url:
        with get_story(url) as response:
            chunks = response.iter_bytes()
            assert [next(chunks) for _ in range(4)] == [HEARTBEAT] * 4
            assert stage.status == "processing"
        until(lambda: collected(stage.status) == "canceled" or None)
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


@pytest.mark.parametrize("framework", [fastapi, flask])
def test_an_invalid_input_is_raised_before_the_response_begins(
    framework: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, stage: Stage
) -> None:
    async def respond(_: Request, error: ValidationError) -> PlainTextResponse:
        return PlainTextResponse(str(error), 422)

    def prepared(name: str) -> ModuleType:
        module = load(name, monkeypatch, stage)
        if framework is fastapi:
            module.app.add_exception_handler(ValidationError, respond)
        else:
            module.app.register_error_handler(ValidationError, lambda error: (str(error), 422))
        return module

    with framework(prepared, "owner/silent", stage) as url, get_story(url) as response:
        assert response.status_code == 422
        assert "seconds" in response.read().decode()
