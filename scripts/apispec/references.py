"""Repairing references between schemas after overlays have been applied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from apispec.document import Document

_PREFIX = "#/components/schemas/"


def settle(document: Document) -> tuple[Document, list[str]]:
    """Return the document without unused schemas, and the names of missing schemas.

    A reference to a missing schema becomes ``{}``, which allows any value: an overlay may refer to
    a schema that an older document does not have.

    Args:
        document: A document that may refer to missing schemas. It is not changed.
    """
    schemas = document["components"]["schemas"]
    missing: set[str] = set()
    settled = _without_dangling(document, schemas, missing)
    used: set[str] = set()
    for part in (settled["paths"], settled.get("webhooks", {})):
        _collect(part, settled["components"]["schemas"], used)
    settled["components"]["schemas"] = {
        name: schema for name, schema in settled["components"]["schemas"].items() if name in used
    }
    return settled, sorted(missing)


def _without_dangling(node: Any, schemas: Document, missing: set[str]) -> Any:
    if isinstance(node, list):
        return [_without_dangling(item, schemas, missing) for item in node]
    if not isinstance(node, dict):
        return node
    name = _name(node)
    if name is not None and name not in schemas:
        missing.add(name)
        return {}
    return {key: _without_dangling(value, schemas, missing) for key, value in node.items()}


def _collect(node: Any, schemas: Document, used: set[str]) -> None:
    if isinstance(node, list):
        for item in node:
            _collect(item, schemas, used)
    elif isinstance(node, dict):
        name = _name(node)
        if name is not None and name not in used:
            used.add(name)
            _collect(schemas[name], schemas, used)
        for value in node.values():
            _collect(value, schemas, used)


def _name(node: Document) -> str | None:
    reference = node.get("$ref")
    return reference.removeprefix(_PREFIX) if isinstance(reference, str) else None
