"""Normalizing the facts of a published document.

Prose and examples are removed, since they belong to the publisher. The ``nullable`` of OpenAPI 3.0
becomes the type ``"null"`` of 3.1, the parameters of a path move to its operations, and every
object and enum gets a name. The name is the same for a component and for an inline schema, so that
older and newer documents have the same names.
"""

from __future__ import annotations

import re
from itertools import chain, count
from typing import Any, TypeAlias

from apispec.document import Document, operations, plain
from apispec.shape import SCHEMA_LISTS, SCHEMA_MAPS, SCHEMA_PARTS, SCHEMA_PREFIX, resolved

Names: TypeAlias = dict[str, str]
"""Names of schemas by place: ``Owner.field``, ``operation.id response``."""

_PROSE = {"title", "description", "summary", "example", "examples", "externalDocs"}
_KEPT_EXTENSIONS = {"x-repeatable"}
_NAMED_BY_PUBLISHER = {
    *("schemas", "content", "parameters", "headers", "requestBodies", "securitySchemes"),
    *("security", "webhooks", "pathItems", "callbacks", "mapping", "variables"),
    *SCHEMA_MAPS,
}
# The members of these objects are paths or statuses, or extensions, which begin with x-.
_PATTERNED = {"paths", "responses"}
_VALUES = {"default", "enum", "const"}
_CREDENTIALS = ("type", "scheme", "in", "name", "flows", "openIdConnectUrl")


def normalize(published: Document, names: Names) -> Document:
    """Return the document as OpenAPI 3.1, without prose and with every schema named.

    Args:
        published: A published document, OpenAPI 3.0 or 3.1. It is not changed.
        names: Names of schemas for places where the derived name is not used.

    Raises:
        ValueError: The document is not valid OpenAPI, or two operations have the same id.
    """
    source = plain(published)
    # OpenAPI requires a title, so the title is kept.
    document = resolved(
        {**_without_prose(source), **({"info": source["info"]} if "info" in source else {})}
    )
    document["paths"] = {
        path: _with_own_parameters(item) for path, item in document["paths"].items()
    }
    components = document.get("components", {})
    namer = _Namer(components.get("schemas", {}), names)
    for name, operation in operations(document).items():
        namer.name_operation(name, operation)
    for name, operation in _webhooks(document):
        namer.name_operation(name, operation)
    return {
        "openapi": "3.1.0",
        "info": {"title": document["info"]["title"], "version": document["info"]["version"]},
        "servers": document.get("servers", []),
        "security": document.get("security", []),
        "paths": document["paths"],
        **({"webhooks": document["webhooks"]} if document.get("webhooks") else {}),
        "components": {
            "schemas": namer.schemas,
            "securitySchemes": {
                name: {key: scheme[key] for key in _CREDENTIALS if key in scheme}
                for name, scheme in components.get("securitySchemes", {}).items()
            },
        },
    }


def _without_prose(node: Any, *, names_follow: bool = False, within: str = "") -> Any:
    if isinstance(node, list):
        return [_without_prose(item, names_follow=within == "security") for item in node]
    if not isinstance(node, dict):
        return node
    if within == "scopes":
        return dict.fromkeys(node, "")  # the values are prose
    kept = {
        key: value
        if key in _VALUES and not names_follow and within not in _PATTERNED
        else _without_prose(
            value,
            names_follow=not names_follow and key in _NAMED_BY_PUBLISHER,
            within="" if names_follow else key,
        )
        for key, value in node.items()
        if names_follow or not _is_prose(key, within)
    }
    return kept if names_follow else _with_null_type(kept)


def _is_prose(key: str, within: str) -> bool:
    extension = key.startswith("x-") and key not in _KEPT_EXTENSIONS
    return extension or (key in _PROSE and within not in _PATTERNED)


def _with_null_type(schema: Document) -> Document:
    required = schema.get("required")
    if isinstance(required, list) and all(isinstance(name, str) for name in required):
        schema["required"] = sorted(required)
    if not isinstance(schema.get("nullable", False), bool) or not schema.pop("nullable", False):
        return schema
    if isinstance(schema.get("type"), str):
        return {**schema, "type": [schema["type"], "null"]}
    return {"oneOf": [schema, {"type": "null"}]}


def _with_own_parameters(item: Document) -> Document:
    """The operations of a path, with the parameters that the path declares for all of them."""
    own = dict(item)
    shared = own.pop("parameters", None)
    for method, operation in item.items() if shared else ():
        if isinstance(operation, dict) and "operationId" in operation:
            # A parameter of the operation overrides one of the path with the same name and place.
            merged = {
                (parameter["in"], parameter["name"]): dict(parameter)
                for parameter in (*shared, *operation.get("parameters", ()))
            }
            own[method] = {**operation, "parameters": list(merged.values())}
    return own


def _webhooks(document: Document) -> list[tuple[str, Document]]:
    """The webhooks, each with the name that its schemas get."""
    return [
        (f"webhook {name}", {"responses": {}, **operation})
        for name, item in sorted(document.get("webhooks", {}).items())
        for operation in item.values()
        if isinstance(operation, dict)
    ]


class _Namer:
    """Moves the schemas of a document to the components, each under one name."""

    def __init__(self, published: dict[str, Document], names: Names) -> None:
        self.schemas: dict[str, Document] = {}
        self._published = published
        self._names = names
        self._structure: dict[str, Any] = {}
        self._open: list[str] = []
        for place in sorted(published, key=self._name_of):
            self.name_schema(published[place], place)

    def name_operation(self, name: str, operation: Document) -> None:
        for parameter in operation.get("parameters", ()):
            if "schema" in parameter:
                parameter["schema"] = self.name_schema(
                    parameter["schema"], f"{name} {parameter['name']}"
                )
        self._name_content(operation.get("requestBody", {}), f"{name} request")
        self._unite(operation["responses"])
        for status, response in sorted(operation["responses"].items()):
            kind = "response" if status.startswith("2") else "error"
            self._name_content(response, f"{name} {kind}")
            for header, value in response.get("headers", {}).items():
                if "schema" in value:
                    value["schema"] = self.name_schema(value["schema"], f"{name} {header}")

    def _name_content(self, body: Document, place: str) -> None:
        for media in body.get("content", {}).values():
            media["schema"] = self.name_schema(media.get("schema", {}), place)

    def _unite(self, responses: Document) -> None:
        """Use one schema for successful responses with equal schemas, if possible a named one."""
        contents = [
            media
            for status, response in sorted(responses.items())
            if status.startswith("2")
            for media in response.get("content", {}).values()
            if isinstance(media.get("schema"), dict)
        ]
        equal: list[tuple[Any, Document]] = []
        for media in sorted(contents, key=lambda media: self._rank(media["schema"])):
            structure = self._expanded(media["schema"])
            same = [schema for known, schema in equal if known == structure]
            media["schema"] = same[0] if same else media["schema"]
            equal += [] if same else [(structure, media["schema"])]

    def _rank(self, schema: Document) -> int:
        """Sort schemas in the table of names first, then other components."""
        name = str(schema.get("$ref", "")).removeprefix(SCHEMA_PREFIX)
        return 0 if name in self._names else 1 if name else 2

    def name_schema(self, schema: Any, place: str) -> Document:
        """Return the schema, or a reference to it if it got a name."""
        if isinstance(schema, bool):
            return {} if schema else {"not": {}}
        if "$ref" in schema:
            target = schema["$ref"].removeprefix(SCHEMA_PREFIX)
            named = self._name_target(target)
            beside = {key: value for key, value in schema.items() if key != "$ref"}
            return {**self._name_parts(beside, place), **named} if beside else named
        if not _is_named(schema):
            return self._name_parts(schema, place)
        structure = self._expanded(schema)
        name = self._free_name(place, structure)
        if name not in self._structure:
            self._structure[name] = structure
            self.schemas[name] = {}
            self.schemas[name] = self._name_parts(schema, name)
        return {"$ref": SCHEMA_PREFIX + name}

    def _name_target(self, target: str) -> Document:
        schema = self._published[target]
        if target in self._open and not _is_named(schema):
            raise ValueError(f"the schema {target} contains itself without an object in between")
        self._open.append(target)
        named = self.name_schema(schema, target)
        self._open.pop()
        return named

    def _name_parts(self, schema: Document, place: str) -> Document:
        named = dict(schema)
        for keyword in SCHEMA_MAPS:
            if keyword in schema:
                named[keyword] = {
                    field: self.name_schema(part, f"{place}.{field}")
                    for field, part in schema[keyword].items()
                }
        for keyword in SCHEMA_PARTS:
            if keyword in schema:
                inner = f"{place}[]" if keyword == "items" else place
                named[keyword] = self.name_schema(schema[keyword], inner)
        if isinstance(schema.get("additionalProperties"), dict):
            named["additionalProperties"] = self.name_schema(schema["additionalProperties"], place)
        for keyword in SCHEMA_LISTS:
            if keyword in schema:
                named[keyword] = [self.name_schema(part, place) for part in schema[keyword]]
        return named

    def _free_name(self, place: str, structure: Any) -> str:
        """Return the listed name, the derived name, or if both are taken, one with a number."""
        derived = _derived_name(place)
        numbered = (f"{derived}{number}" for number in count(2))
        for name in chain((self._name_of(place), derived), numbered):
            if self._structure.get(name, structure) == structure:
                return name
        raise AssertionError  # count() is infinite

    def _name_of(self, place: str) -> str:
        return self._names.get(place) or _derived_name(place)

    def _expanded(self, node: Any, within: tuple[str, ...] = ()) -> Any:
        """The schema with its references resolved, to compare two schemas."""
        if isinstance(node, list):
            return [self._expanded(item, within) for item in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            name = node["$ref"].removeprefix(SCHEMA_PREFIX)
            if name in within:
                return node
            target = self._expanded(self._published[name], (*within, name))
            beside = {key: part for key, part in node.items() if key != "$ref"}
            return {**self._expanded(beside, within), "$ref": target} if beside else target
        return {key: self._expanded(value, within) for key, value in node.items()}


def _is_named(schema: Any) -> bool:
    return (
        isinstance(schema, dict)
        and "$ref" not in schema
        and bool({"properties", "enum"} & {*schema})
    )


def _derived_name(place: str) -> str:
    return "".join(word[0].upper() + word[1:] for word in re.findall(r"[A-Za-z0-9]+", place))
