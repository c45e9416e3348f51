"""Walking what JSON can hold: leaves in lists and dicts, however deep. Nothing here recurses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


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
