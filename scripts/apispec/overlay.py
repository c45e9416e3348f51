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
    """Return the changed document, and the actions whose targets are missing.

    A missing target is not an error: the publisher may have corrected the document. It is returned
    as the description and target of the action, for a person to check.

    Args:
        document: The document to start from. It is not changed.
        overlay: An Overlay document. Each action has a ``target``, a ``description`` with the
            reason, and either ``update`` or ``remove``.
    """
    changed = deepcopy(document)
    without_target = []
    for action in overlay["actions"]:
        nodes = jsonpath.find(action["target"], changed)
        if not nodes:
            without_target.append(f"{action['description']} ({action['target']})")
        # From last to first: removing an item from a list moves the items after it.
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
    """Merge objects key by key, append to a list, and replace any other value."""
    if isinstance(old, dict) and isinstance(new, dict):
        return {**old, **{key: _merged(old.get(key), value) for key, value in new.items()}}
    if isinstance(old, list):
        return [*old, *deepcopy(new if isinstance(new, list) else [new])]
    return deepcopy(new)
