"""Whether values are what most are: plain JSON. Then nothing else is imported for them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_DEPTH = 256
"""Levels of lists and dicts in what is sent; json's own encoder fails at some hundreds more."""

_LARGE = 1 << 64


def is_plain(value: object) -> bool:
    """Say whether an input can be sent as it is; if not, or not for sure, it has to be prepared.

    Args:
        value: Anything.
    """
    level: list[object] = [value]
    seen: set[int] = set()
    for _ in range(MAX_DEPTH + 1):
        deeper: list[object] = []
        for item in level:
            if isinstance(item, dict):
                if not all(type(name) is str and is_text(name) for name in item):
                    return False
                items: Iterable[object] = item.values()
            elif isinstance(item, list):
                items = item
            elif _is_plain_scalar(item):
                continue
            else:
                return False
            if id(item) in seen:  # given twice, or around itself
                return False
            seen.add(id(item))
            deeper += items
        if not deeper:
            return True
        level = deeper
    return False


def _is_plain_scalar(value: object) -> bool:
    if type(value) is str:
        return is_text(value)
    if type(value) is int:
        return -_LARGE < value < _LARGE
    if type(value) is float:
        return math.isfinite(value)
    return value is None or type(value) is bool


def is_text(text: str) -> bool:
    """Say whether a text can be sent: Python's may hold halves of surrogate pairs, UTF-8 cannot.

    Args:
        text: Any text.
    """
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def may_have_files(output: object) -> bool:
    """Say whether an output has a text that starts like the URL of a file.

    Args:
        output: JSON, however deep.
    """
    waiting = [output]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            if item[:5].lower() in ("http:", "https", "data:"):
                return True
        elif isinstance(item, dict):
            waiting += item.values()
        elif isinstance(item, list):
            waiting += item
    return False
