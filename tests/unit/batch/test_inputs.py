"""How inputs are described, and the keys that follow from that."""

from __future__ import annotations

import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from replicate_ext import FileOutput
from replicate_ext.batch._inputs import canonical, described, digest_of, has_files
from replicate_ext.errors import InvalidInputError

HELLO = {"$file": "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"}


def test_a_file_is_described_by_its_content_in_any_form(tmp_path: Path) -> None:
    path = tmp_path / "one.txt"
    path.write_bytes(b"hello")

    forms: list[Any] = [path, b"hello", bytearray(b"hello"), io.BytesIO(b"hello")]
    assert described({"files": forms}) == {"files": [HELLO] * 4}


def test_reading_an_open_file_leaves_its_position() -> None:
    file = io.BytesIO(b"hello")
    file.seek(3)

    assert described(file) == HELLO
    assert file.tell() == 3


def test_files_of_the_api_are_described_by_their_url() -> None:
    uploaded = SimpleNamespace(urls=SimpleNamespace(get="https://api.test/v1/files/f"))

    assert described([uploaded, FileOutput("https://x.test/a.png")]) == [
        "https://api.test/v1/files/f",
        "https://x.test/a.png",
    ]


def test_arrays_are_described_by_their_values() -> None:
    array = SimpleNamespace(dtype="f", tolist=lambda: [1.0, 2.0])

    assert described({"a": array}) == {"a": [1.0, 2.0]}


def test_equal_images_have_equal_descriptions() -> None:
    red, also_red, blue = (Image.new("RGB", (2, 2), color) for color in ("red", "red", "blue"))

    assert described(red) == described(also_red) != described(blue)


def test_what_cannot_be_read_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"input\.x: a object cannot be sent in a batch"):
        described({"x": object()})
    with pytest.raises(InvalidInputError, match=r"input\.x\[0\]: the file cannot be read"):
        described({"x": [tmp_path / "missing"]})


@pytest.mark.parametrize(("value", "expected"), [({"a": [1, "b", None]}, False), ([b"x"], True)])
def test_only_inputs_with_files_are_read(value: Any, expected: bool) -> None:
    assert has_files(value) is expected


def test_equal_inputs_have_the_same_digest() -> None:
    one, other = (canonical(each) for each in ({"a": 1.0, "b": "é"}, {"b": "é", "a": 1}))

    assert one == other
    assert digest_of("o/n", one) == digest_of("o/n", other) != digest_of("o/m", one)
