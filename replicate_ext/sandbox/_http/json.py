"""Parsing of JSON from clients, and the size of JSON values in memory."""

import json
import math
import sys
from collections.abc import Iterable, Mapping
from typing import NoReturn, cast

MAX_DEPTH = 500
"""Levels of nesting that are accepted; serializing fails at Python's own limit, near 1,000."""


def parse(text: str | bytes) -> object:
    """Parse JSON (RFC 8259), and reject values that a response cannot contain.

    Args:
        text: JSON text.

    Raises:
        ValueError: the text is not JSON, or contains a number that is too large for a float, a
            lone surrogate, or more than MAX_DEPTH levels.
    """
    try:
        value: object = json.loads(text, parse_constant=_refuse, parse_float=_finite)
    except RecursionError:
        raise _too_deep() from None
    raw = text.encode(errors="surrogatepass") if isinstance(text, str) else text
    if raw.count(b"[") + raw.count(b"{") > MAX_DEPTH:
        _check_depth(value)
    if b"\\ud" in raw.lower():  # a lone surrogate cannot be encoded
        json.dumps(value, ensure_ascii=False).encode()
    return value


def memory_size(value: object) -> int:
    """Return roughly how many bytes of memory a JSON value takes up."""
    size = 0
    pending = [value]
    while pending:
        item = pending.pop()
        size += sys.getsizeof(item)
        pending += _members(item)
    return size


def _members(value: object) -> Iterable[object]:
    if isinstance(value, Mapping):
        members = cast("Mapping[object, object]", value)
        return (*members, *members.values())
    return cast("list[object]", value) if isinstance(value, list) else ()


def _check_depth(value: object) -> None:
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        level = [member for item in level for member in _members(item)]
        if not level:
            return
    raise _too_deep()


def _too_deep() -> ValueError:
    return ValueError(f"it is nested more than {MAX_DEPTH} levels deep")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"the number {text[:20]} is too large")
    return number


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not valid JSON")
