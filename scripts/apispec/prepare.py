"""What the generator needs beyond openapi.yaml; made in memory, stored nowhere."""

from __future__ import annotations

import re
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from openapi_python_client.strings import snake_case

if TYPE_CHECKING:
    from apispec.document import Document

QUERY_STAND_IN = "trace"
"""The generator knows no QUERY method. No API uses TRACE, so the templates read it as QUERY."""

_READABLE = re.compile(r"(text/.+|application/json|.+\+json|application/octet-stream)(;.*)?")
_FORM = "application/x-www-form-urlencoded"
_MEND = "mend that in scripts/apispec/data/corrections.yaml, or teach it to scripts/templates"


def prepare(document: Document) -> Document:
    """Return the document in the form that the generator makes our modules from.

    Args:
        document: The document of openapi.yaml. It is not changed.

    Raises:
        ValueError: An operation has a shape that the templates do not know.
    """
    prepared: Document = _without_defaults(deepcopy(document))
    for schema in prepared["components"]["schemas"].values():
        for name, field in schema.get("properties", {}).items():
            schema["properties"][name] = _described(field, field.get("description"), prepared)
    for item in prepared["paths"].values():
        if "query" in item:
            item[QUERY_STAND_IN] = item.pop("query")
        for operation in item.values():
            if isinstance(operation, dict) and "operationId" in operation:
                _prepare_operation(operation, prepared)
    return prepared


def module_of(operation_id: str) -> tuple[str, str]:
    """Return the package and the module of an operation.

    ``models.versions.list`` is in ``("models", "versions_list")``.

    Args:
        operation_id: The dotted id of the published document.
    """
    tag, *rest = attributes_of(operation_id)
    return tag, "_".join(rest) or tag


def attributes_of(operation_id: str) -> list[str]:
    """Return the names that lead to an operation's method.

    ``fine-boats.listAll`` is at ``fine_boats.list_all``.

    Args:
        operation_id: The dotted id of the published document.
    """
    return [snake_case(part) for part in operation_id.split(".")]


def _prepare_operation(operation: Document, document: Document) -> None:
    operation_id = operation["operationId"]
    tag, operation["operationId"] = module_of(operation_id)
    operation["tags"] = [tag]
    # The generator hands on no extensions, and the templates need the dotted id.
    operation["description"] = ".".join(attributes_of(operation_id))
    for parameter in operation.get("parameters", ()):
        if "schema" not in parameter:
            raise ValueError(f"{operation_id}: {parameter['name']} has no schema; {_MEND}")
        parameter["schema"] = _described(
            parameter["schema"], parameter.get("description"), document
        )
    # The first body is the one that the templates send.
    if min(operation.get("requestBody", {}).get("content", ()), default="").startswith(_FORM):
        raise ValueError(f"{operation_id}: nothing sends a body as {_FORM}; {_MEND}")
    contents = [
        response.get("content") or {}
        for status, response in operation["responses"].items()
        if status.startswith("2")
    ] or [{}]
    if any(content != contents[0] for content in contents):
        raise ValueError(f"{operation_id}: its 2xx answers differ, and one method has one; {_MEND}")
    if contents[0] and not any(map(_READABLE.fullmatch, contents[0])):
        raise ValueError(f"{operation_id}: nothing reads {', '.join(contents[0])}; {_MEND}")
    operation["responses"] = {"2XX": {"description": "", "content": contents[0]}}


def _described(schema: Document, description: str | None, document: Document) -> Document:
    """Put a description where the generator reads it: beside what a schema says itself.

    It passes over what stands beside a reference, and over a union of one. So a reference to an
    enum is given twice, which makes a union and the same annotation. An object describes itself.
    """
    if description is None:
        return schema
    reference = schema.get("$ref")
    if reference is None:
        return {**schema, "description": description}
    if "enum" in document["components"]["schemas"][reference.rpartition("/")[2]]:
        return {"anyOf": [{"$ref": reference}] * 2, "description": description}
    return {"$ref": reference}


def _without_defaults(node: Any, *, names_follow: bool = False) -> Any:
    """The generator would send a default with every request; the API knows its own."""
    if isinstance(node, list):
        return [_without_defaults(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        key: _without_defaults(value, names_follow=not names_follow and key == "properties")
        for key, value in node.items()
        if names_follow or key != "default"
    }
