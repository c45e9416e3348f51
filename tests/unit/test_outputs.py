"""Outputs: which strings are files, and what is known without a download."""

from __future__ import annotations

import base64
import copy
import json
import pickle
import re
from pathlib import Path

import anyio
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.clients import KINDS, Kind, make_client
from support.files import chunks, output_of, read

from replicate_ext import FileOutput
from replicate_ext._files.output import is_file_url, with_files
from replicate_ext._http.settings import Clock

PICTURE = "https://replicate.delivery/pbxt/abc/out-0.webp"
SECRET = "data:image/png;base64," + "QUJD" * 10_000


@pytest.mark.parametrize(
    "text",
    [
        PICTURE,
        "http://a.b",
        "HTTPS://A.B/C",
        "https://user:password@a.b:8443/c?d=e&f#g",
        "https://größe.example/画像.png",
        "https://[::1]:8080/a",
        "http://127.0.0.1:5000/out.png",
        "data:,",
        "data:text/plain,hello%20world",
        "data:text/plain;charset=utf-8,h%C3%A9",
        "data:image/png;base64,aGVsbG8=",
        "data:;base64,aGVsbG8=",
        "DATA:IMAGE/PNG;BASE64,aGVsbG8=",
        SECRET,
    ],
    ids=lambda text: text[:40],
)
def test_a_url_is_a_file(text: str) -> None:
    assert is_file_url(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "https:",
        "https: is a protocol",
        "https://",
        "https:///path",
        "http://?query",
        "https:// example.com",
        "https://example.com and more",
        "https://example.com\nhttps://example.org",
        "https://example.com\n",
        " https://example.com",
        "see https://example.com",
        "(https://example.com)",
        "https://a.b:port/",
        "http://[::zz]/",
        "http://user@",
        "ftp://a.b/c",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "httpss://a.b",
        "example.com/a.png",
        "//a.b/c",
        "data",
        "data:",
        "data: here",
        "data: one, two",
        "data:text/plain",
        "data:text/plain;base64",
        "data:text/plain,two words",
        "data:image/png;base64,aGVs bG8=",
    ],
)
def test_prose_and_other_schemes_are_text(text: str) -> None:
    assert not is_file_url(text)


WORDS = st.text(st.characters(exclude_categories=["Cs", "Z", "Cc"]), min_size=1)
STARTS = st.sampled_from(
    ["", "http:", "https:", "https://", "https://a.b", "HTTP://", "data:", "data:,", "data:text/x,"]
)


@given(STARTS, st.text(st.characters(codec="ascii")))
@example("https:", "a protocol")
def test_a_file_is_one_word_with_a_scheme(start: str, rest: str) -> None:
    text = start + rest
    if is_file_url(text):
        assert not re.search(r"\s", text)
        assert re.match(r"https?://[^/]|data:[^,]*,", text, re.IGNORECASE)


@given(STARTS, st.lists(WORDS, min_size=2), st.sampled_from([" ", "\n", "\t", "\u00a0", "\u2028"]))
def test_several_words_are_never_a_file(start: str, words: list[str], between: str) -> None:
    assert not is_file_url(start + between.join(words))


@given(st.text())
def test_a_text_without_a_scheme_is_never_a_file(text: str) -> None:
    if not re.match("https?:|data:", text, re.IGNORECASE):
        assert not is_file_url(text)


def test_an_output_keeps_its_shape() -> None:
    output = {
        "files": [PICTURE, "https: is a protocol", {"deep": [SECRET, None]}],
        PICTURE: 1.5,
        "flag": True,
    }

    made = with_files(output, None, Clock())

    assert made == {
        "files": [
            FileOutput(PICTURE),
            "https: is a protocol",
            {"deep": [FileOutput(SECRET), None]},
        ],
        PICTURE: 1.5,
        "flag": True,
    }
    assert with_files(PICTURE, None, Clock()) == FileOutput(PICTURE)


def test_a_file_is_its_url() -> None:
    file = FileOutput(PICTURE)

    assert (str(file), f"{file}", file.url) == (PICTURE, PICTURE, PICTURE)
    assert file == FileOutput(PICTURE)
    assert hash(file) == hash(FileOutput(PICTURE))
    assert file != FileOutput(PICTURE + "?")
    assert file != PICTURE
    assert {file, FileOutput(PICTURE)} == {file}


def test_a_repr_is_short_whatever_is_in_the_url() -> None:
    assert repr(FileOutput(PICTURE)) == f"FileOutput({PICTURE!r})"
    assert repr([FileOutput(SECRET)]).startswith("[FileOutput('data:image/png;base64,QUJD")
    assert repr(FileOutput(SECRET)).endswith("...')")
    assert len(repr(FileOutput(SECRET))) < 150
    assert repr(FileOutput("https://a.b/c\nd")).count("\n") == 0


def test_a_file_is_its_url_in_json() -> None:
    output = {"images": [FileOutput(PICTURE)], "text": "a"}

    assert json.loads(json.dumps(output, default=str)) == {"images": [PICTURE], "text": "a"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_is_pickled_and_copied_without_its_client(kind: Kind) -> None:
    file = output_of(make_client(kind), PICTURE)

    for other in (pickle.loads(pickle.dumps(file)), copy.copy(file), copy.deepcopy(file)):  # noqa: S301 - our own
        assert other == file
        assert other.name == "out-0.webp"


@pytest.mark.parametrize(
    ("url", "name", "content_type"),
    [
        (PICTURE, "out-0.webp", "image/webp"),
        ("https://a.b/c.mp3?d=e.png", "c.mp3", "audio/mpeg"),
        ("https://a.b/c", "c", None),
        ("https://a.b", "output", None),
        ("data:image/png;base64,aGVsbG8=", "output.png", "image/png"),
        ("data:,hello", "output.txt", "text/plain"),
        ("data:text/plain;charset=utf-8,hello", "output.txt", "text/plain"),
        ("data:made/up,hello", "output", "made/up"),
        ("https://a.b/model-v1.5", "model-v1.5", None),
    ],
)
def test_name_and_type_can_be_guessed_before_a_download(
    url: str, name: str, content_type: str | None
) -> None:
    file = FileOutput(url)

    assert (file.name, file.content_type) == (name, content_type)
    assert file.size == (5 if url.startswith("data:") else None)


@pytest.mark.parametrize(
    ("content", "name", "content_type"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "output.png", "image/png"),
        (b"RIFF\x1a\x00\x00\x00WEBPVP8L" + bytes(18), "output.webp", "image/webp"),
        (b"RIFF\x1a\x00\x00\x00WAVEfmt ", "output.wav", "audio/wav"),
        (b"\x00\x00\x00\x18ftypmp42", "output.mp4", "video/mp4"),
        (b"ID3", "output.mp3", "audio/mpeg"),
        (b"unknown", "output.bin", "application/octet-stream"),
        (b"", "output.bin", "application/octet-stream"),
    ],
)
def test_the_first_bytes_of_a_data_uri_without_a_type_show_it(
    content: bytes, name: str, content_type: str
) -> None:
    encoded = base64.b64encode(content).decode()
    plain = "".join(f"%{byte:02x}" for byte in content)

    for uri in (
        f"data:application/octet-stream;base64,{encoded}",
        f"data:application/octet-stream;base64,{encoded.rstrip('=')}",
        f"data:Application/Octet-Stream,{plain}",
    ):
        file = FileOutput(uri)
        assert (file.name, (file.content_type or "").lower()) == (name, content_type)
        assert file.read() == content


@given(st.binary(max_size=60), st.integers(0, 80))
def test_a_broken_data_uri_has_a_type(content: bytes, end: int) -> None:
    encoded = base64.b64encode(content).decode()[:end]

    assert FileOutput(f"data:application/octet-stream;base64,{encoded}").name.startswith("output")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("uri", "content"),
    [
        ("data:text/plain;base64,SGVsbG8sIHdvcmxkIQ==", b"Hello, world!"),
        ("data:text/plain;base64,SGVsbG8sIHdvcmxkIQ", b"Hello, world!"),
        ("data:text/plain;charset=utf-8;base64,SGVsbG8sIHdvcmxkIQ==", b"Hello, world!"),
        ("DATA:text/plain;BASE64,SGVsbG8sIHdvcmxkIQ==", b"Hello, world!"),
        ("data:;base64,SGVsbG8sIHdvcmxkIQ%3D%3D", b"Hello, world!"),
        ("data:,Hello%2C%20world!", b"Hello, world!"),
        ("data:text/plain;charset=utf-8,h%C3%A9,llo", b"h\xc3\xa9,llo"),
        ("data:,größe", "größe".encode()),
        ("data:,", b""),
        ("data:;base64,", b""),
    ],
)
def test_a_data_uri_has_its_content(kind: Kind, uri: str, content: bytes) -> None:
    file = FileOutput(uri)

    assert read(kind, file) == content
    assert b"".join(chunks(kind, file)) == content
    assert file.size == len(content)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "uri",
    [
        "data:image/png;base64,a",
        "data:image/png;base64,aGVs*bG8=",
        "data:image/png;base64,=aGVsbG8",
        "data:image/png;base64",
        "data:two words",
    ],
)
def test_a_broken_data_uri_is_an_error(kind: Kind, uri: str) -> None:
    with pytest.raises(ValueError, match=re.escape(uri)):
        read(kind, FileOutput(uri))


@given(st.binary(max_size=100))
def test_any_bytes_come_back_from_a_data_uri(content: bytes) -> None:
    encoded = base64.b64encode(content).decode()
    plain = "".join(f"%{byte:02x}" for byte in content)

    for uri in (
        f"data:a/b;base64,{encoded}",
        f"data:a/b;base64,{encoded.rstrip('=')}",
        f"data:,{plain}",
    ):
        assert is_file_url(uri)
        assert FileOutput(uri).read() == content


@pytest.mark.parametrize(
    "text",
    ["data:yes,no", "data:1,2,3", "http://[bad", "https://...", "https://xn--a.com/x", "https://"],
)
def test_text_that_only_looks_like_a_url_is_not_a_file(text: str) -> None:
    assert not is_file_url(text)


@pytest.mark.parametrize(
    "text",
    ["data:,x", "data:text/plain,banana", "data:image/png;base64,AA==", "https://bücher.example/a"],
)
def test_short_and_international_urls_are_files(text: str) -> None:
    assert is_file_url(text)


def test_a_file_with_a_long_name_can_be_saved(tmp_path: Path) -> None:
    target = tmp_path / ("測" * 84)
    assert FileOutput("data:text/plain,x").save(target).read_bytes() == b"x"
    assert [path.name for path in tmp_path.iterdir()] == [target.name]


@pytest.mark.parametrize("kind", KINDS)
def test_a_script_that_runs_twice_replaces_its_file_by_default(kind: Kind, tmp_path: Path) -> None:
    target = tmp_path / "a.txt"

    for text in ("first", "second"):
        file = FileOutput(f"data:text/plain,{text}")
        if kind == "sync":
            file.save(target)
        else:
            anyio.run(file.asave, target, backend=kind)

    assert target.read_text() == "second"
