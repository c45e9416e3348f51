"""What the generator needs beyond openapi.yaml; made in memory, stored nowhere."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from apispec.document import Document

QUERY_STAND_IN = "trace"
"""The generator knows no QUERY method. No API uses TRACE, so the templates read it as QUERY."""


def prepare(document: Document) -> Document:
    """Return the document in the form that the generator makes our modules from.

    Args:
        document: The document of openapi.yaml. It is not changed.

    Raises:
        ValueError: An operation gives different objects for different successes; the templates
            know one.
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
    tag, _, rest = operation_id.partition(".")
    return tag, rest.replace(".", "_") or tag


def _prepare_operation(operation: Document, document: Document) -> None:
    operation_id = operation["operationId"]
    tag, operation["operationId"] = module_of(operation_id)
    operation["tags"] = [tag]
    # The generator hands on no extensions, and the templates need the dotted id.
    operation["description"] = operation_id
    for parameter in operation.get("parameters", ()):
        parameter["schema"] = _described(
            parameter["schema"], parameter.get("description"), document
        )
    successes = [
        response
        for status, response in sorted(operation["responses"].items())
        if status.startswith("2")
    ]
    with_content = [response for response in successes if response.get("content")]
    if any(response["content"] != with_content[0]["content"] for response in with_content):
        raise ValueError(f"{operation_id}: its 2xx answers differ, the templates know only one")
    operation["responses"] = {"2XX": {"description": "", **(with_content or [{}])[0]}}


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
