"""Uploads: failures, retries, the bytes that are sent, and the threads that read the files.

Guarantees 10 and 15; rows 18 to 26 and 50 to 53 of the JavaScript client's tests.
"""

from __future__ import annotations

import io
import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import httpx
import pytest
from support.bodies import FILE_2024
from support.clients import Kind, Script, answer, created, make_client, prediction, start
from support.clock import VirtualClock
from support.files import ReadElsewhere, ShortReads, from_uri, parts_of
from support.places import cases
from support.recordings import exchanges, replaying
from support.server import Api, answering, serving

from replicate_ext import (
    APIConnectionError,
    APIError,
    AsyncReplicate,
    FileOutput,
    InvalidInputError,
    InvalidResponseError,
    RateLimitError,
    Replicate,
    ServerError,
)
from replicate_ext._http.together import CONCURRENCY
from replicate_ext.types import FileEncoding

VERSION = "5c7d5dc6dd8bf75c1acaa8565735e7986bc5b66206b55cca93cb72c9bf15ccaa"
CREATE = "POST /v1/predictions"
UPLOAD = "POST /v1/files"
TEXT = b"Hello, world!" * 11
URL = "https://replicate.com/api/files/123"
UPLOADED = answer(201, {"urls": {"get": URL}})
DONE = created("succeeded", output="done")


def test_an_upload_has_the_given_name_and_type(
    kind: Kind, clock: VirtualClock, tmp_path: Path
) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(TEXT)
    client, script = start(kind, clock, answer(201, FILE_2024))

    client.files.create(path)
    client.files.create(path, filename='b".txt', content_type="text/x-boat\r\nX-Evil: 1")

    sent = [parts_of(r.headers["Content-Type"], r.content) for r in script.requests]
    assert sent[0] == [("content", "a.png", "image/png", TEXT)]
    assert sent[1] == [("content", "b%22.txt", "text/x-boatX-Evil: 1", TEXT)]


@pytest.mark.parametrize("recording", cases("recordings/file-operations.yaml"))
def test_the_recorded_life_of_a_file(
    kind: Kind, clock: VirtualClock, recording: Path, tmp_path: Path
) -> None:
    client = make_client(kind, clock=clock.clock, base_url=None)

    with replaying(recording) as cassette:
        uploaded = next(exchanges(cassette))
        [part] = parts_of(uploaded.content_type, uploaded.content)
        path = tmp_path / str(part.filename)
        path.write_bytes(part.content)
        file = client.files.create(path)
        got = client.files.get(file.id)
        before = [listed.id for listed in client.files.list().results]
        client.files.delete(file.id)
        after = [listed.id for listed in client.files.list().results]

    assert cassette.all_played
    assert (file.name, file.content_type, file.size) == (path.name, "text/plain", 0)
    assert got.to_dict() == file.to_dict()
    assert [name for name in before if name not in after] == [file.id]


FAILURES = [
    answer(503, "Service Unavailable"),
    answer(500, {"detail": "Internal server error"}),
    httpx.ConnectError("refused"),
    httpx.ReadError("reset"),
    httpx.WriteTimeout("slow"),
]


@pytest.mark.parametrize("failure", FAILURES, ids=repr)
@pytest.mark.parametrize("size", [256_001, 10_000_000])
def test_a_file_goes_inline_when_it_cannot_be_uploaded(
    kind: Kind, clock: VirtualClock, failure: Any, size: int
) -> None:
    client, script = start(kind, clock, failure, DONE, max_retries=0)

    assert client.run(VERSION, {"data": bytes(size)}) == "done"

    assert script.seen == [UPLOAD, CREATE]
    uri = json.loads(script.requests[1].content)["input"]["data"]
    assert from_uri(uri) == ("application/octet-stream", bytes(size))


@pytest.mark.parametrize(
    ("failure", "expected"),
    [(FAILURES[0], ServerError), (FAILURES[2], APIConnectionError)],
    ids=["503", "refused"],
)
def test_a_failed_upload_too_large_to_go_inline_is_an_error(
    kind: Kind, clock: VirtualClock, failure: Any, expected: type[APIError]
) -> None:
    client, script = start(kind, clock, failure, max_retries=0)

    with pytest.raises(expected):
        client.run(VERSION, {"files": [bytes(5_000_000), bytes(5_000_001)]})

    assert script.seen == [UPLOAD, UPLOAD]


def test_uploaded_files_do_not_count_toward_the_inline_limit(
    kind: Kind, clock: VirtualClock
) -> None:
    uploaded = answer(201, {"id": "f1", "urls": {"get": "https://api.test/v1/files/f1"}})
    client, script = start(kind, clock, uploaded, FAILURES[0], DONE, max_retries=0)

    client.run(VERSION, {"files": [bytes(6_000_000), bytes(6_000_001)]})

    sent = json.loads(script.requests[2].content)["input"]["files"]
    assert sent[0] == "https://api.test/v1/files/f1"
    assert from_uri(sent[1])[1] == bytes(6_000_001)


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 413, 422])
def test_a_refused_upload_is_an_error_and_nothing_is_created(
    kind: Kind, clock: VirtualClock, status: int
) -> None:
    client, script = start(kind, clock, answer(status, "<html>no</html>"), DONE)

    with pytest.raises(APIError, match=f"POST /v1/files: {status}") as caught:
        client.run(VERSION, {"data": TEXT}, file_encoding="upload")

    assert caught.value.status == status
    assert script.seen == [UPLOAD]


def test_rate_limited_uploads_are_retried_with_complete_bodies(
    kind: Kind, clock: VirtualClock
) -> None:
    limited = answer(429, {"detail": "Too many requests"}, Retry_After="7")
    client, script = start(kind, clock, limited, limited, UPLOADED, limited, limited, DONE)
    large, small = os.urandom(300_000), os.urandom(100)

    assert client.run(VERSION, {"a": io.BytesIO(large), "b": ShortReads(small, 60)}) == "done"

    assert script.seen == [UPLOAD] * 3 + [CREATE] * 3
    for request in script.requests[:3]:
        [part] = parts_of(request.headers["Content-Type"], request.content)
        assert part.content == large
    for request in script.requests[3:]:
        sent = json.loads(request.content)["input"]
        assert (sent["a"], from_uri(sent["b"])[1]) == (URL, small)
    assert clock.sleeps == [pytest.approx(7, rel=0.1)] * 4


def test_an_upload_that_stays_rate_limited_is_an_error(kind: Kind, clock: VirtualClock) -> None:
    client, script = start(kind, clock, answer(429, {}), max_retries=1)

    with pytest.raises(RateLimitError):
        client.run(VERSION, {"data": TEXT}, file_encoding="upload")

    assert script.seen == [UPLOAD] * 2


@pytest.fixture
def api() -> Iterator[Api]:
    with serving() as running:
        body = prediction("succeeded", output="done", **FILE_2024)
        running.answer = answering(201, json.dumps(body).encode())
        yield running


def test_content_lengths_are_sent_and_correct(kind: Kind, api: Api, tmp_path: Path) -> None:
    path = tmp_path / "größe.txt"
    path.write_bytes(os.urandom(2_000_001))
    client = make_client(kind, base_url=api.url)
    given = {"path": path, "é": ShortReads(TEXT, 60)}

    for encoding in ("upload", "data-uri"):
        client.run(VERSION, given, file_encoding=encoding)

    for request in api.received:
        assert "transfer-encoding" not in request.headers
        assert int(request.headers["content-length"]) == len(request.body)
    *uploads, _, inline = api.received
    sent = [parts_of(request.headers["content-type"], request.body) for request in uploads]
    contents = sorted((part.content for [part] in sent), key=len)  # in any order
    assert contents == [TEXT, path.read_bytes()]
    assert inline.headers["content-type"] == "application/json"
    assert {name: from_uri(uri)[1] for name, uri in json.loads(inline.body)["input"].items()} == {
        "path": path.read_bytes(),
        "é": TEXT,
    }


@pytest.mark.parametrize("encoding", ["data-uri", "upload"])
def test_a_file_that_changes_while_it_is_sent_is_an_error(
    kind: Kind, clock: VirtualClock, encoding: str
) -> None:
    file = io.BytesIO(TEXT)

    def limited(_: httpx.Request) -> httpx.Response:
        file.truncate(5)
        return answer(429, {})

    client, _ = start(kind, clock, limited, DONE)

    with pytest.raises(InvalidInputError, match=r"^input\.data: the size of the file changed"):
        client.run(VERSION, {"data": file}, file_encoding=encoding)


@pytest.mark.parametrize("encoding", ["data-uri", "upload"])
def test_async_code_reads_files_in_other_threads(
    kind: Kind, clock: VirtualClock, encoding: str
) -> None:
    file = ReadElsewhere(TEXT)
    client, _ = start(kind, clock, *[UPLOADED] * (encoding == "upload"), DONE)

    client.run(VERSION, {"data": file}, file_encoding=encoding)

    here = threading.get_ident()
    assert file.threads == {here} if kind == "sync" else here not in file.threads
    assert file.threads


@pytest.mark.parametrize("encoding", ["data-uri", "upload"])
@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_slow_file_does_not_stop_the_event_loop(backend: str, encoding: FileEncoding) -> None:
    go_on = threading.Event()
    file = ReadElsewhere(TEXT, until=go_on)
    script = Script(*[UPLOADED] * (encoding == "upload"), DONE)

    async def main() -> None:
        async with (
            AsyncReplicate("r8_x", transport=script.transport) as client,
            anyio.create_task_group() as group,
        ):
            group.start_soon(lambda: client.run(VERSION, {"a": file}, file_encoding=encoding))
            while not file.threads:
                await anyio.lowlevel.checkpoint()
            go_on.set()

    anyio.run(main, backend=backend)

    assert script.seen[-1] == CREATE


@pytest.mark.parametrize("value", [3, None, FileOutput("https://a.b/c"), httpx.Response(200)])
def test_a_value_that_is_not_a_file_cannot_be_uploaded(value: Any) -> None:
    with pytest.raises(InvalidInputError, match="file"):
        Replicate("t").files.create(value)


def test_a_path_as_a_string_is_uploaded(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"picture")
    bodies: list[bytes] = []

    def take(request: httpx.Request) -> httpx.Response:
        bodies.append(request.read())
        return httpx.Response(201, json={"id": "f", "urls": {"get": "https://x.test/f"}})

    Replicate("t", transport=httpx.MockTransport(take)).files.create(str(tmp_path / "a.png"))

    assert b'filename="a.png"' in bodies[0]


def test_an_upload_response_without_a_url_is_invalid() -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(201, json={"id": "f"}))
    with pytest.raises(InvalidResponseError):
        Replicate("t", transport=transport).files.create(b"x")


def json_of(status: int, value: Any) -> Any:
    return answering(status, json.dumps(value).encode(), Content_Type="application/json")


CREATES = json_of(201, prediction("succeeded", output="done"))


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_small_files_of_one_input_are_uploaded_at_the_same_time(backend: Kind, api: Api) -> None:
    meeting = threading.Barrier(CONCURRENCY, timeout=10)
    lock = threading.Lock()
    now = most = 0

    def together(handler: Any) -> None:
        nonlocal now, most
        if handler.path != "/v1/files":
            CREATES(handler)
            return
        with lock:
            now, most = now + 1, max(most, now + 1)
        meeting.wait()  # no response is sent before all requests are here
        with lock:
            now -= 1
        content = next(part.content for part in parts_of_request(api, handler))
        json_of(201, {"urls": {"get": f"https://files.test/{content.decode()}"}})(handler)

    api.answer = together
    client = make_client(backend, base_url=api.url)
    files = [str(number).encode() for number in range(2 * CONCURRENCY)]

    client.run(VERSION, {"files": files}, file_encoding="upload")

    sent = json.loads(api.received[-1].body)["input"]["files"]
    assert sent == [f"https://files.test/{number}" for number in range(2 * CONCURRENCY)]
    assert most == CONCURRENCY


def parts_of_request(api: Api, handler: Any) -> list[Any]:
    """The parts of the request that a handler serves; each has its own content length and body."""
    boundary = handler.headers["Content-Type"]
    body = next(each.body for each in api.received if each.headers["content-type"] == boundary)
    return list(parts_of(boundary, body))


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_refused_upload_ends_the_uploads_beside_it(backend: Kind, api: Api) -> None:
    over = threading.Event()

    def refuse(handler: Any) -> None:
        if b"refused" in api.received[-1].body:
            json_of(422, {"detail": "refused"})(handler)
        elif not over.wait(10):
            over.set()

    api.answer = refuse
    client = make_client(backend, base_url=api.url)
    files = [b"slow", b"slower", b"refused"]

    try:
        with pytest.raises(APIError, match="refused"):
            client.run(VERSION, {"files": files}, file_encoding="upload")
        assert not over.is_set()
    finally:
        over.set()


def test_uploads_that_fail_at_the_same_time_share_the_limit_of_inline_files(
    kind: Kind, api: Api
) -> None:
    fails = answering(503)
    api.answer = lambda handler: (fails if handler.path == "/v1/files" else CREATES)(handler)
    client = make_client(kind, base_url=api.url, max_retries=0)

    client.run(VERSION, {"files": [bytes(3_000_000 + number) for number in range(3)]})
    assert api.received[-1].path == "/v1/predictions"
    with pytest.raises(ServerError):
        client.run(VERSION, {"files": [bytes(3_000_000 + number) for number in range(4)]})
