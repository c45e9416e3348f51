"""Applying an OpenAPI Overlay to a document.

The format: https://spec.openapis.org/overlay/v1.0.0.html
"""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

import jsonpath_rfc9535 as jsonpath

if TYPE_CHECKING:
    from apispec.document import Document


def apply(document: Document, overlay: Document) -> tuple[Document, list[str]]:
    """Return the changed document, and the actions that found nothing to change.

    An action whose target is gone is no reason to stop: the publisher may have mended what it
    mends. It is one to look, so it is named by its description and target.

    Args:
        document: The document to start from. It is not changed.
        overlay: An Overlay document; each action has a ``target``, a ``description`` that says
            why, and either ``update`` or ``remove``.
    """
    changed = deepcopy(document)
    without_target = []
    for action in overlay["actions"]:
        nodes = jsonpath.find(action["target"], changed)
        if not nodes:
            without_target.append(f"{action['description']} ({action['target']})")
        # From the last to the first, so that removing from a list moves no node still to come.
        for node in reversed(nodes):
            if action.get("remove"):
                del _parent(changed, node.location)[node.location[-1]]
            else:
                _merge(changed, node.location, action["update"])
    return changed, without_target


def _parent(document: Document, location: tuple[int | str, ...]) -> Any:
    parent: Any = document
    for key in location[:-1]:
        parent = parent[key]
    return parent


def _merge(document: Document, location: tuple[int | str, ...], update: Any) -> None:
    if not location:
        document.update(_merged(document, update))
    else:
        parent = _parent(document, location)
        parent[location[-1]] = _merged(parent[location[-1]], update)


def _merged(old: Any, new: Any) -> Any:
    """Objects merge key by key, a list takes the new item at its end, all else is replaced."""
    if isinstance(old, dict) and isinstance(new, dict):
        return {**old, **{key: _merged(old.get(key), value) for key, value in new.items()}}
    if isinstance(old, list):
        return [*old, *deepcopy(new if isinstance(new, list) else [new])]
    return deepcopy(new)
