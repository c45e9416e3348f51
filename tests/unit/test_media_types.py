"""Media types: by name, else by the first bytes."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from replicate_ext._media_types import HEAD_SIZE, UNKNOWN, media_type


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
        ("weights.zip", "application/zip"),
    ],
)
def test_a_name_decides_whatever_the_bytes_are(name: str, expected: str) -> None:
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
def test_without_a_telling_name_the_first_bytes_decide(
    name: str | None, head: bytes, expected: str
) -> None:
    assert len(head) <= HEAD_SIZE
    assert media_type(name, head) == expected


@pytest.mark.parametrize("kind", ["png", "jpeg", "gif", "webp", "bmp", "tiff", "pdf"])
def test_what_others_write_is_known(kind: str) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (4, 3)).save(buffer, kind)

    ending = "application" if kind == "pdf" else "image"
    assert media_type(None, buffer.getvalue()[:HEAD_SIZE]) == f"{ending}/{kind}"


@given(st.none() | st.text(), st.binary(max_size=HEAD_SIZE))
def test_any_name_and_bytes_have_a_type_that_fits_a_header(name: str | None, head: bytes) -> None:
    chosen = media_type(name, head)

    assert chosen.isascii()
    assert chosen.isprintable()
    assert chosen.count("/") == 1
