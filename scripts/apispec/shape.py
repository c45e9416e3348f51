"""Checking the shape of a document before anything else reads it.

Documents are written by hand. An error names the operation or schema, the place in it, and the type
that is expected there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

if TYPE_CHECKING:
    from apispec.document import Document

SCHEMA_PREFIX = "#/components/schemas/"
SCHEMA_LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
SCHEMA_MAPS = ("properties", "patternProperties", "dependentSchemas", "$defs")
SCHEMA_PARTS = (
    *("items", "not", "if", "then", "else", "contains", "propertyNames"),
    *("unevaluatedItems", "unevaluatedProperties"),
)
"""Keywords whose values are schemas: lists of schemas, objects of schemas, and single schemas."""

# A tuple contains the types that a value may have, a list the shape of its items, a dictionary the
# shapes of an object's members. A string is a key of _SHAPES.
_Shape: TypeAlias = "tuple[type, ...] | list[_Shape] | dict[str, _Shape] | str"
_ANY = "*"
"""Key of a shape for all members that are not listed."""
_ANY_BUT_X = "+"
"""Key of a shape for all members that are not listed, except ``x-`` extensions."""
_NEEDED = "!"
"""Suffix of the name of a required member."""

_TEXT, _FLAG, _COUNT, _NUMBER = (str,), (bool,), (int,), (int, float)

_CONTENT: _Shape = {_ANY: {"schema": "schema"}}
_SERVERS: _Shape = [{"url!": _TEXT}]
_SECURITY: _Shape = [{_ANY: [_TEXT]}]
_RESPONSES: _Shape = {
    _ANY_BUT_X: {"content": _CONTENT, "headers": {_ANY: {"schema": "schema", "content": _CONTENT}}}
}
_EXCHANGE: dict[str, _Shape] = {
    "parameters": ["parameter"],
    "requestBody": {"content!": _CONTENT, "required": _FLAG},
    "servers": _SERVERS,
    "security": _SECURITY,
    "deprecated": _FLAG,
    "x-handwritten": _FLAG,
    "x-repeatable": _FLAG,
}
_ITEM: dict[str, _Shape] = {
    "parameters": ["parameter"],
    "servers": _SERVERS,
    **dict.fromkeys(("summary", "description"), _TEXT),
}
_SHAPES: dict[str, dict[str, _Shape]] = {
    "document": {
        "info!": {"title!": _TEXT, "version!": _TEXT},
        "paths!": {_ANY_BUT_X: "item"},
        "webhooks": {_ANY: "webhook"},
        "servers": _SERVERS,
        "security": _SECURITY,
        "components": {
            "schemas": {_ANY: "schema"},
            "securitySchemes": {
                _ANY: {"type!": _TEXT, "scheme": _TEXT, "in": _TEXT, "name": _TEXT}
            },
        },
    },
    "item": {**_ITEM, _ANY_BUT_X: "operation"},
    "webhook": {**_ITEM, _ANY_BUT_X: "event"},
    "operation": {"operationId!": _TEXT, "responses!": _RESPONSES, **_EXCHANGE},
    "event": {"responses": _RESPONSES, **_EXCHANGE},
    "parameter": {
        "name!": _TEXT,
        "in!": _TEXT,
        "style": _TEXT,
        **dict.fromkeys(("required", "explode", "deprecated"), _FLAG),
        "schema": "schema",
        "content": _CONTENT,
    },
    "schema": {
        **dict.fromkeys(("$ref", "format", "pattern", "title", "description"), _TEXT),
        **dict.fromkeys(("nullable", "deprecated", "readOnly", "writeOnly", "uniqueItems"), _FLAG),
        **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems"), _COUNT),
        **dict.fromkeys(("minProperties", "maxProperties"), _COUNT),
        **dict.fromkeys(("minimum", "maximum", "multipleOf"), _NUMBER),
        **dict.fromkeys(("exclusiveMinimum", "exclusiveMaximum"), (bool, int, float)),
        **{keyword: ["schema"] for keyword in SCHEMA_LISTS},
        **{keyword: {_ANY: "schema"} for keyword in SCHEMA_MAPS},
        **dict.fromkeys((*SCHEMA_PARTS, "additionalProperties"), "schema"),
        "type": (str, list),
        "required": [_TEXT],
        "enum": [(object,)],
    },
}
_TYPES = ("array", "boolean", "integer", "null", "number", "object", "string")
_PLACES = ("cookie", "header", "path", "query")
_STATUS = re.compile(r"[1-5](\d\d|XX)|default")
_NAMES: dict[type, str] = {
    dict: "an object",
    list: "a list",
    str: "a string",
    bool: "a boolean",
    int: "an integer",
    float: "a number",
    type(None): "null",
}


def resolved(document: Document) -> Document:
    """Return the document with all references resolved except those to schemas.

    Args:
        document: Any JSON object. It is not changed.

    Raises:
        ValueError: The document is not valid OpenAPI, or the target of a reference is missing.
    """
    try:
        followed: Document = _followed(document, document, ())
    except RecursionError as error:
        raise ValueError("the document is nested too deeply") from error
    _Check(followed).check(followed, "document")
    return followed


def _followed(node: Any, document: Document, within: tuple[str, ...]) -> Any:
    if isinstance(node, list):
        return [_followed(item, document, within) for item in node]
    if not isinstance(node, dict):
        return node
    reference = node.get("$ref")
    if not isinstance(reference, str) or _is_to_a_schema(reference):
        return {key: _followed(value, document, within) for key, value in node.items()}
    if reference in within:
        raise ValueError(f"the reference {reference} refers to itself")
    target: Any = document
    for key in reference.removeprefix("#/").split("/"):
        inner = key.replace("~1", "/").replace("~0", "~")
        if not isinstance(target, dict) or inner not in target:
            raise ValueError(f"the target of the reference {reference} is missing")
        target = target[inner]
    return _followed(target, document, (*within, reference))


def _is_to_a_schema(reference: str) -> bool:
    return reference.startswith(SCHEMA_PREFIX) and "/" not in reference[len(SCHEMA_PREFIX) :]


class _Check:
    """Compares a document with its shape. Raises ValueError at the first difference."""

    def __init__(self, document: Document) -> None:
        components = document.get("components")
        schemas = components.get("schemas") if isinstance(components, dict) else None
        self._schemas: Document = schemas if isinstance(schemas, dict) else {}

    def check(
        self, node: Any, shape: _Shape, owner: str = "the document", place: tuple[str, ...] = ()
    ) -> None:
        """Raise ValueError if a part of the document does not have the expected shape.

        Args:
            node: The part.
            shape: The expected shape.
            owner: The operation or schema that contains the part.
            place: The keys of the part in its owner.
        """
        if isinstance(shape, tuple):
            self._require(node, shape, owner, place)
        elif isinstance(shape, list):
            self._require(node, (list,), owner, place)
            for number, item in enumerate(node):
                self.check(item, shape[0], owner, (*place, str(number)))
        elif isinstance(shape, dict):
            self._require(node, (dict,), owner, place)
            self._members(node, shape, owner, place)
        elif shape != "schema" or not isinstance(node, bool):
            if shape in ("operation", "event"):
                owner, place = _named(node, place), ()
            self.check(node, _SHAPES[shape], owner, place)
            if problem := self._problem(node, shape):
                _refuse(owner, place, problem)

    def _members(
        self, node: Document, shape: dict[str, _Shape], owner: str, place: tuple[str, ...]
    ) -> None:
        for key in shape:
            if key.endswith(_NEEDED) and key[:-1] not in node:
                _refuse(owner, (*place, key[:-1]), "is missing")
        for key, value in node.items():
            rest = shape.get(_ANY) or ("" if key.startswith("x-") else shape.get(_ANY_BUT_X, ""))
            inner = shape.get(key) or shape.get(key + _NEEDED) or rest
            if inner and place == ("components", "schemas"):
                self.check(value, inner, f"the schema {key}")
            elif inner:
                self.check(value, inner, owner, (*place, key))

    def _require(
        self, node: Any, types: tuple[type, ...], owner: str, place: tuple[str, ...]
    ) -> None:
        if not isinstance(node, types) or (
            isinstance(node, bool) and not {bool, object} & {*types}
        ):
            wanted = " or ".join(_NAMES[one] for one in types)
            _refuse(owner, place, f"must be {wanted}, got {_NAMES[type(node)]}")

    def _problem(self, node: Document, shape: str) -> str:
        if shape == "schema":
            types = node.get("type", [])
            types = [types] if isinstance(types, str) else types
            reference = node.get("$ref")
            if any(one not in _TYPES for one in types):
                return f"has the unknown type {node['type']!r}"
            if reference and reference.removeprefix(SCHEMA_PREFIX) not in self._schemas:
                return f"refers to {reference}, which is missing"
        if shape == "parameter" and node["in"] not in _PLACES:
            return f"is in {node['in']!r}, expected one of {', '.join(_PLACES)}"
        if shape == "operation":
            wrong = [one for one in node["responses"] if not _STATUS.fullmatch(one)]
            wrong = [one for one in wrong if not one.startswith("x-")]
            if wrong:
                return f"has a response for {wrong[0]!r}, which is not a status"
        return ""


def _named(operation: Any, place: tuple[str, ...]) -> str:
    """The id of an operation, or its method and path."""
    operation_id = operation.get("operationId") if isinstance(operation, dict) else None
    if isinstance(operation_id, str):
        return operation_id
    kind, path, method = place
    return f"{method.upper()} {path}" if kind == "paths" else f"the webhook {path}"


def _refuse(owner: str, place: tuple[str, ...], problem: str) -> NoReturn:
    raise ValueError(f"{owner}: {'.'.join(place)} {problem}".replace(":  ", ": it "))
