"""Limits on the memory and disk space that the sandbox uses."""

from __future__ import annotations

import gc
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from starlette.datastructures import UploadFile
from support.sandboxes import (
    HELLO,
    STORY,
    WAIT,
    Local,
    client_of,
    create,
    data_uri,
    fetch,
    finish,
    output,
    until,
)

from replicate_ext.sandbox import Sandbox
from replicate_ext.sandbox._http import bodies
from replicate_ext.sandbox._http.bodies import MAX_JSON, MAX_TEXT
from replicate_ext.sandbox._http.json import memory_size
from replicate_ext.sandbox._resources.files import MAX_FIELDS
from replicate_ext.sandbox._runs import job
from replicate_ext.sandbox._webhooks import delivery

if TYPE_CHECKING:
    from collections.abc import Iterable

MB = 1_000_000


def echo(text: str) -> str:
    return text


def status(client: httpx.Client, id_: str) -> int:
    return client.get(f"/predictions/{id_}").status_code


def sent(sandbox: Sandbox, head: str, pieces: Iterable[bytes]) -> bytes:
    """Send a whole request over a socket before reading the response."""
    url = httpx.URL(sandbox.base_url)
    with socket.create_connection((url.host, url.port or 0), timeout=10) as connection:
        credentials = f"Host: {url.host}\r\nAuthorization: Bearer {sandbox.api_token}\r\n"
        connection.sendall(f"{head}{credentials}Connection: close\r\n\r\n".encode())
        for piece in pieces:
            connection.sendall(piece)
        received = b""
        while chunk := connection.recv(65_536):
            received += chunk
    return received


class TestBodies:
    @pytest.mark.parametrize(
        ("method", "path", "limit", "kind"),
        [
            ("POST", "/predictions", MAX_JSON, "application/json"),
            ("POST", f"/models/{HELLO}/predictions", MAX_JSON, "application/json"),
            ("PATCH", f"/models/{HELLO}", MAX_JSON, "application/json"),
            ("QUERY", "/models", MAX_TEXT, "text/plain"),
        ],
    )
    def test_a_too_large_body_is_rejected(
        self, local: Local, method: str, path: str, limit: int, kind: str
    ) -> None:
        content = b'{"a": "' + b"x" * limit + b'"}'
        headers = {"Content-Type": kind}
        response = local.client.request(method, path, content=content, headers=headers)
        assert response.status_code == 413
        assert response.headers["content-type"] == "application/problem+json"
        assert response.json()["status"] == 413
        assert str(limit) in response.json()["detail"]

    @pytest.mark.parametrize("kind", ["with a length", "in chunks"])
    def test_the_sender_of_a_too_large_body_gets_the_response(
        self, local: Local, kind: str
    ) -> None:
        piece = b"x" * MB
        if kind == "with a length":
            length, pieces = f"Content-Length: {50 * MB}", [piece] * 50
        else:
            chunk = b"%x\r\n%s\r\n" % (len(piece), piece)
            length, pieces = "Transfer-Encoding: chunked", [*[chunk] * 50, b"0\r\n\r\n"]
        received = sent(local.sandbox, f"POST /v1/predictions HTTP/1.1\r\n{length}\r\n", pieces)
        assert received.startswith(b"HTTP/1.1 413 ")

    def test_an_endless_body_is_not_read_forever(
        self, local: Local, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(bodies, "DISCARD_TIMEOUT", 0.1)
        pieces = [b"x" * MB] * 20
        head = f"POST /v1/predictions HTTP/1.1\r\nContent-Length: {100 * MB}\r\n"
        assert sent(local.sandbox, head, pieces).startswith(b"HTTP/1.1 413 ")

    def test_a_body_of_the_largest_size_is_accepted(self, client: httpx.Client) -> None:
        room = MAX_JSON - len('{"version":"replicate/hello-world","input":{"text":""}}')
        content = f'{{"version":"{HELLO}","input":{{"text":"{"x" * room}"}}}}'
        response = client.post("/predictions", content=content)
        assert response.status_code == 201

    def test_an_upload_stops_at_the_limit(self, monkeypatch: pytest.MonkeyPatch) -> None:
        written: list[int] = []

        async def write(file: UploadFile, data: bytes) -> None:
            written.append(len(data))
            await to_disk(file, data)

        to_disk = UploadFile.write
        monkeypatch.setattr(UploadFile, "write", write)
        part = b'--b\r\nContent-Disposition: form-data; name="content"; filename="x"\r\n\r\n'
        pieces = [part, *[b"x" * MB] * 50, b"\r\n--b--\r\n"]
        head = "POST /v1/files HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=b\r\n"
        length = f"Content-Length: {sum(map(len, pieces))}\r\n"
        with Sandbox(max_upload=MB) as sandbox:
            received = sent(sandbox, head + length, pieces)
        assert received.startswith(b"HTTP/1.1 413 ")
        assert sum(written) <= MB + MAX_FIELDS

    def test_other_form_fields_are_limited(self, client: httpx.Client) -> None:
        metadata = b'{"a": "' + b"x" * MAX_FIELDS + b'"}'
        files = {"content": ("x", b"x"), "metadata": ("m", metadata)}
        assert client.post("/files", files=files).status_code == 422


class TestPredictions:
    def test_the_oldest_finished_predictions_are_dropped_first(self) -> None:
        with Sandbox({"me/echo": echo}, max_finished=MB) as sandbox, client_of(sandbox) as client:
            ids = [
                create(client, "me/echo", WAIT, text="x" * 100_000).json()["id"] for _ in range(10)
            ]
            kept = [id_ for id_ in ids if status(client, id_) == 200]
            listed = [each["id"] for each in client.get("/predictions").json()["results"]]
        assert 0 < len(kept) < len(ids)
        assert kept == ids[-len(kept) :]
        assert listed == kept[::-1]

    def test_predictions_without_a_shown_end_are_dropped_last(self) -> None:
        with Sandbox({"me/echo": echo}, max_finished=MB) as sandbox, client_of(sandbox) as client:
            unseen = create(client, "me/echo", text="x" * 100_000).json()["id"]
            until(lambda: client.get("/predictions").json()["results"][0]["completed_at"])
            for _ in range(10):
                create(client, "me/echo", WAIT, text="x" * 100_000)
            assert client.get(f"/predictions/{unseen}").json()["output"] == "x" * 100_000

    def test_running_predictions_are_kept(self) -> None:
        with Sandbox({"me/echo": echo}, max_finished=0) as sandbox, client_of(sandbox) as client:
            running = create(client, STORY, prompt="x", delay=60).json()["id"]
            ended = [create(client, "me/echo", WAIT, text="x").json()["id"] for _ in range(2)]
            assert [status(client, id_) for id_ in (running, *ended)] == [200, 404, 200]
            # The latest finished prediction is kept, however large.
            client.post(f"/predictions/{running}/cancel")
            until(lambda: status(client, ended[1]) == 404 or None)
            assert status(client, running) == 200

    def test_streams_are_dropped_with_their_predictions(self) -> None:
        with Sandbox({"me/echo": echo}, max_finished=0) as sandbox, client_of(sandbox) as client:
            urls = [
                create(client, "me/echo", WAIT, text="x").json()["urls"]["stream"] for _ in "12"
            ]
            gc.collect()
            assert [fetch(url).status_code for url in urls] == [404, 200]

    def test_trainings_count_as_well(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("replicate_ext.sandbox._resources.trainings.STEP_SECONDS", 0)
        with Sandbox(max_finished=0) as sandbox, client_of(sandbox) as client:
            body = {"owner": "me", "name": "m", "visibility": "private", "hardware": "cpu"}
            client.post("/models", json=body)
            version = client.get(f"/models/{HELLO}").json()["latest_version"]["id"]
            path = f"/models/{HELLO}/versions/{version}/trainings"
            order = {"destination": "me/m", "input": {}}
            urls = [client.post(path, json=order).json()["id"] for _ in range(2)]
            until(lambda: client.get(f"/trainings/{urls[0]}").status_code == 404 or None)
            assert client.get(f"/trainings/{urls[1]}").json()["status"] == "succeeded"

    def test_logs_keep_their_end(self, local: Local, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(job, "MAX_LOGS", 1_000)

        @local.sandbox.model("me/talk")
        def talk() -> str:
            for number in range(1_000):
                sys.stdout.write(f"line {number}\n")
            return "done"

        logs = create(local.client, "me/talk", WAIT).json()["logs"]
        id_ = create(local.client, "me/talk").json()["id"]
        lines = finish(local.client, id_)["logs"].splitlines()
        assert logs == ""
        assert lines == [f"line {number}" for number in range(1_000 - len(lines), 1_000)]
        assert 500 / len("line 999\n") - 2 <= len(lines) <= 1_000 / len("line 999\n")

    def test_memory_size_includes_nested_values(self) -> None:
        text = "x" * 1_000
        assert memory_size({"a": [text, {"b": text}]}) > 2_000
        # Deep nesting does not raise.
        deep: list[object] = []
        for _ in range(10_000):
            deep = [deep]
        assert memory_size(deep) >= 10_000 * sys.getsizeof([])


class TestWebhooks:
    def test_pending_webhooks_are_limited(
        self, local: Local, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.setattr(delivery, "_MAX_PENDING", 1)
        with socket.create_server(("127.0.0.1", 0)) as deaf:
            host, port = deaf.getsockname()
            for _ in range(3):
                body = {
                    "version": HELLO,
                    "input": {"text": "x"},
                    "webhook_events_filter": ["start"],
                }
                hook = {"webhook": f"http://{host}:{port}/"}
                assert local.client.post("/predictions", json={**body, **hook}).is_success
            until(lambda: caplog.records[1:] or None)
        # The first one is sent, and waits for its receiver.
        assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING"]

    def test_the_length_of_webhook_urls_is_limited(self, client: httpx.Client) -> None:
        url = "https://example.com/"
        for length, status in ((2_048, 201), (2_049, 422)):
            run = {"version": HELLO, "input": {"text": "x"}, "webhook_events_filter": []}
            body = {**run, "webhook": url + "x" * (length - len(url))}
            assert client.post("/predictions", json=body).status_code == status


class TestJournal:
    def test_the_oldest_requests_are_dropped(self) -> None:
        with Sandbox(max_journal=MB) as sandbox, client_of(sandbox) as client:
            for number in range(20):
                client.post(f"/predictions?number={number}", content=b"x" * 100_000)
            kept = [request.query["number"] for request in sandbox.requests]
            assert sum(len(request.body) for request in sandbox.requests) <= MB
        assert 5 <= len(kept) < 10
        assert kept == [str(number) for number in range(20 - len(kept), 20)]

    def test_the_overhead_of_small_requests_counts(self) -> None:
        with Sandbox(max_journal=100_000) as sandbox, client_of(sandbox) as client:
            for _ in range(100):
                client.get("/account")
            assert 10 < len(sandbox.requests) < 50

    def test_a_request_larger_than_the_limit_is_not_kept(self) -> None:
        with Sandbox(max_journal=MB) as sandbox, client_of(sandbox) as client:
            client.post("/predictions", content=b"x" * 2 * MB)
            assert sandbox.requests == []
            client.get("/account")
            assert [request.method for request in sandbox.requests] == ["GET"]

    def test_a_limit_of_zero_keeps_no_requests(self) -> None:
        with Sandbox(max_journal=0) as sandbox, client_of(sandbox) as client:
            assert create(client, HELLO, WAIT, text="x").status_code == 201
            assert sandbox.requests == []


class TestFiles:
    def test_the_oldest_uploads_are_removed(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
        with Sandbox(max_files=MB) as sandbox, client_of(sandbox) as client:
            urls = [
                client.post("/files", files={"content": b"x" * 300_000}).json()["urls"]["get"]
                for _ in range(5)
            ]
            assert [client.get(url).status_code for url in urls] == [404, 404, 200, 200, 200]
            assert len(client.get("/files").json()["results"]) == 3
            assert _taken(tmp_path) <= MB

    def test_a_deleted_file_makes_room(self) -> None:
        with Sandbox(max_files=MB) as sandbox, client_of(sandbox) as client:

            def upload() -> str:
                response = client.post("/files", files={"content": b"x" * 300_000})
                return str(response.json()["urls"]["get"])

            first = upload()
            for _ in range(5):
                client.delete(upload())
            assert client.get(first).status_code == 200

    def test_inputs_and_outputs_count_together(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def same(file: bytes) -> bytes:
            return file

        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
        with Sandbox({"me/same": same}, max_files=MB) as sandbox, client_of(sandbox) as client:
            uri = data_uri(b"x" * 300_000)
            urls = [output(client, "me/same", file=uri) for _ in range(4)]
            assert [fetch(url).status_code for url in urls] == [404, 404, 200, 200]
            assert _taken(tmp_path) <= MB

    def test_the_latest_file_is_kept_however_large(self) -> None:
        with Sandbox(max_files=0) as sandbox, client_of(sandbox) as client:
            urls = [
                client.post("/files", files={"content": b"x"}).json()["urls"]["get"] for _ in "12"
            ]
            assert [client.get(url).status_code for url in urls] == [404, 200]

    def test_a_too_large_input_is_not_downloaded(self, local: Local) -> None:
        @local.sandbox.model("me/large")
        def large() -> bytes:
            return bytes(MB)

        def length(file: bytes) -> int:
            return len(file)

        url = output(local.client, "me/large")
        limited = Sandbox({"me/length": length}, max_upload=MB - 1)
        with limited, client_of(limited) as client:
            body = finish(client, create(client, "me/length", file=url).json()["id"])
        assert body["status"] == "failed"
        assert "larger than 999999 bytes" in body["error"]


def _taken(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
