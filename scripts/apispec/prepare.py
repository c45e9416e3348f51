"""Preparing the document for the generator. The prepared document is not stored."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

from openapi_python_client.strings import snake_case

from apispec.limits import require_expressible
from apispec.shape import SCHEMA_LISTS, SCHEMA_MAPS, SCHEMA_PARTS, SCHEMA_PREFIX, resolved

if TYPE_CHECKING:
    from apispec.document import Document

QUERY_STAND_IN = "trace"
"""Method that stands for QUERY, which the generator does not know. No API uses TRACE."""

# Responses with these statuses never have content.
_EMPTY = {"204", "205"}
_TYPES: dict[type, str] = {
    bool: "boolean",
    dict: "object",
    float: "number",
    int: "integer",
    list: "array",
    str: "string",
    type(None): "null",
}


def prepare(document: Document) -> Document:
    """Return the document in the form that the generator and the templates need.

    Args:
        document: The document of openapi.yaml. It is not changed.

    Raises:
        ValueError: The document is not valid OpenAPI, or the templates do not support an operation
            or a schema.
    """
    checked = resolved(document)
    require_expressible(checked)
    prepared: Document = _without_defaults(deepcopy(checked))
    prepared.pop("webhooks", None)
    components = prepared.setdefault("components", {})
    schemas = components["schemas"] = {
        name: _expressible(schema) for name, schema in components.get("schemas", {}).items()
    }
    for schema in schemas.values():
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
    """Return the package and the module name of an operation.

    ``models.versions.list`` is in ``("models", "versions_list")``.

    Args:
        operation_id: The dotted id of the operation.
    """
    tag, *rest = attributes_of(operation_id)
    return tag, "_".join(rest) or tag


def attributes_of(operation_id: str) -> list[str]:
    """Return the attribute names of the method of an operation.

    ``fine-boats.listAll`` becomes ``["fine_boats", "list_all"]``.

    Args:
        operation_id: The dotted id of the operation.
    """
    return [snake_case(part) for part in operation_id.split(".")]


def _prepare_operation(operation: Document, document: Document) -> None:
    operation_id = operation["operationId"]
    tag, operation["operationId"] = module_of(operation_id)
    operation["tags"] = [tag]
    # The templates need the dotted id, and the generator does not pass on extensions.
    operation["description"] = ".".join(attributes_of(operation_id))
    for parameter in operation.get("parameters", ()):
        schema = _expressible(parameter["schema"])
        parameter["schema"] = _described(schema, parameter.get("description"), document)
        # A path parameter is always required, even if the document says otherwise.
        parameter["required"] = parameter["in"] == "path" or parameter.get("required", False)
    _prepare_content(operation.get("requestBody", {}))
    for response in operation["responses"].values():
        _prepare_content(response)
    operation["responses"] = _successes(operation["responses"], document)


def _prepare_content(message: Document) -> None:
    for media, content in message.get("content", {}).items():
        schema = _expressible(content.get("schema", {}))
        # A document may omit the schema of bytes and text; the generator ignores content without
        # a schema.
        if (
            media.startswith("application/octet-stream")
            and schema.get("type", "string") == "string"
        ):
            schema = {**schema, "type": "string", "format": "binary"}
        elif media.startswith("text/") and not schema:
            schema = {"type": "string"}
        content["schema"] = schema


def _successes(responses: Document, document: Document) -> Document:
    """The successful responses in the form that the templates need.

    2XX applies to every successful status, documented or not. Other statuses are listed only if
    their content differs. Some documents describe the content of only one of several statuses.
    """
    contents = {
        status: response["content"]
        for status, response in sorted(responses.items())
        if status.startswith("2") and response.get("content")
    }
    if not contents:
        return {"2XX": {"description": ""}}
    usual = contents.get("2XX", next(iter(contents.values())))
    found = {
        status: {"description": "", "content": content}
        for status, content in contents.items()
        if not _equal(content, usual, document)
    }
    for status in _EMPTY & responses.keys() - contents.keys():
        found[status] = {"description": ""}
    return {**found, "2XX": {"description": "", "content": usual}}


def _equal(one: Any, other: Any, document: Document, within: frozenset[Any] = frozenset()) -> bool:
    """Whether two parts are equal, except for the names of their schemas."""
    if isinstance(one, dict) and isinstance(other, dict):
        pair = tuple(_name_of(part) or id(part) for part in (one, other))
        schemas = document["components"]["schemas"]
        one, other = (schemas.get(_name_of(part), part) for part in (one, other))
        # A pair that is already being compared is recursive; it is equal unless other parts differ.
        return pair in within or all(
            _equal(one.get(key), other.get(key), document, within | {pair})
            for key in one.keys() | other.keys()
            if not (key in ("description", "summary") and isinstance(one.get(key, ""), str))
        )
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(
            _equal(*parts, document, within) for parts in zip(one, other, strict=True)
        )
    return bool(one == other)


def _name_of(node: Document) -> str:
    reference = node.get("$ref")
    return reference.removeprefix(SCHEMA_PREFIX) if isinstance(reference, str) else ""


def _with_types_of_values(schema: Document) -> Document:
    """The schema with types in place of a const or enum, except enums of only str or only int."""
    values = [schema["const"]] if "const" in schema else schema.get("enum", [])
    kinds = {type(value) for value in values if value is not None}
    if "const" not in schema and len(kinds) < 2 and not kinds - {str, int}:
        return {**schema}
    kept = {key: value for key, value in schema.items() if key not in ("const", "enum")}
    return {**kept, "type": sorted({_TYPES[type(value)] for value in values})}


def _expressible(schema: Any) -> Document:
    """The schema with only the keywords that the generator knows."""
    if isinstance(schema, bool):
        return {}
    made = _with_types_of_values(schema)
    if "array" in made.get("type", ()):
        made.setdefault("items", {})
    for keyword in SCHEMA_MAPS:
        if keyword in made:
            made[keyword] = {name: _expressible(part) for name, part in made[keyword].items()}
    for keyword in SCHEMA_LISTS:
        if keyword in made:
            made[keyword] = [_expressible(part) for part in made[keyword]]
    for keyword in SCHEMA_PARTS:
        if keyword in made:
            made[keyword] = _expressible(made[keyword])
    if isinstance(made.get("additionalProperties"), dict):
        made["additionalProperties"] = _expressible(made["additionalProperties"])
    return made


def _described(schema: Document, description: str | None, document: Document) -> Document:
    """Put a description where the generator reads it.

    The generator ignores a description next to a reference, or next to a union with a single
    reference. For an enum, a union of the same reference twice keeps the description, and has the
    same annotation as the enum. A reference to an object gets the description of the object.
    """
    if description is None:
        return schema
    reference = schema.get("$ref")
    if reference is None:
        return {**schema, "description": description}
    if "enum" in document["components"]["schemas"][_name_of(schema)]:
        return {"anyOf": [{"$ref": reference}] * 2, "description": description}
    return {"$ref": reference}


def _without_defaults(node: Any, *, names_follow: bool = False) -> Any:
    """Remove defaults: the generated code would send them with every request."""
    if isinstance(node, list):
        return [_without_defaults(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        key: _without_defaults(value, names_follow=not names_follow and key == "properties")
        for key, value in node.items()
        if names_follow or key != "default"
    }
