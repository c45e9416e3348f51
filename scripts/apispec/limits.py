"""Checking that the templates support all operations and schemas."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlsplit

from apispec.shape import SCHEMA_PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apispec.document import Document

_ADVICE = "correct it in scripts/apispec/data/corrections.yaml, or support it in scripts/templates"
_METHODS = ("delete", "get", "head", "options", "patch", "post", "put", "query")
_FORM = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"

_READABLE = re.compile(r"(text/.+|application/json|.+\+json|application/octet-stream)(;.*)?")
_PATH = re.compile(r"/([^{}?#]|{[a-zA-Z_-][a-zA-Z0-9_-]*})*")
_PATH_NAME = re.compile(r"{([^{}]*)}")
_STYLES = {"path": "simple", "query": "form", "header": "simple"}
# Keywords next to a reference that restrict its values. A Python type cannot express both.
_STRUCTURE = frozenset(
    ("type", "properties", "items", "enum", "const", "allOf", "anyOf", "oneOf", "not", "$defs")
)


def require_expressible(document: Document) -> None:
    """Check that the templates support every operation and schema.

    Args:
        document: The document to generate from, checked by ``apispec.shape``.

    Raises:
        ValueError: The templates do not support the operation or schema that the message names.
    """
    base_url(document)
    schemas = document.get("components", {}).get("schemas", {})
    for name, schema in schemas.items():
        _require_schemas(schema, f"the schema {name}")
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if isinstance(operation, dict) and "operationId" in operation:
                _Operation(document, item, operation).check(method, path)


def base_url(document: Document) -> str:
    """Return the URL of the first server, or "" if the document has no servers.

    Args:
        document: The document to generate from.

    Raises:
        ValueError: The URL is not absolute.
    """
    for server in document.get("servers", ()):
        url: str = server["url"]
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc or re.search(r"[{}?#\s]", url):
            _refuse("the document", f"the server {url!r} is not an absolute http(s) URL")
        return url
    return ""


class _Operation:
    """An operation of a document."""

    def __init__(self, document: Document, item: Document, operation: Document) -> None:
        self._document = document
        self._item = item
        self._operation = operation
        self._schemas: Document = document.get("components", {}).get("schemas", {})

    def check(self, method: str, path: str) -> None:
        if method not in _METHODS:
            self._refuse(f"the method {method.upper()} is not supported")
        for part in (self._item, self._operation):
            if part.get("servers", []) not in ([], self._document.get("servers", [])):
                self._refuse("servers of an operation are not supported; a client has one base URL")
        self._check_security()
        parameters = self._operation.get("parameters", ())
        for parameter in parameters:
            self._check_parameter(parameter)
        names = sorted(one["name"] for one in parameters if one["in"] == "path")
        if not _PATH.fullmatch(path) or sorted(_PATH_NAME.findall(path)) != names:
            self._refuse(f"the path {path} does not match its parameters ({', '.join(names)})")
        self._check_body(self._operation.get("requestBody", {}).get("content", {}))
        self._check_responses()
        _require_schemas(self._operation, self._operation["operationId"])

    def _check_security(self) -> None:
        schemes = self._document.get("components", {}).get("securitySchemes", {})
        inherited = self._document.get("security", [])
        choices = self._operation.get("security", inherited) or [{}]
        for name in {name for choice in choices for name in choice} - schemes.keys():
            self._refuse(f"the security scheme {name} is not defined")
        if not any(all(_is_bearer(schemes[name]) for name in choice) for choice in choices):
            kinds = sorted({schemes[name]["type"] for choice in choices for name in choice})
            self._refuse(
                f"the credentials {', '.join(kinds)} are not supported; use a bearer token"
            )

    def _check_parameter(self, parameter: Document) -> None:
        name, place = parameter["name"], parameter["in"]
        if place == "cookie":
            self._refuse(f"the cookie {name} is not supported")
        if "schema" not in parameter:
            self._refuse(f"the parameter {name} has no schema")
        style = parameter.get("style", _STYLES[place])
        if style != _STYLES[place]:
            self._refuse(f"the style {style} of {name} is not supported")
        types = self._types(parameter["schema"])
        if types == {"object"} or (types == {"array"} and place != "query"):
            self._refuse(f"the type {types.pop()} of {name} is not supported in a {place}")
        if "array" in types and not parameter.get("explode", True):
            self._refuse(f"explode: false of {name} is not supported")

    def _check_body(self, content: Document) -> None:
        # The templates send the first body.
        media = min(content, default="")
        if media.startswith(_FORM):
            self._refuse(f"a body as {_FORM} is not supported")
        if media.startswith(_MULTIPART) and not self._has_fields(content[media].get("schema", {})):
            self._refuse(f"a body as {_MULTIPART} needs a schema with properties")

    def _check_responses(self) -> None:
        responses = self._operation["responses"]
        if not any(status[0] in "23" for status in responses) and "default" in responses:
            self._refuse("it has no 2xx response; the default response may be an error")
        for status, response in responses.items():
            content = response.get("content") or {}
            if status[0] == "2" and content and not any(map(_READABLE.fullmatch, content)):
                self._refuse(f"the response type {', '.join(content)} is not supported")

    def _types(self, schema: Any, within: frozenset[str] = frozenset()) -> set[str]:
        """The types of a value, without null unless it is the only one. Empty: any type."""
        if isinstance(schema, bool):
            return set()
        found = {*_listed(schema.get("type", []))}
        for part in self._parts(schema, within):
            found |= self._types(*part)
        return found - {"null"} or found

    def _has_fields(self, schema: Any, within: frozenset[str] = frozenset()) -> bool:
        if isinstance(schema, bool):
            return False
        inner = self._parts(schema, within)
        return bool(schema.get("properties")) or any(self._has_fields(*part) for part in inner)

    def _parts(
        self, schema: Document, within: frozenset[str]
    ) -> Iterator[tuple[Any, frozenset[str]]]:
        name = schema.get("$ref", "").removeprefix(SCHEMA_PREFIX)
        if name and name not in within:
            yield self._schemas[name], within | {name}
        for keyword in ("allOf", "anyOf", "oneOf"):
            yield from ((part, within) for part in schema.get(keyword, ()))

    def _refuse(self, problem: str) -> NoReturn:
        _refuse(self._operation["operationId"], problem)


def _listed(types: str | list[str]) -> list[str]:
    return [types] if isinstance(types, str) else types


def _is_bearer(scheme: Document) -> bool:
    if scheme["type"] == "http":
        return bool(scheme.get("scheme", "").lower() == "bearer")
    return scheme["type"] in ("oauth2", "openIdConnect")


def _require_schemas(node: Any, owner: str) -> None:
    if isinstance(node, list):
        for item in node:
            _require_schemas(item, owner)
    elif isinstance(node, dict):
        if isinstance(node.get("$ref"), str) and (beside := sorted(_STRUCTURE & node.keys())):
            _refuse(owner, f"{beside[0]} next to the reference {node['$ref']} is not supported")
        if node.get("enum") == []:
            _refuse(owner, "an enum must have a value")
        for value in node.values():
            _require_schemas(value, owner)


def _refuse(owner: str, problem: str) -> NoReturn:
    raise ValueError(f"{owner}: {problem}; {_ADVICE}")
