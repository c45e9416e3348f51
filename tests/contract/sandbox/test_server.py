"""Start and stop of the sandbox, and its record of requests."""

import asyncio
import logging
import re
import socket
import threading
import time
from pathlib import Path

import httpx
import pytest
from starlette.responses import JSONResponse, Response
from support.sandboxes import (
    HELLO,
    STORY,
    WAIT,
    Local,
    client_of,
    create,
    double,
    fetch,
    output,
    until,
)
from support.server import serving

from replicate_ext.sandbox import Sandbox
from replicate_ext.sandbox._resources.account import AccountRoutes
from replicate_ext.sandbox._server import server


class TestServer:
    def test_serves_only_inside_its_context(self) -> None:
        sandbox = Sandbox()
        with pytest.raises(RuntimeError, match="not running"):
            _ = sandbox.base_url
        with sandbox, client_of(sandbox) as client:
            url = sandbox.base_url
            assert re.fullmatch(r"http://127\.0\.0\.1:\d+/v1", url)
            assert client.get("/account").json()["type"] in ("user", "organization")
        with pytest.raises(httpx.ConnectError):
            fetch(f"{url}/account")

    def test_async_context(self) -> None:
        async def main() -> int:
            async with Sandbox() as sandbox, httpx.AsyncClient(trust_env=False) as client:
                headers = {"Authorization": f"Bearer {sandbox.api_token}"}
                return (
                    await client.get(f"{sandbox.base_url}/account", headers=headers)
                ).status_code

        assert asyncio.run(main()) == 200

    def test_leaves_no_files_behind(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
        before = set(threading.enumerate())
        with Sandbox() as sandbox, client_of(sandbox) as client:
            client.post("/files", files={"content": b"kept on disk"})
            create(client, HELLO, text="x")
            create(client, STORY, prompt="x", delay=60)
            assert list(tmp_path.iterdir())
        assert not list(tmp_path.iterdir())
        until(lambda: set(threading.enumerate()) <= before or None)

    def test_stopping_does_not_wait_for_an_idle_client(self) -> None:
        sandbox = Sandbox()
        with client_of(sandbox.__enter__()) as client:
            client.get("/account")
            begin = time.monotonic()
            sandbox.__exit__(None, None, None)
            assert time.monotonic() - begin < server.SHUTDOWN_TIMEOUT / 2

    def test_stopping_disconnects_a_client_that_does_not_read(
        self, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.setattr(server, "SHUTDOWN_TIMEOUT", 0.3)

        def large() -> bytes:
            return bytes(8_000_000)

        with socket.socket() as deaf, Sandbox({"me/large": large}) as sandbox:
            with client_of(sandbox) as client:
                url = httpx.URL(output(client, "me/large"))
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            deaf.connect((url.host, url.port))
            deaf.sendall(f"GET {url.path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            until(lambda: sandbox.requests[-1].path == url.path or None)
        assert caplog.records == []

    def test_stopping_ends_a_held_request(self) -> None:
        responses: list[httpx.Response] = []

        def hold(sandbox: Sandbox) -> None:
            with client_of(sandbox) as client:
                responses.append(create(client, STORY, WAIT, prompt="x", delay=60))

        with Sandbox() as sandbox:
            holding = threading.Thread(target=hold, args=[sandbox])
            holding.start()
            until(lambda: sandbox.requests or None)
        holding.join(5)
        assert responses[0].json()["status"] == "canceled"

    def test_a_request_during_shutdown_is_not_held(self) -> None:
        sandbox = Sandbox()
        ending, resume = threading.Event(), threading.Event()

        @sandbox.model("me/tidy")
        async def tidy() -> str:
            try:
                await asyncio.sleep(60)
            finally:
                ending.set()
                await asyncio.to_thread(resume.wait, 5)
            return "tidy"

        with sandbox, client_of(sandbox) as client:
            id_ = create(client, "me/tidy").json()["id"]
            until(lambda: client.get(f"/predictions/{id_}").json().get("started_at"))
            leaving = threading.Thread(target=sandbox.__exit__, args=(None, None, None))
            leaving.start()
            assert ending.wait(5)
            response = create(client, STORY, WAIT, prompt="x", delay=60)
            assert response.json()["status"] == "canceled"
            resume.set()
            leaving.join(5)

    def test_stopping_does_not_wait_for_a_plain_function(self, local: Local) -> None:
        running, resume = threading.Event(), threading.Event()

        @local.sandbox.model("me/slow")
        def slow() -> str:
            running.set()
            resume.wait(5)
            return "late"

        create(local.client, "me/slow")
        assert running.wait(5)
        leaving = threading.Thread(target=local.sandbox.__exit__, args=(None, None, None))
        leaving.start()
        leaving.join(3)
        assert not leaving.is_alive()
        resume.set()

    def test_several_sandboxes_share_nothing(self) -> None:
        with (
            Sandbox() as one,
            Sandbox() as other,
            client_of(one) as first,
            client_of(other) as rest,
        ):
            id_ = create(first, HELLO, text="x").json()["id"]
            assert first.get(f"/predictions/{id_}").status_code == 200
            assert rest.get(f"/predictions/{id_}").status_code == 404

    def test_restarts_with_its_registered_models_only(self) -> None:
        sandbox = Sandbox({"me/double": double})
        for _ in range(2):
            with sandbox, client_of(sandbox) as client:
                assert output(client, "me/double", number=21) == 42
                assert len(client.get("/predictions").json()["results"]) == 1

    def test_restarts_with_empty_records(self, monkeypatch: pytest.MonkeyPatch) -> None:
        async def wrong(*_: object) -> Response:
            return JSONResponse({})

        monkeypatch.setattr(AccountRoutes, "_get", wrong)
        sandbox = Sandbox(strict=True)
        counts = []
        with serving() as receiver:
            for _ in range(2):
                with sandbox, client_of(sandbox) as client:
                    client.get("/account")
                    body = {"version": HELLO, "input": {"text": "x"}, "webhook": receiver.url}
                    client.post("/predictions", json={**body, "webhook_events_filter": ["start"]})
                    until(lambda: sandbox.deliveries or None)
                records = sandbox.requests, sandbox.deliveries, sandbox.contract_violations
                counts.append([len(each) for each in records])
        assert counts == [[2, 1, 1]] * 2

    def test_an_interrupted_request_is_not_an_error(self, caplog: pytest.LogCaptureFixture) -> None:
        with Sandbox() as sandbox:
            url = httpx.URL(sandbox.base_url)
            with socket.create_connection((url.host, url.port)) as connection:
                connection.sendall(
                    b"POST /v1/predictions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n"
                    + f"Authorization: Bearer {sandbox.api_token}\r\n\r\n{{".encode()
                )
                until(lambda: (sandbox.requests and sandbox.requests[0].size) or None)
        assert caplog.records == []
        assert sandbox.contract_violations == []

    @pytest.mark.parametrize("path", ["/predictions", "/nowhere"])
    def test_an_invalid_chunked_body_is_not_an_error(
        self, path: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.ERROR)
        with Sandbox(strict=True) as sandbox, client_of(sandbox) as client:
            url = httpx.URL(sandbox.base_url)
            head = (
                f"POST /v1{path} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
                f"Authorization: Bearer {sandbox.api_token}\r\n\r\n"
            )
            for pause in (0, 0.05):  # before and after the response
                with socket.create_connection((url.host, url.port), timeout=5) as connection:
                    connection.sendall(head.encode() + b"1\r\n{\r\n")
                    time.sleep(pause)
                    connection.sendall(b"no chunk\r\n")
                    received = b"".join(iter(lambda: connection.recv(65_536), b""))
                assert received.startswith(b"HTTP/1.1 4")
            assert client.get("/account").status_code == 200
        assert caplog.records == []

    def test_a_taken_port_is_an_error(self, sandbox: Sandbox) -> None:
        port = httpx.URL(sandbox.base_url).port
        assert port is not None
        with pytest.raises(OSError, match="in use"), Sandbox(port=port):
            pass

    def test_a_missing_temporary_folder_is_an_error(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "absent"))
        with pytest.raises(FileNotFoundError), Sandbox():
            pass

    def test_records_requests_without_the_token(self) -> None:
        with Sandbox(api_token="r8_secret") as sandbox, client_of(sandbox) as client:
            client.post("/predictions?a=1", content=b'{"x": 1}', headers={"X-Mine": "yes"})
            request = sandbox.requests[0]
        assert (request.method, request.path, request.query) == (
            "POST",
            "/v1/predictions",
            {"a": "1"},
        )
        assert request.headers["x-mine"] == "yes"
        assert request.headers["authorization"] == "Bearer [hidden]"
        assert (request.body, request.size) == (b'{"x": 1}', 8)
        assert "r8_secret" not in repr(request)
