"""Outputs read in pieces, into memory up to a limit, and opened as files that can seek."""

from __future__ import annotations

import gzip
import io
import pickle
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from typing import Any

import anyio
import anyio.lowlevel
import httpx
import pytest
from PIL import Image
from support.clients import Kind, make_client
from support.clock import VirtualClock
from support.files import Hosted, opened, output_of, read, save
from support.server import Api, serving

from replicate_ext import (
    APIConnectionError,
    APIError,
    AsyncReplicate,
    FileOutput,
    InvalidInputError,
)

CONTENT = bytes(range(256)) * 1_000
DATA_URI = "data:text/plain,hello%20world"


@pytest.fixture
def api() -> Iterator[Api]:
    with serving() as running:
        running.answer = Hosted(CONTENT)
        yield running


@pytest.fixture
def file(api: Api) -> FileOutput:
    return output_of(make_client("sync", clock=VirtualClock().clock), f"{api.url}/out")


def test_reads_with_a_size_continue_where_the_previous_one_ended(
    api: Api, file: FileOutput
) -> None:
    assert file.read(0) == b""
    assert api.received == []

    pieces = [file.read(100_001) for _ in range(5)]

    assert pieces == [CONTENT[:100_001], CONTENT[100_001:200_002], CONTENT[200_002:], b"", b""]
    assert len(api.received) == 1


def test_a_read_without_a_size_always_returns_the_whole_file(file: FileOutput) -> None:
    assert file.read(10) == CONTENT[:10]
    assert file.read() == file.read(-1) == file.read(None) == CONTENT
    assert file.read(10) == CONTENT[10:20]


@pytest.mark.parametrize("is_data", [False, True])
def test_a_file_can_be_copied_with_shutil(file: FileOutput, is_data: bool) -> None:
    source = FileOutput(DATA_URI) if is_data else file
    target = io.BytesIO()

    shutil.copyfileobj(source, target)

    assert target.getvalue() == (b"hello world" if is_data else CONTENT)


def test_reading_in_pieces_raises_if_the_download_was_cut(api: Api, file: FileOutput) -> None:
    api.answer = Hosted(CONTENT, cuts=(1_000, *[0] * 99))

    with pytest.raises(APIConnectionError, match="the download was interrupted after 1,000 of"):
        file.read(2_000)
    for size in (1, 2_000):
        with pytest.raises(APIConnectionError, match="an earlier read failed"):
            file.read(size)


def test_a_half_read_file_is_pickled_as_its_url(file: FileOutput) -> None:
    file.read(10)

    assert pickle.loads(pickle.dumps(file)).read(10) == CONTENT[:10]  # noqa: S301 - our own


def test_an_opened_file_is_a_binary_file_that_can_seek(kind: Kind, api: Api) -> None:
    given = output_of(make_client(kind), f"{api.url}/out")

    with opened(kind, given) as file:
        assert file.read() == CONTENT
        assert file.seek(-3, io.SEEK_END) == len(CONTENT) - 3
        assert file.read() == CONTENT[-3:]
        assert file.seekable()
        assert file.tell() == len(CONTENT)
    assert file.closed


def test_pillow_opens_an_output(kind: Kind, api: Api) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (40, 30)).save(buffer, "PNG")
    api.answer = Hosted(buffer.getvalue())

    with opened(kind, output_of(make_client(kind), api.url)) as file, Image.open(file) as image:
        assert image.size == (40, 30)


def test_a_data_uri_can_be_opened(kind: Kind) -> None:
    with opened(kind, FileOutput(DATA_URI)) as file:
        assert file.read() == b"hello world"


def test_an_opened_file_is_complete_or_an_error(kind: Kind, clock: VirtualClock, api: Api) -> None:
    api.answer = Hosted(CONTENT, cuts=(1_000, *[0] * 99))

    with pytest.raises(APIConnectionError, match="the download was interrupted after 1,000 of"):
        opened(kind, output_of(make_client(kind, clock=clock.clock), api.url))


@pytest.mark.parametrize(
    ("content", "headers"),
    [
        (bytes(10_001), {}),
        (gzip.compress(bytes(10_001)), {"Content_Encoding": "gzip"}),
        (gzip.compress(gzip.compress(bytes(1 << 28))), {"Content_Encoding": "gzip, gzip"}),
    ],
    ids=["plain", "compressed", "a bomb"],
)
def test_reading_into_memory_has_a_limit(
    kind: Kind, api: Api, content: bytes, headers: dict[str, Any]
) -> None:
    api.answer = Hosted(content, **headers)
    client = make_client(kind, max_download_size=10_000)

    with pytest.raises(APIError, match="at most 10,000 are read into memory") as caught:
        read(kind, output_of(client, api.url))

    assert "use save() or open(), or give the client a larger max_download_size" in str(
        caught.value
    )
    assert len(api.received) == 1


def test_a_file_as_large_as_the_limit_is_read_and_a_larger_one_saved(
    kind: Kind, api: Api, tmp_path: Any
) -> None:
    client = make_client(kind, max_download_size=10_000)

    api.answer = Hosted(bytes(10_000))
    assert read(kind, output_of(client, api.url)) == bytes(10_000)

    api.answer = Hosted(CONTENT)
    assert save(kind, output_of(client, api.url), tmp_path / "a").read_bytes() == CONTENT
    with opened(kind, output_of(client, api.url)) as file:
        assert file.read() == CONTENT


def test_files_of_a_run_have_the_limit_of_their_client(kind: Kind, api: Api) -> None:
    body = {"id": "p1", "status": "succeeded", "output": f"{api.url}/out"}
    transport = httpx.MockTransport(lambda _: httpx.Response(201, json=body))
    client = make_client(kind, transport=transport, max_download_size=10)

    file = client.run("owner/name", {})

    assert file._remote.max_download_size == 10  # noqa: SLF001 - the limit itself is tested above


@pytest.mark.parametrize("size", [0, -1, 1.5, "1 GB", None])
def test_an_invalid_limit_is_refused(kind: Kind, size: Any) -> None:
    with pytest.raises(InvalidInputError, match="max_download_size must be a positive number"):
        make_client(kind, max_download_size=size)


class Watched(httpx.AsyncByteStream):
    """An endless body that knows whether it was closed."""

    def __init__(self) -> None:
        self.is_closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            yield b"more"
            await anyio.lowlevel.checkpoint()

    async def aclose(self) -> None:
        self.is_closed = True


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_reader_that_leaves_closes_the_connection_at_once(backend: str) -> None:
    body = Watched()
    transport = httpx.MockTransport(lambda _: httpx.Response(200, stream=body))

    async def main() -> None:
        async with AsyncReplicate("t", transport=transport) as client:
            file = output_of(client, "https://files.test/a")
            async with aclosing(aiter(file)) as chunks:
                assert await anext(chunks) == b"more"
                assert not body.is_closed
            assert body.is_closed

    anyio.run(main, backend=backend)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_read_that_fails_closes_the_connection_at_once(backend: str) -> None:
    body = Watched()
    transport = httpx.MockTransport(lambda _: httpx.Response(200, stream=body))

    async def main() -> None:
        async with AsyncReplicate("t", transport=transport, max_download_size=10) as client:
            with pytest.raises(APIError, match="at most 10"):
                await output_of(client, "https://files.test/a").aread()
            assert body.is_closed

    anyio.run(main, backend=backend)
