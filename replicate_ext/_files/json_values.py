"""JSON values: what can be sent as it is, and the leaves of lists and dicts, however deep.

Nothing here recurses, and nothing else is imported for the values that most inputs have.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

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


def mapped(tree: Any, function: Callable[[Any], Any]) -> Any:
    """Return a tree of the same shape with every leaf replaced; tuples become lists.

    Args:
        tree: Dicts and lists around leaves, or a leaf.
        function: Returns what takes a leaf's place. Called in the leaves' order.
    """
    root = [None]
    # The containers that the walk is inside of: each copy, and the original's remaining items.
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
    """Return every leaf of a tree, in its order.

    Args:
        tree: Dicts and lists around leaves, or a leaf.
    """
    found: list[Any] = []
    mapped(tree, found.append)
    return found
