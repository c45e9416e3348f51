"""Run the same test with the blocking client, and with the async client on asyncio and trio."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, Literal, TypeAlias

import anyio
import httpx

from replicate_ext import AsyncReplicate, Replicate
from replicate_ext._http.settings import Clock
from support.clock import VirtualClock

Kind: TypeAlias = Literal["sync", "asyncio", "trio"]
KINDS: tuple[Kind, ...] = ("sync", "asyncio", "trio")

TOKEN = "r8_a_secret_of_the_tests"
BASE_URL = "https://api.test/v1"


class Blocking:
    """Wraps an async object in blocking methods: each call runs in a new event loop."""

    def __init__(self, target: Any, backend: str) -> None:
        self._target = target
        self._backend = backend

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._target, name)
        if inspect.iscoroutinefunction(value):
            return lambda *args, **kwargs: anyio.run(
                lambda: value(*args, **kwargs), backend=self._backend
            )
        return Blocking(value, self._backend) if hasattr(value, "_runner") else value


def make_client(kind: Kind, *, clock: Clock | None = None, **options: Any) -> Any:
    """Return a client whose methods all block.

    Args:
        kind: Blocking or async client, and its event loop.
        clock: Replaces the time and the random numbers.
        options: Options of the client.
    """
    made: type[Any] = Replicate if kind == "sync" else AsyncReplicate
    own = {} if clock is None else {"_clock": clock}
    client = made(**{"api_token": TOKEN, "base_url": BASE_URL, **own, **options})
    return client if kind == "sync" else Blocking(client, kind)


class Script:
    """A transport that responds from a list, and records the requests.

    Args:
        answers: Responses, exceptions to raise, or functions that receive the request and return
            either.
        clock: Returns the time, which is recorded for each request.
    """

    def __init__(self, *answers: Any, clock: Callable[[], float] = lambda: 0.0) -> None:
        self._answers = list(answers)
        self._clock = clock
        self.requests: list[httpx.Request] = []
        self.times: list[float] = []

    @property
    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self._answer)

    @property
    def seen(self) -> list[str]:
        """The requests as ``METHOD path``."""
        return [f"{request.method} {request.url.path}" for request in self.requests]

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        self.times.append(self._clock())
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if callable(answer):
            answer = answer(request)
        if isinstance(answer, BaseException):
            raise answer
        assert isinstance(answer, httpx.Response)
        # The last response is repeated; each request gets a new copy.
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)


def start(kind: Kind, clock: VirtualClock, *answers: Any, **options: Any) -> tuple[Any, Script]:
    """Return a client on virtual time that gets these responses, and the script with its requests.

    Args:
        kind: Blocking or async client, and its event loop.
        clock: The virtual time.
        answers: Responses, as for Script.
        options: Options of the client.
    """
    script = Script(*answers, clock=lambda: clock.time)
    return make_client(kind, clock=clock.clock, transport=script.transport, **options), script


def prediction(status: str = "starting", **fields: Any) -> dict[str, Any]:
    """Return a prediction as the JSON of the API."""
    return {
        "id": "p1",
        "model": "owner/name",
        "version": "hidden",
        "input": {},
        "output": None,
        "logs": "",
        "error": None,
        "status": status,
        "created_at": "2026-01-01T00:00:00Z",
        "urls": {
            "get": f"{BASE_URL}/predictions/p1",
            "cancel": f"{BASE_URL}/predictions/p1/cancel",
        },
        **fields,
    }


def answer(status: int = 200, body: Any = None, **headers: str) -> httpx.Response:
    """Return a response with JSON; header names are written with underscores."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if isinstance(body, str | bytes):
        return httpx.Response(status, content=body, headers=named)
    return httpx.Response(status, json=body, headers=named)


def created(status: str = "starting", code: int = 201, **fields: Any) -> httpx.Response:
    """Return the response to a create request."""
    return answer(code, prediction(status, **fields))


def looked(status: str, **fields: Any) -> httpx.Response:
    """Return the response to a poll of a prediction."""
    return answer(200, prediction(status, **fields))
