"""The JavaScript client's tests of files: its rows 18 to 26 and 50 to 53."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from support.bodies import page
from support.clients import Kind, answer, prediction, start
from support.clock import VirtualClock
from support.files import from_uri, parts_of

from replicate_ext import (
    AuthenticationError,
)

VERSION = "5c7d5dc6dd8bf75c1acaa8565735e7986bc5b66206b55cca93cb72c9bf15ccaa"


CREATE = "POST /v1/predictions"


UPLOAD = "POST /v1/files"


TEXT = b"Hello, world!" * 11


URL = "https://replicate.com/api/files/123"


UPLOADED = answer(201, {"urls": {"get": URL}})


ROW_KINDS = pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: bytes(TEXT), id="blob"),
        pytest.param(lambda: io.BytesIO(TEXT), id="file"),
        pytest.param(lambda: bytearray(TEXT), id="buffer"),
    ],
)


def echo(request: httpx.Request) -> httpx.Response:
    return answer(201, prediction("starting", **json.loads(request.content)))


def create(client: Any, file: object) -> Any:
    """Create a prediction as rows 18 to 26 do, which upload first."""
    return client.predictions.create(
        version=VERSION, input={"prompt": "Tell me a story", "data": file}, file_encoding="upload"
    )


@ROW_KINDS
def test_rows_18_to_20_a_file_becomes_its_url(
    kind: Kind, clock: VirtualClock, make: Callable[[], Any]
) -> None:
    client, script = start(kind, clock, UPLOADED, echo)

    made = create(client, make())

    assert script.seen == [UPLOAD, CREATE]
    [part] = parts_of(script.requests[0].headers["Content-Type"], script.requests[0].content)
    # Differs: JavaScript makes a name of the kind and the time; a file without one is "file".
    assert part[:2] == ("content", "file")
    assert part.content == TEXT
    assert made.input == {"prompt": "Tell me a story", "data": URL}
    assert json.loads(script.requests[1].content) == {"version": VERSION, "input": made.input}


@ROW_KINDS
def test_rows_21_to_23_a_file_goes_inline_when_the_upload_is_not_available(
    kind: Kind, clock: VirtualClock, make: Callable[[], Any]
) -> None:
    client, script = start(kind, clock, answer(503, "Service Unavailable"), echo)

    made = create(client, make())

    assert script.seen == [UPLOAD, CREATE]
    assert made.input["prompt"] == "Tell me a story"
    assert from_uri(made.input["data"]) == ("application/octet-stream", TEXT)
    assert clock.sleeps == []


@ROW_KINDS
def test_rows_24_to_26_an_upload_that_is_refused_is_an_error(
    kind: Kind, clock: VirtualClock, make: Callable[[], Any]
) -> None:
    client, script = start(kind, clock, answer(401, "Unauthorized"), echo)

    with pytest.raises(AuthenticationError, match="401"):
        create(client, make())

    assert script.seen == [UPLOAD]


ROW_FILE: dict[str, Any] = {
    "id": "123",
    "content_type": "text/plain",
    "size": 123,
    "checksums": {"sha256": "abc"},
    "metadata": {},
    "created_at": "2023-08-22T21:57:38.123Z",
    "expires_at": None,
    "urls": {"get": "https://api.replicate.com/v1/files/123"},
}


@pytest.mark.parametrize("metadata", [None, {}, {"album": {"year": 2024}}])
@ROW_KINDS
def test_row_50_a_file_is_created(
    kind: Kind, clock: VirtualClock, make: Callable[[], Any], metadata: dict[str, Any] | None
) -> None:
    client, script = start(kind, clock, answer(200, ROW_FILE))

    file = client.files.create(make(), metadata=metadata)

    assert (file.id, file.expires_at, file.urls.get) == ("123", None, ROW_FILE["urls"]["get"])
    assert script.seen == [UPLOAD]
    request = script.requests[0]
    content, *rest = parts_of(request.headers["Content-Type"], request.content)
    assert (content.name, content.content) == ("content", TEXT)
    # Differs: without metadata JavaScript sends {}; here it is left out.
    assert [(part.name, part.content_type, json.loads(part.content)) for part in rest] == (
        [] if metadata is None else [("metadata", "application/json", metadata)]
    )


def test_rows_51_to_53_files_are_fetched_listed_and_deleted(
    kind: Kind, clock: VirtualClock
) -> None:
    client, script = start(
        kind, clock, answer(200, ROW_FILE), answer(200, page(ROW_FILE)), answer(204, b"")
    )

    assert client.files.get("123").id == "123"
    listed = client.files.list()
    assert [file.id for file in listed.results] == ["123"]
    # Differs: JavaScript returns true; here a delete that fails raises.
    assert client.files.delete("123") is None

    assert script.seen == ["GET /v1/files/123", "GET /v1/files", "DELETE /v1/files/123"]
