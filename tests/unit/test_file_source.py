"""Files as bytes that can be read several times."""

from __future__ import annotations

import gc
import io
import mmap
import os
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import UploadFile
from support.files import Fake, ShortReads, Unseekable
from werkzeug.datastructures import FileStorage

from replicate_ext import InvalidInputError
from replicate_ext._files import file_source as _file_source
from replicate_ext._files.encoding import MAX_UPLOAD, check_sizes
from replicate_ext._files.file_source import CHUNK, Source, is_sendable_file, source_of

CONTENT = b"GIF89a" + bytes(range(256))
BORDERS = (0, 1, 2, 3, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK + 2)


def whole(source: Source) -> bytes:
    return b"".join(source.chunks())


@pytest.mark.parametrize(
    "value",
    [
        CONTENT,
        bytearray(CONTENT),
        memoryview(CONTENT),
        memoryview(CONTENT + CONTENT)[: len(CONTENT)],
        io.BytesIO(CONTENT),
        io.BufferedReader(io.BytesIO(CONTENT)),
        ShortReads(CONTENT, 17),
    ],
    ids=lambda value: type(value).__name__,
)
def test_bytes_and_files_can_be_read_several_times(value: Any) -> None:
    source = source_of(value, "input.a")

    assert is_sendable_file(value)
    assert (source.name, source.media_type, len(source)) == (None, "image/gif", len(CONTENT))
    assert [whole(source) for _ in range(3)] == [CONTENT] * 3


@pytest.mark.parametrize("size", BORDERS)
def test_a_path_is_read_from_disk_each_time(tmp_path: Path, size: int) -> None:
    path = tmp_path / "a boat.png"
    path.write_bytes(os.urandom(size))
    source = source_of(path, "input.a")

    assert (source.name, source.media_type, source.size) == ("a boat.png", "image/png", size)
    assert whole(source) == path.read_bytes()
    path.write_bytes(os.urandom(size))
    assert whole(source) == path.read_bytes()


@pytest.mark.parametrize("size", BORDERS)
def test_chunks_are_multiples_of_three_bytes(size: int) -> None:
    content = os.urandom(size)

    chunks = list(source_of(io.BytesIO(content), "input.a").chunks())

    assert b"".join(chunks) == content
    assert all(len(chunk) % 3 == 0 for chunk in chunks[:-1])


@given(
    st.binary(max_size=200), st.integers(min_value=1, max_value=70), st.integers(0, 250), st.data()
)
def test_a_files_position_stays_and_it_is_read_from_its_start(
    content: bytes, longest: int, position: int, data: st.DataObject
) -> None:
    file = ShortReads(content, longest)
    file.seek(position)
    source = source_of(file, "input.a")
    assert file.tell() == position

    read = b""
    for chunk in source.chunks():
        read += chunk
        assert file.tell() == position
        position = data.draw(st.integers(0, 250))
        file.seek(position)  # the caller reads on meanwhile

    assert read == content


def test_two_readers_of_one_file_do_not_disturb_each_other() -> None:
    source = source_of(ShortReads(CONTENT, 5), "input.a")

    pairs = list(zip(source.chunks(), source.chunks(), strict=True))

    assert b"".join(first for first, _ in pairs) == CONTENT
    assert all(first == second for first, second in pairs)


# A pipe is kept in a temporary file that its collection closes, which Python mentions.
@pytest.mark.parametrize("size", [0, 1, CHUNK, CHUNK + 1])
def test_a_pipe_is_copied_so_that_it_can_be_read_again(size: int) -> None:
    content = os.urandom(size)
    source = source_of(Unseekable(content), "input.a")

    assert len(source) == size
    assert [whole(source), whole(source)] == [content, content]


class SilentSeek(io.BytesIO):
    """A file whose seek returns nothing, as those of paramiko."""

    def seek(self, offset: int, whence: int = 0, /) -> int:
        super().seek(offset, whence)
        return None  # type: ignore[return-value] # that is the point


@pytest.fixture
def mapped_file() -> Iterator[mmap.mmap]:
    with tempfile.TemporaryFile() as file:
        file.write(CONTENT)
        file.flush()
        with mmap.mmap(file.fileno(), 0) as memory:
            yield memory


@pytest.mark.parametrize("position", [0, 9, len(CONTENT)])
def test_a_file_whose_seek_returns_nothing_is_read(mapped_file: mmap.mmap, position: int) -> None:
    for file in (SilentSeek(CONTENT), mapped_file):
        file.seek(position)
        source = source_of(file, "input.a")

        assert (source.size, source.media_type) == (len(CONTENT), "image/gif")
        assert whole(source) == CONTENT
        assert file.tell() == position


@pytest.mark.parametrize(
    ("filename", "content_type", "name", "media_type"),
    [
        ("report.csv", "text/csv", "report.csv", "text/csv"),
        ("report.csv", "text/plain; charset=utf-8", "report.csv", "text/plain"),
        ("boat.png", "application/octet-stream", "boat.png", "image/png"),
        ("boat", None, "boat", "image/gif"),
        ("C:\\fakepath\\boat.png", None, "boat.png", "image/png"),
        ("../../boat.png", None, "boat.png", "image/png"),
        ("boat.png", 'text/x","a":"b', "boat.png", "image/png"),
        ("", "image/webp", "field.txt", "image/webp"),
    ],
)
def test_an_upload_of_a_web_framework_keeps_its_name_and_type(
    filename: str, content_type: str | None, name: str, media_type: str
) -> None:
    upload = FileStorage(io.BytesIO(CONTENT), filename, "field.txt", content_type)

    source = source_of(upload, "input.a")

    assert (source.name, source.media_type) == (name, media_type)
    assert whole(source) == CONTENT


def test_name_and_type_arguments_override_those_of_an_upload() -> None:
    upload = FileStorage(io.BytesIO(CONTENT), "a.csv", "field", "text/csv")

    source = source_of(upload, "file", name="b.bin", content_type="model/boat; x=y")

    assert (source.name, source.media_type) == ("b.bin", "model/boat; x=y")


def test_the_error_for_an_async_file_says_what_to_pass(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(CONTENT)

    async def check(file: Any) -> None:
        with pytest.raises(
            InvalidInputError, match=rf"^input\.a: a {type(file).__name__} has async methods"
        ) as caught:
            source_of(file, "input.a")
        assert "its attribute file" in str(caught.value)

    async def main() -> None:
        await check(UploadFile(io.BytesIO(CONTENT)))
        async with await anyio.open_file(path, "rb") as file:
            await check(file)

    anyio.run(main)
    gc.collect()  # a coroutine that was never awaited would cause a warning
    assert whole(source_of(UploadFile(io.BytesIO(CONTENT)).file, "input.a")) == CONTENT


def test_a_file_name_may_be_bytes(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path / "größe.png")
    with open(path, "wb"):  # noqa: PTH123 - a path of bytes is what this is about
        pass
    with open(path, "rb") as file:  # noqa: PTH123 - as above
        assert source_of(file, "input.a").name == "größe.png"


def test_name_and_type_arguments_override_those_of_a_path(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(CONTENT)

    renamed = source_of(path, "file", name="b.txt")
    retyped = source_of(path, "file", content_type="model/boat")

    assert (renamed.name, renamed.media_type) == ("b.txt", "text/plain")
    assert (retyped.name, retyped.media_type) == ("a.png", "model/boat")


def test_a_file_that_is_known_by_a_number_only_has_no_name(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_bytes(CONTENT)
    with os.fdopen(os.open(path, os.O_RDONLY), "rb") as file:
        assert source_of(file, "input.a").name is None
    with path.open("rb") as file:
        assert source_of(file, "input.a").name == "secret"


@pytest.mark.parametrize(
    "value", ["a.png", "https://a.b/c", 1, None, Fake([1]), {"read": 1}, [b""]]
)
def test_other_values_are_not_files(value: object) -> None:
    assert not is_sendable_file(value)


def closed() -> io.BytesIO:
    file = io.BytesIO(CONTENT)
    file.close()
    return file


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (closed(), r"^input\.a\[0\]: the file is closed"),
        (
            io.StringIO("text"),
            r"^input\.a\[0\]: .* text mode; open it with mode 'rb'",
        ),
        (Path(__file__).parent, r"^input\.a\[0\]: .*unit is a directory, expected a file"),
        (Path(__file__) / "no", r"^input\.a\[0\]: .*no cannot be read: Not a directory"),
        (Path("/no/such"), r"^input\.a\[0\]: /no/such cannot be read: No such file or directory"),
    ],
)
def test_a_file_that_cannot_be_read_is_an_error_with_its_place(value: Any, message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        source_of(value, "input.a[0]")


@pytest.mark.parametrize("path", ["a\0b", "\ud800", "x" * 5_000])
def test_an_impossible_path_is_an_input_error(path: str) -> None:
    with pytest.raises(InvalidInputError, match=r"^file: .* cannot be read"):
        source_of(Path(path), "file")


def test_a_file_that_fails_while_it_is_sent_is_an_input_error(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(CONTENT)
    gone, closed_later = source_of(path, "input.a"), io.BytesIO(CONTENT)
    left = source_of(closed_later, "input.b")
    path.unlink()
    closed_later.close()

    with pytest.raises(InvalidInputError, match=r"^input\.a cannot be read: No such file"):
        whole(gone)
    with pytest.raises(InvalidInputError, match=r"^input\.b cannot be read: I/O operation on clos"):
        whole(left)


def test_a_file_is_closed_when_its_reader_stops_early(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(bytes(3 * CHUNK))
    source = source_of(path, "input.a")
    opened: list[Any] = []
    read = source.read

    def watched() -> Any:
        opened.append(read())
        return opened[-1]

    source.read = watched
    chunks = source.chunks()
    next(chunks)
    chunks.close()

    [inner] = opened
    assert inner.gi_frame is None  # it ran to its end, where the file is closed


class Meeting:
    """A file on which two readers meet after each seek, unless a lock keeps one of them away."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._both = threading.Barrier(2)

    def seek(self, offset: int, whence: int = 0) -> int:
        place = self._file.seek(offset, whence)
        with suppress(threading.BrokenBarrierError):  # the other one waits for the lock
            self._both.wait(0.2)
        return place

    def tell(self) -> int:
        return self._file.tell()

    def read(self, size: int = -1) -> bytes:
        return self._file.read(size)


def test_requests_that_share_a_file_read_it_one_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_file_source, "CHUNK", 30)
    path = tmp_path / "a"
    path.write_bytes(CONTENT)
    with path.open("rb") as file, ThreadPoolExecutor(2) as pool:
        shared: Any = Meeting(file)
        monkeypatch.setattr(shared, "_both", threading.Barrier(1))
        sources = [source_of(shared, "input.a") for _ in range(2)]
        shared._both = threading.Barrier(2)  # noqa: SLF001 - the tests' own

        assert list(pool.map(whole, sources)) == [CONTENT] * 2


@pytest.mark.parametrize("change", [-1, +1, +CHUNK])
def test_a_file_that_changes_its_size_is_an_error(tmp_path: Path, change: int) -> None:
    path = tmp_path / "growing"
    path.write_bytes(bytes(CHUNK))
    source = source_of(path, "input.a")
    path.write_bytes(bytes(CHUNK + change))

    given: list[int] = []
    with pytest.raises(InvalidInputError, match=r"^input\.a: the size of the file changed"):
        given.extend(map(len, source.chunks()))

    assert sum(given) <= source.size


def test_a_file_may_be_as_large_as_the_limit_and_no_larger() -> None:
    source = source_of(b"", "input.x")
    source.size = MAX_UPLOAD

    check_sizes([source])
    source.size += 1
    with pytest.raises(InvalidInputError, match="100,000,001 bytes"):
        check_sizes([source])


def test_a_memoryview_with_gaps_is_read() -> None:
    assert b"".join(source_of(memoryview(b"abcd")[::2], "key").chunks()) == b"ac"


def test_short_reads_do_not_hide_the_media_type() -> None:
    class Trickle(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return super().read(min(size or 0, 1) if size != -1 else 1)

    source = source_of(Trickle(b"\x89PNG\r\n\x1a\n" + bytes(20)), "key")
    assert source.media_type == "image/png"


def test_one_file_is_complete_in_each_of_many_concurrent_requests() -> None:
    content = os.urandom(3 * CHUNK + 1)
    file = io.BufferedReader(io.BytesIO(content))

    with ThreadPoolExecutor(8) as pool:
        sent = pool.map(lambda _: b"".join(source_of(file, "key").chunks()), range(40))

    assert all(one == content for one in sent)
