"""Walking what JSON can hold: leaves in lists and dicts, however deep."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def mapped(tree: Any, function: Callable[[Any], Any]) -> Any:
    """Return a tree of the same shape with every leaf replaced; tuples become lists.

    Args:
        tree: Dicts and lists around leaves, or a leaf.
        function: Returns what takes a leaf's place.
    """
    if isinstance(tree, dict):
        return {key: mapped(item, function) for key, item in tree.items()}
    if isinstance(tree, list | tuple):
        return [mapped(item, function) for item in tree]
    return function(tree)


def leaves(tree: Any) -> Iterator[Any]:
    """Yield every leaf of a tree, in its order.

    Args:
        tree: Dicts and lists around leaves, or a leaf.
    """
    if isinstance(tree, dict):
        for item in tree.values():
            yield from leaves(item)
    elif isinstance(tree, list | tuple):
        for item in tree:
            yield from leaves(item)
    else:
        yield tree
