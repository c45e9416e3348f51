"""JSON values: whether a value is one, and the leaves of nested lists and dicts.

No function here is recursive. Most inputs need only this module, which is fast to import.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

MAX_DEPTH = 256
"""Limit of nested lists and dicts; the encoder of ``json`` fails at some hundreds more."""

_LARGE = 1 << 64


def is_plain(value: object) -> bool:
    """Return whether an input can be sent unchanged; any other input has to be prepared.

    Args:
        value: Any value.
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
            if id(item) in seen:  # it occurs twice, or contains itself
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
    """Return whether a string has no lone surrogates, which UTF-8 cannot encode.

    Args:
        text: Any string.
    """
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def may_have_files(output: object) -> bool:
    """Return whether an output has a string that begins like the URL of a file.

    Args:
        output: JSON of any depth.
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


def mapped(tree: Any, function: Callable[[Any], Any]) -> Any:
    """Return a copy of nested lists and dicts with every leaf replaced; tuples become lists.

    Args:
        tree: Nested lists and dicts, or a single leaf.
        function: Returns the replacement of a leaf. Called in the order of the leaves.
    """
    root = [None]
    # The open containers: each copy, with the remaining items of its original.
    open_: list[tuple[Any, Iterator[tuple[Any, Any]]]] = [(root, iter([(0, tree)]))]
    while open_:
        copy, items = open_[-1]
        for key, item in items:
            if isinstance(item, dict):
                copy[key] = {}
                open_.append((copy[key], iter(item.items())))
                break
            if isinstance(item, list | tuple):
                copy[key] = [None] * len(item)
                open_.append((copy[key], enumerate(item)))
                break
            copy[key] = function(item)
        else:
            open_.pop()
    return root[0]


def leaves(tree: Any) -> list[Any]:
    """Return every leaf of nested lists and dicts, in order.

    Args:
        tree: Nested lists and dicts, or a single leaf.
    """
    found: list[Any] = []
    mapped(tree, found.append)
    return found
