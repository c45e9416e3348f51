"""What a client is besides its methods: its token, its connections, where it can be used."""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import pickle
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx
import pytest
import trio
from support.clients import TOKEN, Kind, Script, answer, created, looked, make_client

from replicate_ext import AsyncReplicate, MissingTokenError, NotFoundError, Replicate
from replicate_ext.sandbox import Sandbox


def local(sandbox: Sandbox, **options: Any) -> Replicate:
    return Replicate(sandbox.api_token, sandbox.base_url, **options)


def test_a_base_url_with_a_path_is_kept_as_given_and_used_without_its_slash(kind: Kind) -> None:
    script = Script(created("processing", output=1))
    client = make_client(kind, base_url="https://example.com/api/", transport=script.transport)

    client.run("owner/name", {})

    assert client.base_url == "https://example.com/api/"
    assert script.seen == ["POST /api/models/owner/name/predictions"]


@pytest.mark.parametrize("base_url", ["https://example.com", "https://example.com/"])
def test_a_base_url_without_a_path_gets_the_version(kind: Kind, base_url: str) -> None:
    script = Script(created("processing", output=1))
    client = make_client(kind, base_url=base_url, transport=script.transport)

    client.run("owner/name", {})

    assert client.base_url == "https://example.com/v1"
    assert script.seen == ["POST /v1/models/owner/name/predictions"]


def test_the_user_agent_and_headers_are_the_callers(kind: Kind) -> None:
    script = Script(created("processing", output=1))
    client = make_client(
        kind, user_agent="my-app/1.2.3", headers={"X-Team": "blue"}, transport=script.transport
    )

    client.run("owner/name", {})

    assert script.requests[0].headers["User-Agent"] == "my-app/1.2.3"
    assert script.requests[0].headers["X-Team"] == "blue"


@pytest.mark.parametrize("given", [None, "", "  "])
def test_the_token_is_read_from_the_environment_at_the_request(
    kind: Kind, monkeypatch: pytest.MonkeyPatch, given: str | None
) -> None:
    script = Script(created("processing", output=1))
    client = make_client(kind, api_token=given, transport=script.transport)

    monkeypatch.setenv("REPLICATE_API_TOKEN", "r8_from_the_environment")
    client.run("owner/name", {})

    assert script.requests[0].headers["Authorization"] == "Bearer r8_from_the_environment"


def test_a_missing_token_fails_at_the_first_request_with_advice(
    kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REPLICATE_API_TOKEN", raising=False)
    script = Script(created())
    client = make_client(kind, api_token=None, transport=script.transport)

    with pytest.raises(MissingTokenError, match="REPLICATE_API_TOKEN"):
        client.run("owner/name", {})

    assert script.seen == []


def test_nothing_shows_the_token(kind: Kind, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="replicate_ext")
    script = Script(answer(429, {"detail": "slow"}, Retry_After="0"), answer(404, {"detail": "no"}))
    client = make_client(kind, transport=script.transport)

    with pytest.raises(NotFoundError) as caught:
        client.run("owner/name", {})

    error = caught.value
    shown = [
        *(repr(client), str(client), repr(error), str(error), repr(error.request.headers)),
        *(record.getMessage() for record in caplog.records),
        str(vars(error)),
    ]
    assert not any(TOKEN in text for text in shown)
    assert TOKEN.encode() not in pickle.dumps(error)


def test_each_request_is_one_debug_line_and_a_retry_one_of_information(
    kind: Kind, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="replicate_ext")
    script = Script(
        answer(429, {"detail": "slow"}, Retry_After="0"), created("processing", output=1)
    )
    client = make_client(kind, transport=script.transport)

    client.run("owner/name", {})

    assert [record.levelname for record in caplog.records] == ["DEBUG", "INFO", "DEBUG"]
    first, again, last = (record.getMessage() for record in caplog.records)
    assert first.startswith("POST https://api.test/v1/models/owner/name/predictions: 429 in ")
    assert "retrying in 0.0 s" in again
    assert ": 201 in " in last
    assert last.endswith("(attempt 2)")


def test_a_client_pickles_by_configuration_and_without_its_token(
    kind: Kind, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Replicate if kind == "sync" else AsyncReplicate
    data = pickle.dumps(made(TOKEN, sandbox.base_url, max_retries=2, headers={"X-Team": "blue"}))
    monkeypatch.setenv("REPLICATE_API_TOKEN", sandbox.api_token)

    again = pickle.loads(data)  # noqa: S301 - our own data

    assert TOKEN.encode() not in data
    assert again.base_url == sandbox.base_url
    if isinstance(again, Replicate):
        assert again.run("replicate/hello-world", {"text": "Ada"}) == "hello Ada"
        again.close()


def test_a_client_with_connections_of_the_callers_own_does_not_pickle() -> None:
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(Replicate(http_client=httpx.Client()))


def test_one_async_client_serves_several_event_loops(sandbox: Sandbox) -> None:
    client = AsyncReplicate(sandbox.api_token, sandbox.base_url)

    async def greet() -> Any:
        return await client.run("replicate/hello-world", {"text": "Ada"})

    assert [asyncio.run(greet()), asyncio.run(greet()), trio.run(greet)] == ["hello Ada"] * 3


def test_an_open_client_can_be_used_after_it_was_closed(sandbox: Sandbox) -> None:
    with local(sandbox) as client:
        client.run("replicate/hello-world", {"text": "Ada"})
    assert client.run("replicate/hello-world", {"text": "Ada"}) == "hello Ada"
    client.close()


def test_connections_are_reused(sandbox: Sandbox) -> None:
    ports = set()
    with local(sandbox) as client:
        for _ in range(5):
            response = client.get_httpx_client().get("/predictions")
            stream = response.extensions["network_stream"]
            ports.add(stream.get_extra_info("client_addr"))
    assert len(ports) == 1


def test_a_client_is_shared_by_threads(sandbox: Sandbox) -> None:
    outputs: list[Any] = []
    with local(sandbox) as client:
        threads = [
            threading.Thread(
                target=lambda n=n: outputs.append(
                    client.run("replicate/hello-world", {"text": str(n)})
                )
            )
            for n in range(20)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(outputs) == sorted(f"hello {n}" for n in range(20))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork.*:DeprecationWarning")
def test_a_client_survives_a_fork(sandbox: Sandbox) -> None:
    with local(sandbox) as client:
        client.run("replicate/hello-world", {"text": "parent"})
        context = multiprocessing.get_context("fork")
        ours, theirs = context.Pipe()

        def child() -> None:
            theirs.send(client.run("replicate/hello-world", {"text": "child"}))

        process = context.Process(target=child)
        process.start()
        assert ours.poll(10)
        assert ours.recv() == "hello child"
        process.join(10)
        assert client.run("replicate/hello-world", {"text": "parent"}) == "hello parent"


def test_the_callers_own_http_client_gets_the_token_and_the_retries() -> None:
    script = Script(answer(429, {}, Retry_After="0"), created("processing", output=1))
    hooked: list[str] = []
    own = httpx.Client(
        transport=script.transport,
        event_hooks={"request": [lambda request: hooked.append(request.method)]},
    )
    client = Replicate(TOKEN, "https://api.test/v1", http_client=own)

    with client:
        assert client.run("owner/name", {}) == 1

    assert hooked == ["POST", "POST"]
    assert script.requests[0].headers["Authorization"] == f"Bearer {TOKEN}"
    assert not own.is_closed


def test_low_level_functions_borrow_either_client(sandbox: Sandbox) -> None:
    from replicate_api.api.predictions import get

    with local(sandbox) as client:
        run = client.predictions.run("replicate/hello-world", {"text": "Ada"})
        assert get.sync(client=client, prediction_id=run.id).output == "hello Ada"
    with httpx.Client() as own:
        borrowing = local(sandbox, http_client=own)
        assert get.sync(client=borrowing, prediction_id=run.id).output == "hello Ada"

    async def main() -> Any:
        async with AsyncReplicate(sandbox.api_token, sandbox.base_url) as client:
            first = await get.asyncio(client=client, prediction_id=run.id)
        async with httpx.AsyncClient() as own:
            borrowing = AsyncReplicate(sandbox.api_token, sandbox.base_url, http_client=own)
            return first, await get.asyncio(client=borrowing, prediction_id=run.id)

    assert [seen.output for seen in asyncio.run(main())] == ["hello Ada"] * 2


class Proxy(BaseHTTPRequestHandler):
    """A proxy that answers by itself, whatever host is asked for."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        body = created("processing", output=self.path).content
        self.send_response(201)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def proxy() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Proxy) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("how", ["argument", "environment"])
def test_requests_go_through_a_proxy(
    kind: Kind, proxy: str, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if how == "environment":
        monkeypatch.setenv("http_proxy", proxy)
    options: dict[str, Any] = {"proxy": proxy} if how == "argument" else {}
    client = make_client(kind, base_url="http://nowhere.test/v1", **options)

    output = client.run("owner/name", {}, use_file_output=False)

    assert output == "http://nowhere.test/v1/models/owner/name/predictions"


def test_https_is_verified_though_http_makes_no_context(sandbox: Sandbox) -> None:
    with local(sandbox) as client, pytest.raises(httpx.ConnectError):
        client.get_httpx_client().get(sandbox.base_url.replace("http://", "https://"))


def test_a_redirect_to_another_host_does_not_see_the_token(kind: Kind) -> None:
    script = Script(
        answer(302, {}, location="https://evil.test/v1/predictions/p1"), looked("succeeded")
    )
    client = make_client(kind, transport=script.transport)

    with pytest.raises(Exception, match="302"):
        client.predictions.get("p1")

    assert len(script.requests) == 1
