"""The facts of a published document in one canonical form.

Prose and examples go (they are not ours to repeat), 3.0's ``nullable`` becomes 3.1's ``"null"``
type, parameters are written where they are used, and every object and enum gets a name: the same
one whether the publisher wrote it as a component or in place, so that documents of different years
give the same names.
"""

from __future__ import annotations

import re
from itertools import chain, count
from typing import Any, TypeAlias

from apispec.document import Document, operations

Names: TypeAlias = dict[str, str]
"""Our name for a schema, by where it stands: ``Owner.field``, ``operation.id response``."""

_PROSE = {"description", "summary", "example", "examples", "externalDocs"}
_NAMED_BY_PUBLISHER = {"properties", "schemas", "paths", "responses", "content", "parameters"}
_SCHEMA_PREFIX = "#/components/schemas/"


def normalise(published: Document, names: Names) -> Document:
    """Return the document without prose, as OpenAPI 3.1, with every schema named.

    Args:
        published: A published document, OpenAPI 3.0 or 3.1. It is not changed.
        names: The names that differ from the ones derived from a schema's place.
    """
    document = _without_prose(published)
    paths = _inlined(document["paths"], document)
    document["paths"] = {path: _with_own_parameters(item) for path, item in paths.items()}
    namer = _Namer(document["components"]["schemas"], names)
    for name, operation in operations(document).items():
        namer.name_operation(name, operation)
    return {
        "openapi": "3.1.0",
        "info": {"title": document["info"]["title"], "version": document["info"]["version"]},
        "servers": [{"url": server["url"]} for server in document["servers"]],
        "security": document["security"],
        "paths": document["paths"],
        "components": {
            "schemas": namer.schemas,
            "securitySchemes": {
                name: {"type": scheme["type"], "scheme": scheme["scheme"]}
                for name, scheme in document["components"]["securitySchemes"].items()
            },
        },
    }


def _without_prose(node: Any, *, names_follow: bool = False) -> Any:
    if isinstance(node, list):
        return [_without_prose(item) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {
        key: _without_prose(value, names_follow=not names_follow and key in _NAMED_BY_PUBLISHER)
        for key, value in node.items()
        if names_follow or not (key in _PROSE or key.startswith("x-"))
    }
    return kept if names_follow else _with_null_type(kept)


def _with_null_type(schema: Document) -> Document:
    if isinstance(schema.get("required"), list):
        schema["required"] = sorted(schema["required"])
    if not schema.pop("nullable", False):
        return schema
    if isinstance(schema.get("type"), str):
        return {**schema, "type": [schema["type"], "null"]}
    return {"oneOf": [schema, {"type": "null"}]}


def _inlined(node: Any, document: Document) -> Any:
    """The node with every reference followed that does not lead to a schema."""
    if isinstance(node, list):
        return [_inlined(item, document) for item in node]
    if not isinstance(node, dict):
        return node
    reference = node.get("$ref")
    if isinstance(reference, str) and not reference.startswith(_SCHEMA_PREFIX):
        target: Any = document
        for key in reference.removeprefix("#/").split("/"):
            target = target[key.replace("~1", "/").replace("~0", "~")]
        return _inlined(target, document)
    return {key: _inlined(value, document) for key, value in node.items()}


def _with_own_parameters(item: Document) -> Document:
    """The operations of a path, with the parameters that the path gives to all of them."""
    own = dict(item)
    shared = own.pop("parameters", None)
    for method, operation in item.items() if shared else ():
        if isinstance(operation, dict) and "operationId" in operation:
            # An operation's parameter stands in for the path's of that name and place.
            merged = {
                (parameter["in"], parameter["name"]): dict(parameter)
                for parameter in (*shared, *operation.get("parameters", ()))
            }
            own[method] = {**operation, "parameters": list(merged.values())}
    return own


class _Namer:
    """Moves the schemas of a document to the top level, each under one name."""

    def __init__(self, published: dict[str, Document], names: Names) -> None:
        self.schemas: dict[str, Document] = {}
        self._published = published
        self._names = names
        self._structure: dict[str, Any] = {}
        for place in sorted(published, key=self._name_of):
            self.name_schema(published[place], place)

    def name_operation(self, name: str, operation: Document) -> None:
        for parameter in operation.get("parameters", ()):
            if "schema" in parameter:
                parameter["schema"] = self.name_schema(
                    parameter["schema"], f"{name} {parameter['name']}"
                )
        self._name_content(operation.get("requestBody", {}), f"{name} request")
        for status, response in sorted(operation["responses"].items()):
            kind = "response" if status.startswith("2") else "error"
            self._name_content(response, f"{name} {kind}")

    def _name_content(self, body: Document, place: str) -> None:
        for content in body.get("content", {}).values():
            content["schema"] = self.name_schema(content["schema"], place)

    def name_schema(self, schema: Document, place: str) -> Document:
        """Return the schema itself, or a reference where it became a named one."""
        if "$ref" in schema:
            target = schema["$ref"].removeprefix(_SCHEMA_PREFIX)
            return self.name_schema(self._published[target], target)
        if "properties" not in schema and "enum" not in schema:
            return self._name_parts(schema, place)
        structure = self._expanded(schema)
        name = self._free_name(place, structure)
        if name not in self._structure:
            self._structure[name] = structure
            self.schemas[name] = {}
            self.schemas[name] = self._name_parts(schema, name)
        return {"$ref": _SCHEMA_PREFIX + name}

    def _name_parts(self, schema: Document, place: str) -> Document:
        named = dict(schema)
        if "properties" in schema:
            named["properties"] = {
                field: self.name_schema(part, f"{place}.{field}")
                for field, part in schema["properties"].items()
            }
        if "items" in schema:
            named["items"] = self.name_schema(schema["items"], f"{place}[]")
        for keyword in ("additionalProperties", "not"):
            if isinstance(schema.get(keyword), dict):
                named[keyword] = self.name_schema(schema[keyword], place)
        for keyword in ("oneOf", "anyOf", "allOf", "prefixItems"):
            if keyword in schema:
                named[keyword] = [self.name_schema(part, place) for part in schema[keyword]]
        return named

    def _free_name(self, place: str, structure: Any) -> str:
        """The place's name; where another structure has it, the derived one, or that numbered."""
        derived = _derived_name(place)
        numbered = (f"{derived}{number}" for number in count(2))
        for name in chain((self._name_of(place), derived), numbered):
            if self._structure.get(name, structure) == structure:
                return name
        raise AssertionError  # numbers do not end

    def _name_of(self, place: str) -> str:
        return self._names.get(place) or _derived_name(place)

    def _expanded(self, node: Any, within: tuple[str, ...] = ()) -> Any:
        """The schema with its references followed, to compare what two places mean."""
        if isinstance(node, list):
            return [self._expanded(item, within) for item in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            name = node["$ref"].removeprefix(_SCHEMA_PREFIX)
            if name in within:
                return node
            return self._expanded(self._published[name], (*within, name))
        return {key: self._expanded(value, within) for key, value in node.items()}


def _derived_name(place: str) -> str:
    return "".join(word[0].upper() + word[1:] for word in re.findall(r"[A-Za-z0-9]+", place))
