# Copied from scripts/runtime/paths.py by `make generate`; changes made here are lost.
"""Building the paths of requests."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

_SURROGATE = re.compile("[\ud800-\udfff]")


def is_encodable(text: str) -> bool:
    """Return whether a text can be encoded as UTF-8: it has no lone surrogate.

    Args:
        text: Any text.
    """
    return not _SURROGATE.search(text)


def joined_path(**parts: object) -> list[Any]:
    """Return the parts of a path that begins with an owner and a name.

    Args:
        parts: The parts by name, in the order of the path. The first one may be ``owner/name``,
            which counts as two parts, or ``owner/name:version``, which counts as three.

    Raises:
        TypeError: There are too few parts, or too many.
    """
    given: list[Any] = [part for part in parts.values() if part is not None]
    first: object = given[0] if given else None
    if isinstance(first, str) and "/" in first:
        given[:1] = first.split("/")
        if len(parts) > 2:
            given[1:2] = given[1].split(":")
    if len(given) != len(parts):
        got = [repr(part) if isinstance(part, str | int) else type(part).__name__ for part in given]
        raise TypeError(
            f"expected {', '.join(parts)}; the first two can be given together as 'owner/name'; "
            f"got {', '.join(got) or 'nothing'}"
        )
    return given


def as_segment(value: object, name: str = "value", kind: type[str | int] = str) -> str:
    """Return a value as one percent-encoded segment of a path.

    Args:
        value: A non-empty string, or an integer if ``kind`` is int. An object that has an ID may
            replace the ID.
        name: The parameter's name, for error messages.
        kind: The type that the value must have, str or int.

    Raises:
        TypeError: The value is of another type.
        ValueError: The value is empty, ``.`` or ``..``, or holds a lone surrogate.
    """
    expected = "an integer" if kind is int else "a non-empty string"
    if name.endswith("_id") and not isinstance(value, str | int):
        value = getattr(value, "id", value)  # an object of the API
    if not isinstance(value, kind) or isinstance(value, bool):
        got = "None" if value is None else type(value).__name__
        advice = "; pass its id" if hasattr(value, "id") else ""
        raise TypeError(f"{name} must be {expected}, got {got}{advice}")
    if value == "":
        raise ValueError(f"{name} must be {expected}, got ''")
    if value in (".", ".."):
        raise ValueError(f"{name}: {value!r} cannot be a part of a path")
    if not is_encodable(str(value)):
        raise ValueError(f"{name} holds a lone surrogate, which cannot be encoded: {value!r}")
    return quote(str(value), safe="")
