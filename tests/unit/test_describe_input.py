"""Descriptions of inputs: JSON, with the hash of each file in place of the file."""

from __future__ import annotations

import io
import os
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from replicate_ext import FileOutput, describe_input
from replicate_ext.errors import InvalidInputError

if TYPE_CHECKING:
    from pathlib import Path

HELLO = {"$file": "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"}


def test_a_file_is_described_by_its_content_in_any_form(tmp_path: Path) -> None:
    path = tmp_path / "one.txt"
    path.write_bytes(b"hello")

    forms: list[Any] = [path, b"hello", bytearray(b"hello"), io.BytesIO(b"hello")]
    assert describe_input({"files": forms}) == {"files": [HELLO] * 4}


def test_reading_an_open_file_leaves_its_position() -> None:
    file = io.BytesIO(b"hello")
    file.seek(3)

    assert describe_input(file) == HELLO
    assert file.tell() == 3


def test_files_of_the_api_are_described_by_their_url() -> None:
    uploaded = SimpleNamespace(urls=SimpleNamespace(get="https://api.test/v1/files/f"))

    assert describe_input([uploaded, FileOutput("https://x.test/a.png")]) == [
        "https://api.test/v1/files/f",
        "https://x.test/a.png",
    ]


def test_arrays_are_described_by_their_values() -> None:
    array = SimpleNamespace(dtype="f", tolist=lambda: [1.0, 2.0])

    assert describe_input({"a": array}) == {"a": [1.0, 2.0]}


def test_equal_images_have_equal_descriptions() -> None:
    red, also_red, blue = (Image.new("RGB", (2, 2), color) for color in ("red", "red", "blue"))

    assert describe_input(red) == describe_input(also_red) != describe_input(blue)


@pytest.mark.parametrize("nested", [float("nan"), object(), {1: 2}, "\ud800"])
def test_what_cannot_be_sent_is_refused(nested: Any) -> None:
    with pytest.raises(InvalidInputError, match=r"^input\.x"):
        describe_input({"x": nested})


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"^input\.x\[0\]: .*missing cannot be read"):
        describe_input({"x": [tmp_path / "missing"]})


def test_a_pipe_is_refused_unread() -> None:
    receiver, sender = os.pipe()
    os.write(sender, b"hello")
    os.close(sender)
    with os.fdopen(receiver, "rb") as pipe:
        with pytest.raises(InvalidInputError, match=r"^input\.x: .* cannot be read twice"):
            describe_input({"x": pipe})
        assert pipe.read() == b"hello"
