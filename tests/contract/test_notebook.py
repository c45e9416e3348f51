"""Files of outputs in notebooks."""

from __future__ import annotations

import base64
import html
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from replicate_api.models import Prediction
from support.clients import Kind, make_client
from support.clock import VirtualClock
from support.files import Hosted, output_of
from support.server import Api, answering, serving

import replicate_ext
from replicate_ext import FileOutput, InvalidInputError
from replicate_ext._files import notebook
from replicate_ext._files.notebook import MAX_EMBEDDED

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
STYLE = ' style="max-width: 100%"'


@pytest.fixture
def api() -> Iterator[Api]:
    with serving() as running:
        running.answer = Hosted(PNG, Content_Type="image/png")
        yield running


@pytest.fixture
def file(kind: Kind, clock: VirtualClock, api: Api) -> FileOutput:
    return output_of(make_client(kind, clock=clock.clock), f"{api.url}/a%22b.png")


def linked(file: FileOutput) -> str:
    image = f'<img src="{file.url}" alt="a_b.png"{STYLE}>'
    return f'<a href="{file.url}">{image}</a>'


def test_a_small_picture_is_embedded(file: FileOutput) -> None:
    uri = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"

    assert file._repr_html_() == f'<img src="{uri}" alt="a_b.png"{STYLE}>'
    assert file.size is None  # the caller's file was not touched


@pytest.mark.parametrize(
    ("content", "content_type", "shown"),
    [
        (b"RIFF\x1a\x00\x00\x00WEBPVP8L", "image/webp", "image/webp"),
        (b"\xff\xd8\xff\xe0", "application/octet-stream", "image/jpeg"),
        (b"<svg/>", "image/svg+xml; charset=utf-8", "image/svg+xml"),
    ],
)
def test_a_picture_of_any_type_is_embedded(
    api: Api, file: FileOutput, content: bytes, content_type: str, shown: str
) -> None:
    api.answer = Hosted(content, Content_Type=content_type)

    assert f'src="data:{shown};base64,' in str(file._repr_html_())


def test_a_picture_of_the_largest_size_is_embedded(api: Api, file: FileOutput) -> None:
    api.answer = Hosted(PNG.ljust(MAX_EMBEDDED, b"\0"))

    assert "base64" in str(file._repr_html_())


def test_a_larger_picture_is_linked(api: Api, file: FileOutput) -> None:
    api.answer = Hosted(PNG.ljust(MAX_EMBEDDED + 1, b"\0"))

    assert file._repr_html_() == linked(file)


@pytest.mark.parametrize("status", [404, 503, 429, 301])
def test_a_picture_that_cannot_be_downloaded_is_linked_at_once(
    api: Api, clock: VirtualClock, file: FileOutput, status: int
) -> None:
    api.answer = answering(status)

    assert file._repr_html_() == linked(file)
    assert len(api.received) == 1
    assert clock.sleeps == []


def test_a_picture_that_is_none_is_linked(api: Api, file: FileOutput) -> None:
    api.answer = Hosted(b"<html>sign in</html>", Content_Type="text/html")

    assert file._repr_html_() == linked(file)


def test_a_picture_on_a_server_that_is_gone_is_linked(kind: Kind) -> None:
    with serving() as closed:
        url = f"{closed.url}/a_b.png"
    file = output_of(make_client(kind), url)

    assert file._repr_html_() == linked(file)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.b/c.mp3", '<audio controls src="{url}"></audio>'),
        ("https://a.b/c.mp4?d=e&f", '<video controls src="{url}"' + STYLE + "></video>"),
        ("data:audio/wav;base64,AA==", '<audio controls src="{url}"></audio>'),
        (
            "data:image/png;base64,aGVsbG8=",
            '<img src="{url}" alt="output.png"' + STYLE + ">",
        ),
        ("https://a.b/c.zip", '<a href="{url}">c.zip</a>'),
        ("https://a.b/c", '<a href="{url}">c</a>'),
        ("data:text/html,<script>", None),
        ("data:image/png;base64," + "A" * (MAX_EMBEDDED * 4 // 3 + 4), None),
    ],
    ids=lambda value: str(value)[:30],
)
def test_other_files_are_loaded_by_their_url(url: str, expected: str | None) -> None:
    shown = FileOutput(url)._repr_html_()

    assert shown == (None if expected is None else expected.format(url=html.escape(url)))


@given(st.text())
def test_nothing_in_a_url_becomes_markup(text: str) -> None:
    word = "".join(text.split())
    image = FileOutput(f"data:image/png,{word}")._repr_html_()
    link = FileOutput(f"https://a.b/{word}.zip?{word}")._repr_html_()

    assert image is not None
    assert re.fullmatch(r'<img src="[^"<>]*" alt="output.png" style="max-width: 100%">', image)
    assert link is not None
    assert re.fullmatch(r'<a href="[^"<>]*">[^<>]*</a>', link)


def test_all_files_of_an_output_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[object] = []
    monkeypatch.setattr("IPython.display.display", lambda *items: shown.extend(items))
    prediction = Prediction.from_dict({"id": "p1", "output": ["https://a.b/2.png"]})

    replicate_ext.show([FileOutput("https://a.b/1.png"), "text", {"x": prediction}])

    assert shown == [FileOutput("https://a.b/1.png"), FileOutput("https://a.b/2.png")]
    with pytest.raises(InvalidInputError, match="no files"):
        replicate_ext.show("text")


def test_ipython_shows_pictures_and_its_terminal_only_text(
    api: Api, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    from IPython.core.formatters import DisplayFormatter

    file = FileOutput(f"{api.url}/a.png")
    notebooks: Any = DisplayFormatter()
    terminals: Any = DisplayFormatter(active_types=["text/plain"])
    in_a_notebook, _ = notebooks.format(file)
    in_a_terminal, _ = terminals.format(file)

    assert set(in_a_notebook) == {"text/plain", "text/html"}
    assert in_a_notebook["text/plain"] == repr(file)
    assert in_a_terminal == {"text/plain": repr(file)}
    assert len(api.received) == 1


def test_without_ipython_an_error_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "IPython.display", None)

    with pytest.raises(ImportError, match="pip install ipython"):
        notebook.show(FileOutput("https://a.b/1.png"))
