"""Files as bytes that can be read again and again."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from support.files import Fake, ShortReads, Unseekable

from replicate_ext import InvalidInputError
from replicate_ext._sources import CHUNK, Source, is_file, source_of

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
def test_bytes_and_files_are_read_again_and_again(value: Any) -> None:
    source = source_of(value, "input.a")

    assert is_file(value)
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
def test_a_file_of_any_size_is_read_in_chunks_that_base64_likes(size: int) -> None:
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
        file.seek(position)  # the caller goes on with it in the meantime

    assert read == content


def test_two_readers_of_one_file_do_not_disturb_each_other() -> None:
    source = source_of(ShortReads(CONTENT, 5), "input.a")

    pairs = list(zip(source.chunks(), source.chunks(), strict=True))

    assert b"".join(first for first, _ in pairs) == CONTENT
    assert all(first == second for first, second in pairs)


# A pipe is kept in a temporary file that its collection closes, which Python mentions.
@pytest.mark.parametrize("size", [0, 1, CHUNK, CHUNK + 1])
def test_what_can_be_read_once_is_kept_to_be_read_again(size: int) -> None:
    content = os.urandom(size)
    source = source_of(Unseekable(content), "input.a")

    assert len(source) == size
    assert [whole(source), whole(source)] == [content, content]


def test_a_picture_is_a_png() -> None:
    image = Image.new("RGB", (4, 3), (9, 8, 7))
    source = source_of(image, "input.a")

    assert is_file(image)
    assert (source.name, source.media_type) == ("image.png", "image/png")
    with Image.open(io.BytesIO(whole(source))) as read:
        assert (read.size, read.getpixel((0, 0))) == ((4, 3), (9, 8, 7))


def test_a_name_and_a_type_of_the_callers_own_go_first(tmp_path: Path) -> None:
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
def test_what_is_no_file_is_none(value: object) -> None:
    assert not is_file(value)


def closed() -> io.BytesIO:
    file = io.BytesIO(CONTENT)
    file.close()
    return file


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (closed(), r"^input\.a\[0\]: the file is closed"),
        (io.StringIO("text"), r"^input\.a\[0\]: the file is open in text mode, open it with 'rb'"),
        (Path(__file__).parent, r"^input\.a\[0\]: .*unit is a directory, expected a file"),
        (Path(__file__) / "no", r"^input\.a\[0\]: .*no cannot be read: Not a directory"),
        (Path("/no/such"), r"^input\.a\[0\]: /no/such cannot be read: No such file or directory"),
    ],
)
def test_what_cannot_be_read_says_where_it_stands(value: Any, message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        source_of(value, "input.a[0]")


@pytest.mark.parametrize("change", [-1, +1, +CHUNK])
def test_a_file_that_changes_its_size_is_an_error(tmp_path: Path, change: int) -> None:
    path = tmp_path / "growing"
    path.write_bytes(bytes(CHUNK))
    source = source_of(path, "input.a")
    path.write_bytes(bytes(CHUNK + change))

    given: list[int] = []
    with pytest.raises(InvalidInputError, match=r"^input\.a: the file changed its size"):
        given.extend(map(len, source.chunks()))

    assert sum(given) <= source.size
