"""What files in and out were once wrong about."""

from __future__ import annotations

import gzip
import io
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

from replicate_ext import FileOutput, InvalidInputError, InvalidResponseError, Replicate
from replicate_ext._files.file_source import CHUNK, source_of
from replicate_ext._files.media_types import media_type
from replicate_ext._files.output import is_file_url
from replicate_ext._files.request_body import Body, DataUri


@pytest.mark.parametrize("size", [0, 1, 2, 3, CHUNK - 1, CHUNK, CHUNK + 1, CHUNK + 2])
def test_awaited_data_uris_have_every_byte(size: int) -> None:
    body = Body([b"<", DataUri(source_of(bytes(size), "key")), b">"])

    async def collect() -> bytes:
        return b"".join([chunk async for chunk in body])

    assert anyio.run(collect) == b"".join(body)
    assert len(b"".join(body)) == len(body)


@pytest.mark.parametrize(
    "text",
    ["data:yes,no", "data:1,2,3", "http://[bad", "https://...", "https://xn--a.com/x", "https://"],
)
def test_prose_that_looks_like_a_url_is_no_file(text: str) -> None:
    assert not is_file_url(text)


@pytest.mark.parametrize(
    "text",
    ["data:,x", "data:text/plain,banana", "data:image/png;base64,AA==", "https://bücher.example/a"],
)
def test_short_and_foreign_urls_are_files(text: str) -> None:
    assert is_file_url(text)


@pytest.mark.parametrize("value", [3, None, FileOutput("https://a.b/c"), httpx.Response(200)])
def test_what_is_no_file_cannot_be_uploaded(value: Any) -> None:
    with pytest.raises(InvalidInputError, match="file"):
        Replicate("t").files.create(value)


def test_a_path_as_text_is_uploaded(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"picture")
    bodies: list[bytes] = []

    def take(request: httpx.Request) -> httpx.Response:
        bodies.append(request.read())
        return httpx.Response(201, json={"id": "f", "urls": {"get": "https://x.test/f"}})

    Replicate("t", transport=httpx.MockTransport(take)).files.create(str(tmp_path / "a.png"))

    assert b'filename="a.png"' in bodies[0]


def test_an_upload_answered_without_its_url_is_no_answer() -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(201, json={"id": "f"}))
    with pytest.raises(InvalidResponseError):
        Replicate("t", transport=transport).files.create(b"x")


def test_memory_with_gaps_is_sent() -> None:
    assert b"".join(source_of(memoryview(b"abcd")[::2], "key").chunks()) == b"ac"


@pytest.mark.parametrize(
    ("name", "head", "expected"),
    [
        ("x.json.gz", b"", "application/gzip"),
        (None, gzip.compress(b"x", mtime=0)[:16], "application/gzip"),
        ("x.json", b"", "application/json"),
    ],
)
def test_the_type_is_that_of_the_bytes(name: str | None, head: bytes, expected: str) -> None:
    assert media_type(name, head) == expected


def test_short_reads_do_not_hide_the_type() -> None:
    class Trickle(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return super().read(min(size or 0, 1) if size != -1 else 1)

    source = source_of(Trickle(b"\x89PNG\r\n\x1a\n" + bytes(20)), "key")
    assert source.media_type == "image/png"


def test_long_names_can_be_saved(tmp_path: Path) -> None:
    target = tmp_path / ("測" * 84)
    assert FileOutput("data:text/plain,x").save(target).read_bytes() == b"x"
    assert [path.name for path in tmp_path.iterdir()] == [target.name]


def test_half_a_surrogate_pair_is_refused() -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(500))
    with pytest.raises(InvalidInputError, match="surrogate"):
        Replicate("t", transport=transport).run("a/b", {"text": "\ud800"})
