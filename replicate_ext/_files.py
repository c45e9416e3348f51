"""Inputs: files and bytes become what a JSON body can carry. No I/O: flows."""

from __future__ import annotations

import base64
import mimetypes
from pathlib import Path
from typing import IO, Any, cast

from replicate_ext._flow import Flow, work
from replicate_ext._outputs import FileOutput
from replicate_ext.errors import InvalidInputError

MAX_INLINE = 10_000_000
"""Bytes of all data URIs of one request together, as the JavaScript client has it."""

_DEFAULT_TYPE = "application/octet-stream"


def encode(input: dict[str, Any]) -> Flow[dict[str, Any]]:
    """Return the input with every file in it, however deep, as a data URI.

    Args:
        input: What the model takes.

    Raises:
        InvalidInputError: A file cannot be read, or all together are too large.
    """
    if not any(_needs_encoding(value) for value in input.values()):
        return input
    encoded: dict[str, Any] = yield from work(lambda: _encode(input, "input", [0]))
    return encoded


def _needs_encoding(value: object) -> bool:
    if value is None or isinstance(value, str | int | float):
        return False
    if isinstance(value, list | tuple):
        return any(_needs_encoding(item) for item in value)
    if isinstance(value, dict):
        return any(_needs_encoding(item) for item in value.values())
    return True


def _encode(value: Any, key: str, total: list[int]) -> Any:
    if isinstance(value, dict):
        return {name: _encode(item, f"{key}.{name}", total) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_encode(item, f"{key}[{index}]", total) for index, item in enumerate(value)]
    if isinstance(value, FileOutput):
        return value.url
    content = _content(value, key)
    name = value.name if isinstance(value, Path) else getattr(value, "name", None)
    return value if content is None else _data_uri(content, name, key, total)


def _content(value: object, key: str) -> bytes | None:
    if isinstance(value, Path):
        return _read(value, key)
    if isinstance(value, bytes | bytearray):
        return bytes(value)
    return _read_open(cast("IO[bytes]", value), key) if hasattr(value, "read") else None


def _read(path: Path, key: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidInputError(f"{key}: cannot read {path}: {error.strerror}") from error


def _read_open(file: IO[bytes], key: str) -> bytes:
    if getattr(file, "closed", False):
        raise InvalidInputError(f"{key}: the file is closed")
    position = file.tell()
    file.seek(0)
    content = file.read()
    file.seek(position)
    if not isinstance(content, bytes):
        raise InvalidInputError(f"{key}: the file is in text mode, open it in binary mode ('rb')")
    return content


def _data_uri(content: bytes, name: object, key: str, total: list[int]) -> str:
    total[0] += len(content)
    if total[0] > MAX_INLINE:
        raise InvalidInputError(
            f"{key}: the files of one request may have {MAX_INLINE} bytes together; "
            "give larger ones as https URLs"
        )
    guessed = mimetypes.guess_type(name)[0] if isinstance(name, str) else None
    return f"data:{guessed or _DEFAULT_TYPE};base64,{base64.b64encode(content).decode()}"
