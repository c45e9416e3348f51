"""Inputs as the journal stores them: canonical JSON of what ``describe_input`` returns."""

from __future__ import annotations

import hashlib
import json
from base64 import b64decode
from enum import Enum, auto
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

if TYPE_CHECKING:
    from collections.abc import Callable

_FILE = "$file"
"""Key of the hash of a file's bytes in a description. Other keys with "$" have other hashes."""


class Fit(Enum):
    """Whether a prediction has the input of a row."""

    YES = auto()
    NO = auto()
    MAYBE = auto()


def has_files(value: Any) -> bool:
    """Return whether reading a file is necessary to describe an input.

    Args:
        value: An input, or a part of it.
    """
    if isinstance(value, dict):
        return any(has_files(item) for item in value.values())
    if isinstance(value, list | tuple):
        return any(has_files(item) for item in value)
    return not (value is None or isinstance(value, str | int | float))


def canonical(value: Any) -> str:
    """Return a JSON text that is the same for equal values, such as 1 and 1.0.

    Args:
        value: JSON.
    """
    return json.dumps(
        _with_integers(value), sort_keys=True, ensure_ascii=False, separators=(",", ":")
    )


def _with_integers(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {name: _with_integers(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_with_integers(item) for item in value]
    return value


def digest_of(reference: str, input: str) -> str:
    """Return the hash of a reference and an input: the default key of a row.

    Args:
        reference: The model.
        input: The described input as canonical JSON.
    """
    text = f"{reference}\n{input}".encode("utf-8", "surrogatepass")
    return hashlib.sha256(text).hexdigest()[:32]


def fit_of_inputs(ours: str, theirs: Any, hash_of: Callable[[str], str | None]) -> Fit:
    """Return whether the input of a prediction is that of a row.

    Args:
        ours: The described input of the row as JSON text.
        theirs: The input of the prediction.
        hash_of: Returns the hash of an uploaded file by its URL; None if it is not known.
    """
    unknown: list[str] = []
    replaced = _with_hashes(json.loads(ours), theirs, hash_of, unknown)
    if canonical(replaced) != canonical(json.loads(ours)):
        return Fit.NO
    return Fit.MAYBE if unknown else Fit.YES


def files_to_check(ours: str, theirs: Any) -> list[str]:
    """Return the URLs in a prediction's input at the places where the row's input has a file.

    Args:
        ours: The described input of the row as JSON text.
        theirs: The input of the prediction.
    """
    urls: list[str] = []
    _with_hashes(json.loads(ours), theirs, lambda _: None, urls)
    return urls


def _with_hashes(
    ours: Any, theirs: Any, hash_of: Callable[[str], str | None], unknown: list[str]
) -> Any:
    """Return ``theirs`` with each file replaced by its description in ``ours``, if it is equal."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return {
            name: _with_hashes(ours.get(name), item, hash_of, unknown)
            for name, item in theirs.items()
        }
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        return [_with_hashes(*pair, hash_of, unknown) for pair in zip(ours, theirs, strict=True)]
    if isinstance(ours, dict) and len(ours) == 1 and isinstance(theirs, str):
        ((kind, expected),) = ours.items()
        if kind.startswith("$"):
            found = (_hash_of_data_uri(theirs) or hash_of(theirs)) if kind == _FILE else None
            if found is None:
                unknown.append(theirs)
            return ours if found in (None, expected) else theirs
    return theirs


def _hash_of_data_uri(text: str) -> str | None:
    if text[:5].lower() != "data:":
        return None
    head, _, data = text.partition(",")
    try:
        content = b64decode(data) if head.endswith(";base64") else unquote_to_bytes(data)
    except ValueError:
        return None
    return hashlib.sha256(content).hexdigest()
