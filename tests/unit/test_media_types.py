"""Media types: from the name, otherwise from the first bytes."""

from __future__ import annotations

import gzip
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from replicate_ext._files.media_types import (
    HEAD_SIZE,
    UNKNOWN,
    ending_of,
    essence,
    media_type,
    sniffed,
)

PNG = b"\x89PNG\r\n\x1a\n"
GZIP = b"\x1f\x8b\x08"
ZIP = b"PK\x03\x04"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.png", "image/png"),
        ("a.PNG", "image/png"),
        ("a b.jpeg", "image/jpeg"),
        ("a.txt", "text/plain"),
        ("a.b.json", "application/json"),
        ("größe.mp3", "audio/mpeg"),
        ("clip.mp4", "video/mp4"),
        ("report.docx", DOCX),
    ],
)
def test_a_name_takes_precedence_over_the_bytes(name: str, expected: str) -> None:
    assert media_type(name, b"GIF89a") == expected


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF87a", "image/gif"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "audio/wav"),
        (b"RIFF\x00\x00\x00\x00AVI LIST", "video/x-msvideo"),
        (b"ID3\x04", "audio/mpeg"),
        (b"\xff\xfb\x90", "audio/mpeg"),
        (b"fLaC", "audio/flac"),
        (b"OggS", "audio/ogg"),
        (b"\x1aE\xdf\xa3", "video/webm"),
        (b"\x00\x00\x00\x18ftypmp42", "video/mp4"),
        (b"\x00\x00\x00\x1cftypavif", "image/avif"),
        (b"\x00\x00\x00\x18ftypheic", "image/heic"),
        (b"\x00\x00\x00\x1cftypM4A ", "audio/mp4"),
        (b"\x00\x00\x00\x14ftypqt  ", "video/quicktime"),
        (b"%PDF-1.7", "application/pdf"),
        (b"PK\x03\x04", "application/zip"),
        (b"\x1f\x8b\x08", "application/gzip"),
        (b"glTF\x02", "model/gltf-binary"),
        (b"RIFF\x00\x00\x00\x00????", UNKNOWN),
        (b"\x89PN", UNKNOWN),
        (b"plain words", UNKNOWN),
        (b"", UNKNOWN),
    ],
)
@pytest.mark.parametrize("name", [None, "", "no-ending", "an.unknownending"])
def test_without_a_known_ending_the_first_bytes_decide(
    name: str | None, head: bytes, expected: str
) -> None:
    assert len(head) <= HEAD_SIZE
    assert media_type(name, head) == expected


@pytest.mark.parametrize("kind", ["png", "jpeg", "gif", "webp", "bmp", "tiff", "pdf"])
def test_files_of_other_libraries_are_recognized(kind: str) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (4, 3)).save(buffer, kind)

    ending = "application" if kind == "pdf" else "image"
    assert media_type(None, buffer.getvalue()[:HEAD_SIZE]) == f"{ending}/{kind}"


@pytest.mark.parametrize(
    ("name", "head", "expected"),
    [
        ("boat.zip", PNG, "image/png"),
        ("boat.png.gz", PNG, "image/png"),
        ("boat.gz", PNG, "image/png"),
        ("boat.tar", PNG, "image/png"),
        ("table.csv.gz", b"a,b\n1,2\n", "text/csv"),
        ("table.csv.gz", GZIP, "application/gzip"),
        ("table.csv.gz", b"", "application/gzip"),
        ("table.csv.bz2", b"BZh9", "application/x-bzip2"),
        ("weights.tar.xz", b"\xfd7zXZ\x00", "application/x-xz"),
        ("weights.tar.gz", GZIP, "application/gzip"),
        ("weights.tar", b"weights/", "application/x-tar"),
        ("weights.zip", ZIP, "application/zip"),
        ("weights.zip", b"", "application/zip"),
        ("weights.zip", b"not known", "application/zip"),
        ("boat.png.br", b"not known", "image/png"),
    ],
)
def test_the_first_bytes_win_over_the_name_of_an_archive(
    name: str, head: bytes, expected: str
) -> None:
    assert media_type(name, head) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("image/png", "image/png"),
        (" Image/PNG ; charset=x", "image/png"),
        ("application/vnd.ms-excel", "application/vnd.ms-excel"),
        ("image/svg+xml", "image/svg+xml"),
        ("application/octet-stream", None),
        ('image/png","x":"', None),
        ("image/png\r\nX-Header: 1", None),
        ("image", None),
        ("ïmage/png", None),
        ("", None),
        (None, None),
        (3, None),
    ],
)
def test_a_declared_media_type_is_used_if_it_is_valid(given: object, expected: str | None) -> None:
    assert essence(given) == expected


@pytest.mark.parametrize(
    ("kind", "ending"),
    [
        ("image/png", ".png"),
        ("image/jpeg", ".jpg"),
        ("image/webp", ".webp"),
        ("audio/wav", ".wav"),
        ("audio/mpeg", ".mp3"),
        ("video/mp4", ".mp4"),
        ("application/zip", ".zip"),
        ("text/plain", ".txt"),
        ("made/up", ""),
    ],
)
def test_a_media_type_has_the_ending_that_people_expect(kind: str, ending: str) -> None:
    assert ending_of(kind) == ending


@given(st.binary(max_size=HEAD_SIZE))
def test_every_recognized_type_has_an_ending(head: bytes) -> None:
    kind = sniffed(head)

    assert kind is None or ending_of(kind)


@given(st.none() | st.text(), st.binary(max_size=HEAD_SIZE))
def test_any_name_and_bytes_have_a_type_that_fits_a_header(name: str | None, head: bytes) -> None:
    chosen = media_type(name, head)

    assert chosen.isascii()
    assert chosen.isprintable()
    assert chosen.count("/") == 1


@pytest.mark.parametrize(
    ("name", "head", "expected"),
    [
        ("x.json.gz", b"", "application/gzip"),
        (None, gzip.compress(b"x", mtime=0)[:16], "application/gzip"),
        ("x.json", b"", "application/json"),
    ],
)
def test_compressed_files_have_the_type_of_their_bytes(
    name: str | None, head: bytes, expected: str
) -> None:
    assert media_type(name, head) == expected
