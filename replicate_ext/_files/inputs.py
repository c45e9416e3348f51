"""Inputs as JSON: checks and conversions, with messages that name the place of a wrong value."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any, cast

from replicate_ext._files.file_source import description_of, is_sendable_file, source_of
from replicate_ext._files.json_values import MAX_DEPTH, is_text
from replicate_ext._files.local_paths import is_local_file
from replicate_ext._files.output import FileOutput
from replicate_ext.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from replicate_api.types import RequestArguments

    from replicate_ext.errors import InvalidField

_SENDABLE = (
    "JSON values, pathlib.Path, open binary files, bytes, PIL images, numpy arrays and FileOutput "
    "can be sent"
)
_URI = re.compile(r"\bur[il]\b", re.IGNORECASE)
_SHOWN = 200
"""Characters of a key that a message shows."""


def prepared(
    value: Any,
    key: str,
    files: dict[int, Any] | None = None,
    read: Callable[[Any, str], object] = source_of,
) -> Any:
    """Return a value as JSON, with each file replaced by the result of ``read``.

    Args:
        value: Any value. It is not changed.
        key: Its name, for messages.
        files: Dict to which the result for each file is added, by the id() of the file; None if
            files are not allowed.
        read: Reads a file; its arguments are the file and its place in the value. Default: makes a
            Source, which reads the first bytes of the file.

    Raises:
        InvalidInputError: A value cannot be sent; the message names its place.
    """
    try:
        return _Preparation(files, read).prepare(value, key)
    except RecursionError as error:  # the caller's stack is deep already
        message = f"{key} is nested too deeply for the call stack; nest fewer lists and dicts"
        raise InvalidInputError(message) from error


def describe_input(input: Any) -> Any:
    """Return an input as JSON, with the hash of each file in place of the file.

    Equal inputs have equal descriptions, so a description can be the key of a cache. Files are read
    to their end. A file becomes ``{"$file": SHA-256 of its bytes}``, and an image of Pillow
    ``{"$image": SHA-256 of its pixels}``.

    Args:
        input: An input, or a part of it. The position of an open file is left where it was.

    Raises:
        InvalidInputError: A value cannot be sent, or a file cannot be read twice.
    """
    return prepared(input, "input", {}, description_of)


class _Preparation:
    def __init__(self, files: dict[int, Any] | None, read: Callable[[Any, str], object]) -> None:
        self._files = files
        self._read = read
        self._within: list[int] = []

    def prepare(self, value: Any, key: str) -> Any:
        if value is None or isinstance(value, str | int | float):
            return _checked_scalar(value, key)
        if isinstance(value, dict | list | tuple):
            return self._container(value, key)
        if is_sendable_file(value) and not isinstance(value, FileOutput):
            return self._file(value, key)
        return self._converted(value, key)

    def _container(self, value: Any, key: str) -> Any:
        if id(value) in self._within:
            raise InvalidInputError(f"{_short(key)}: the {type(value).__name__} contains itself")
        if len(self._within) >= MAX_DEPTH:
            raise InvalidInputError(f"{_short(key)} is nested more than {MAX_DEPTH} levels deep")
        self._within.append(id(value))
        made: Any
        if isinstance(value, dict):
            made = {}
            for name, item in value.items():
                made[_checked_name(name, key)] = self.prepare(item, f"{key}.{name}")
        else:
            made = []
            for index, item in enumerate(value):
                made.append(self.prepare(item, f"{key}[{index}]"))
        self._within.pop()
        return made

    def _file(self, value: Any, key: str) -> object:
        if self._files is None:
            raise InvalidInputError(f"{key}: a file cannot be sent here; use JSON values")
        if id(value) not in self._files:
            self._files[id(value)] = self._read(value, key)
        return self._files[id(value)]

    def _converted(self, value: Any, key: str) -> Any:
        if isinstance(value, FileOutput):
            return _checked_text(value.url, key)
        if hasattr(value, "tolist") and hasattr(value, "dtype"):  # arrays and scalars of numpy
            return self.prepare(value.tolist(), key)
        url = getattr(getattr(value, "urls", None), "get", None)
        if isinstance(url, str):  # an uploaded file
            return _checked_text(url, key)
        raise InvalidInputError(f"{key}: a {type(value).__name__} cannot be sent; {_SENDABLE}")


def _checked_name(name: Any, key: str) -> str:
    if not isinstance(name, str):
        shown = repr(name)[:_SHOWN]
        raise InvalidInputError(f"{key}: keys must be strings, got {shown} ({type(name).__name__})")
    return _checked_text(name, f"{key}: the key {name!r}")


def _checked_text(text: str, key: str) -> str:
    if is_text(text):
        return text
    place = next(index for index, letter in enumerate(text) if "\ud800" <= letter <= "\udfff")
    raise InvalidInputError(
        f"{key}: the character {text[place]!r} at index {place} is half of a surrogate pair, which "
        "cannot be sent as UTF-8; remove it or decode the text again"
    )


def _checked_scalar(value: Any, key: str) -> Any:
    if isinstance(value, str):
        return _checked_text(value, key)
    if isinstance(value, float) and not math.isfinite(value):
        raise InvalidInputError(f"{key}: {value} is not valid JSON; use a finite number")
    if isinstance(value, int):
        try:
            int.__repr__(value)
        except ValueError as error:  # Python limits the digits
            raise InvalidInputError(f"{key}: the integer has too many digits") from error
    return value


def _short(key: str) -> str:
    return key if len(key) <= _SHOWN else f"{key[: _SHOWN // 2]}...{key[-_SHOWN // 2 :]}"


def unsendable(arguments: RequestArguments, error: Exception) -> InvalidInputError:
    """Return the error for a request that could not be built, with the place of the wrong value.

    Args:
        arguments: The request.
        error: Error of httpx or json.
    """
    given: Mapping[str, Any] = arguments
    for part in ("json", "params", "headers", "url", "content"):
        value: Any = given.get(part)
        if part == "content" and not isinstance(value, str):
            continue
        try:
            if part in ("params", "headers"):  # they may be any mapping
                value = {**cast("Mapping[str, Any]", value or {})}
            prepared(value, part)
        except InvalidInputError as found:
            # The caller knows the members of the JSON body as arguments.
            return InvalidInputError(str(found).removeprefix("json."))
        except (TypeError, ValueError):
            continue
    return InvalidInputError(f"the request cannot be sent: {error}")


def path_hint(input: Mapping[str, Any], invalid_fields: Iterable[InvalidField]) -> str:
    """Return advice if the API rejected the path of a local file that was passed as a string.

    Args:
        input: The input of the caller.
        invalid_fields: The fields that the API rejected.

    Returns:
        A sentence for the error message; "" if no rejected field is a path.
    """
    for field in invalid_fields:
        is_about_uri = field.type == "format" or _URI.search(field.description)
        value = _at(input, field.field) if is_about_uri else None
        if isinstance(value, str) and is_local_file(value):
            return (
                f"{field.field} is the path of a local file as a string: pass "
                f"pathlib.Path({value!r}) to send the file"
            )
    return ""


def _at(input: Any, field: str) -> Any:
    """Return the value at a path such as input.a.0.b or input.a[0].b; the API uses both forms."""
    steps = [step for step in re.split(r"[.\[\]]+", field) if step]
    found: Any = input
    for step in steps[steps[:1] == ["input"] :]:
        if isinstance(found, dict):
            found = found.get(step)
        elif isinstance(found, list | tuple) and step.isdecimal() and int(step) < len(found):
            found = found[int(step)]
        else:
            return None
    return found
