"""Mocks of httpx or httpcore mock this client too: no request leaves, and nothing is paid."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anyio
import httpcore
import httpx
import pytest
import respx
import vcr
import wrapt
from pytest_httpx import HTTPXMock
from support.clients import KINDS, Kind, make_client, prediction
from support.raw import Heard, RawServer, Wire, raw_server, response

from replicate_ext import AsyncReplicate, Replicate

MOCKED = prediction("succeeded", output="mocked")
REAL = prediction("succeeded", output="real")
PATH = "/v1/models/owner/name/predictions"


@pytest.fixture
def server() -> Iterator[RawServer]:
    def answer(_: Heard, wire: Wire) -> None:
        wire.send(response(201, REAL))

    with raw_server(answer) as running:
        yield running


@contextmanager
def by_respx_below_httpx(url: str, _: Path) -> Iterator[None]:
    with respx.mock(using="httpcore") as mock:
        mock.post(url + PATH).respond(201, json=MOCKED)
        yield


@contextmanager
def by_respx(url: str, _: Path) -> Iterator[None]:
    with respx.mock(using="httpx") as mock:
        mock.post(url + PATH).respond(201, json=MOCKED)
        yield


CASSETTE = """\
version: 1
interactions:
- request: {{body: '{{"input": {{}}}}', headers: {{}}, method: POST, uri: '{url}'}}
  response:
    body: {{string: '{body}'}}
    headers: {{Content-Type: [application/json]}}
    status: {{code: 201, message: Created}}
"""


@contextmanager
def by_vcrpy(url: str, tmp_path: Path) -> Iterator[None]:
    cassette = tmp_path / "cassette.yaml"
    body = httpx.Response(201, json=MOCKED).text
    cassette.write_text(CASSETTE.format(url=url + PATH, body=body))
    with vcr.use_cassette(str(cassette), record_mode="none"):
        yield


Mock = Callable[[str, Path], Any]


def run_around(kind: Kind, url: str, before: int, mocked: Callable[[], Any]) -> list[str]:
    """Run a model so often on one event loop, then with a mock in place, then once without it."""
    if kind == "sync":
        client = Replicate("r8_x", f"{url}/v1")
        outputs = [client.run("owner/name", {}) for _ in range(before)]
        with mocked():
            outputs.append(client.run("owner/name", {}))
        return [*outputs, client.run("owner/name", {})]

    async def main() -> list[str]:
        client = AsyncReplicate("r8_x", f"{url}/v1")
        outputs = [await client.run("owner/name", {}) for _ in range(before)]
        with mocked():
            outputs.append(await client.run("owner/name", {}))
        return [*outputs, await client.run("owner/name", {})]

    return anyio.run(main, backend=kind)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("mock", [by_respx_below_httpx, by_respx, by_vcrpy])
@pytest.mark.parametrize("requests_before", [0, 1])
def test_a_client_made_before_the_mock_sends_nothing_past_it(
    kind: Kind, mock: Mock, requests_before: int, server: RawServer, tmp_path: Path
) -> None:
    outputs = run_around(kind, server.url, requests_before, lambda: mock(server.url, tmp_path))

    assert outputs == [*["real"] * requests_before, "mocked", "real"]
    assert len(server.heard) == requests_before + 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("mock", [by_respx_below_httpx, by_respx, by_vcrpy])
def test_a_client_made_under_the_mock_sends_nothing_until_it_is_gone(
    kind: Kind, mock: Mock, server: RawServer, tmp_path: Path
) -> None:
    with mock(server.url, tmp_path):
        client = make_client(kind, base_url=f"{server.url}/v1")
        assert client.run("owner/name", {}) == "mocked"
        assert server.heard == []

    assert client.run("owner/name", {}) == "real"


@pytest.mark.parametrize("kind", KINDS)
def test_the_fixture_of_pytest_httpx_sees_every_request(
    kind: Kind, server: RawServer, httpx_mock: HTTPXMock
) -> None:
    client = make_client(kind, base_url=f"{server.url}/v1")

    httpx_mock.add_response(method="POST", url=server.url + PATH, status_code=201, json=MOCKED)

    assert client.run("owner/name", {}) == "mocked"
    assert server.heard == []
    assert len(httpx_mock.get_requests()) == 1


FUNCTIONS = [
    (httpx.Client, "send", "sync"),
    (httpx.AsyncClient, "send", "asyncio"),
    (httpx.Client, "_transport_for_url", "sync"),
    (httpx.AsyncClient, "_transport_for_url", "asyncio"),
    (httpx.HTTPTransport, "handle_request", "sync"),
    (httpx.AsyncHTTPTransport, "handle_async_request", "asyncio"),
    (httpcore.ConnectionPool, "handle_request", "sync"),
    (httpcore.AsyncConnectionPool, "handle_async_request", "asyncio"),
    (httpcore.HTTPConnection, "handle_request", "sync"),
    (httpcore.AsyncHTTPConnection, "handle_async_request", "asyncio"),
    (httpcore.HTTP11Connection, "handle_request", "sync"),
    (httpcore.AsyncHTTP11Connection, "handle_async_request", "asyncio"),
]


def by_functools(function: Callable[..., Any], calls: list[str]) -> Callable[..., Any]:
    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        calls.append("called")
        return function(*args, **kwargs)

    return wrapper


def by_wrapt(function: Callable[..., Any], calls: list[str]) -> Callable[..., Any]:
    def wrapper(wrapped: Any, _: Any, args: Any, kwargs: Any) -> Any:
        calls.append("called")
        return wrapped(*args, **kwargs)

    made: Callable[..., Any] = wrapt.FunctionWrapper(function, wrapper)
    return made


@pytest.mark.parametrize("wrap", [by_functools, by_wrapt])
@pytest.mark.parametrize(("owner", "name", "kind"), FUNCTIONS)
def test_a_wrapper_sees_every_request_as_long_as_it_is_there(
    owner: type, name: str, kind: Kind, wrap: Any, server: RawServer
) -> None:
    calls: list[str] = []

    @contextmanager
    def wrapped() -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(owner, name, wrap(getattr(owner, name), calls))
            yield

    run_around(kind, server.url, 1, wrapped)

    assert calls == ["called"]
    # Under a wrapper below the client, a request goes through a connection of httpx.
    other = 0 if owner in (httpx.Client, httpx.AsyncClient) else 1
    assert [heard.connection for heard in server.heard] == [0, other, 0]


@pytest.mark.parametrize("kind", KINDS)
def test_a_class_in_place_of_the_client_of_httpx_sees_every_request(
    kind: Kind, server: RawServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    class Client(httpx.Client):
        def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
            seen.append(request.url.path)
            return super().send(request, **options)

    class AsyncClient(httpx.AsyncClient):
        async def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
            seen.append(request.url.path)
            return await super().send(request, **options)

    monkeypatch.setattr(httpx, "Client", Client)
    monkeypatch.setattr(httpx, "AsyncClient", AsyncClient)
    client = make_client(kind, base_url=f"{server.url}/v1")

    client.run("owner/name", {})

    assert seen == [PATH]
