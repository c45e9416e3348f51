"""Requests that bypass httpx.Client look the same to the API and to users as those through it."""

from __future__ import annotations

import pickle
from datetime import timedelta
from typing import Any

import anyio
import httpx
import pytest
from support.clients import KINDS, TOKEN, Kind, make_client, prediction
from support.raw import Heard, RawServer, StartServer, Wire, response

from replicate_ext import APIError, AsyncReplicate, InvalidInputError, Replicate

HEADERS = {"X-Team": "blue", "user-agent": "mine/1", "Content-Type": "text/plain"}


def heard_on_both_ways(
    kind: Kind, start_server: StartServer, monkeypatch: pytest.MonkeyPatch, *args: Any, **more: Any
) -> tuple[Heard, Heard]:
    server = start_server(lambda _, wire: wire.send(response(200, {"ok": True})))
    client = make_client(kind, base_url=f"{server.url}/v1", headers=HEADERS)
    client.request(*args, **more)
    with monkeypatch.context() as patch:
        patch.setattr("replicate_ext._network.shortcut.is_direct", lambda *_, **__: False)
        client.request(*args, **more)
    short, long = server.heard
    return short, long


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("method", "more"),
    [
        ("GET", {}),
        ("GET", {"headers": {"ACCEPT": "text/html", "x-team": "red"}}),
        ("DELETE", {}),
        ("POST", {}),
        ("POST", {"json": {"text": "h\u00e9", "n": 1.5}}),
        ("POST", {"json": []}),
        ("PATCH", {"content": b"abc", "headers": {"Content-Type": "image/png"}}),
        ("PUT", {"content": "t\u00e9xt"}),
        ("POST", {"content": iter([b"a", b"b"]), "headers": {"Content-Length": "2"}}),
        ("GET", {"content": b""}),
    ],
)
def test_both_ways_send_the_same_request(
    kind: Kind,
    method: str,
    more: dict[str, Any],
    start_server: StartServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if "content" in more and not isinstance(more["content"], str | bytes):
        more = {**more, "content": [b"a", b"b"]}

    short, long = heard_on_both_ways(kind, start_server, monkeypatch, method, "/a/b?q=%20x", **more)

    assert short._replace(connection=0) == long._replace(connection=0)


def test_the_short_way_is_taken_for_json_and_not_for_parameters(
    start_server: StartServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    send = httpx.Client.send

    def noted(client: httpx.Client, request: httpx.Request, **options: Any) -> httpx.Response:
        sent.append(request.url.path)
        return send(client, request, **options)

    server = start_server(lambda _, wire: wire.send(response(200, {"results": []})))
    client = make_client("sync", base_url=f"{server.url}/v1")
    monkeypatch.setattr(httpx.Client, "send", noted)
    monkeypatch.setattr("replicate_ext._network.shortcut._CLIENTS.functions", ())
    monkeypatch.setattr("replicate_ext._network.shortcut._is_own", lambda _: True)

    client.request("POST", "/json", json={})
    client.request("GET", "/parameters", params={"a": "b"})
    client.request("POST", "/files", files={"a": b"b"})

    assert sent == ["/v1/parameters", "/v1/files"]


def failing(start_server: StartServer) -> RawServer:
    return start_server(lambda _, wire: wire.send(response(418, {"detail": "no"})))


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_has_the_request_and_the_response(kind: Kind, start_server: StartServer) -> None:
    client = make_client(kind, base_url=f"{failing(start_server).url}/v1")

    with pytest.raises(APIError) as caught:
        client.request("POST", "/x", json={"a": 1})

    request, answer = caught.value.request, caught.value.response
    assert type(request) is httpx.Request
    assert (request.method, request.url.path, request.content) == ("POST", "/v1/x", b'{"a":1}')
    assert "Authorization" not in request.headers
    assert request.headers["Content-Type"] == "application/json"
    assert isinstance(answer, httpx.Response)
    assert answer.request is request
    assert answer.json() == {"detail": "no"}
    assert answer.elapsed > timedelta(0)
    with pytest.raises(httpx.HTTPStatusError):
        answer.raise_for_status()


@pytest.mark.parametrize("kind", KINDS)
def test_a_response_can_be_pickled(kind: Kind, start_server: StartServer) -> None:
    server = start_server(lambda _, wire: wire.send(response(200, {"ok": True})))
    client = make_client(kind, base_url=f"{server.url}/v1")

    again = pickle.loads(pickle.dumps(client.request("GET", "/x")))  # noqa: S301 - our own

    assert again.json() == {"ok": True}
    assert again.raise_for_status() is again
    assert again.request.url.path == "/v1/x"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "more", [{"json": {"n": float("nan")}}, {"json": {"o": object()}}, {"headers": {"X": "\u00e9"}}]
)
def test_what_cannot_be_sent_is_an_error_before_anything_is_sent(
    kind: Kind, more: dict[str, Any], start_server: StartServer
) -> None:
    server = start_server()
    client = make_client(kind, base_url=f"{server.url}/v1")

    with pytest.raises(InvalidInputError):
        client.request("POST", "/x", **more)

    assert server.heard == []


@pytest.mark.parametrize("kind", KINDS)
def test_cookies_are_neither_kept_nor_sent(kind: Kind, start_server: StartServer) -> None:
    def answer(_: Heard, wire: Wire) -> None:
        wire.send(response(200, {"ok": True}).replace(b"\r\n", b"\r\nSet-Cookie: a=b\r\n", 1))

    server = start_server(answer)
    client = make_client(kind, base_url=f"{server.url}/v1")
    for _ in range(2):
        client.request("GET", "/x")

    assert "cookie" not in server.heard[-1].headers


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("is_short", [True, False], ids=["short", "long"])
def test_another_origin_gets_neither_the_token_nor_headers_of_the_client(
    kind: Kind, is_short: bool, start_server: StartServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not is_short:
        monkeypatch.setattr("replicate_ext._network.shortcut.is_direct", lambda *_, **__: False)
    events = b"event: output\ndata: x\n\nevent: done\ndata: {}\n\n"
    head = {"Content-Type": "text/event-stream"}
    other = start_server(lambda _, wire: wire.send(response(200, events, **head)))
    urls = {"stream": f"{other.url}/s"}

    def answer(_: Heard, wire: Wire) -> None:
        status = "succeeded" if other.heard else "processing"
        wire.send(response(200, prediction(status, output=["x"], urls=urls)))

    api = start_server(answer)
    base_url = f"{api.url}/v1"

    async def text() -> str:
        if kind == "sync":
            with Replicate(TOKEN, base_url, headers=HEADERS) as blocking:
                return blocking.predictions.stream("p1").text()
        async with AsyncReplicate(TOKEN, base_url, headers=HEADERS) as client:
            return await client.predictions.stream("p1").text()

    assert anyio.run(text, backend="asyncio" if kind == "sync" else kind) == "x"
    assert [str(heard) for heard in other.heard] == ["GET /s"]
    assert other.heard[0].headers.keys() & {"authorization", "x-team"} == set()
    assert api.heard[-1].headers.keys() >= {"authorization", "x-team"}


@pytest.mark.parametrize("kind", KINDS)
def test_hooks_of_the_lent_httpx_client_see_every_request(
    kind: Kind, start_server: StartServer
) -> None:
    seen: list[str] = []

    def note(request: httpx.Request) -> None:
        seen.append(request.url.path)

    async def note_async(request: httpx.Request) -> None:
        note(request)

    server = start_server(lambda _, wire: wire.send(response(200, {"ok": True})))
    base_url = f"{server.url}/v1"
    if kind == "sync":
        with Replicate(TOKEN, base_url) as blocking:
            blocking.get_httpx_client().event_hooks["request"].append(note)
            blocking.request("POST", "/x", json={})
    else:

        async def main() -> None:
            async with AsyncReplicate(TOKEN, base_url) as client:
                client.get_async_httpx_client().event_hooks["request"].append(note_async)
                await client.request("POST", "/x", json={})

        anyio.run(main, backend=kind)

    assert seen == ["/v1/x"]
