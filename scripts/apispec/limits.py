"""What the templates cannot express, refused by the name of the operation or schema that has it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlsplit

from apispec.shape import SCHEMA_PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apispec.document import Document

_MEND = "mend that in scripts/apispec/data/corrections.yaml, or teach it to scripts/templates"
_METHODS = ("delete", "get", "head", "options", "patch", "post", "put", "query")
_FORM = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"

_READABLE = re.compile(r"(text/.+|application/json|.+\+json|application/octet-stream)(;.*)?")
_PATH = re.compile(r"/([^{}?#]|{[a-zA-Z_-][a-zA-Z0-9_-]*})*")
_PATH_NAME = re.compile(r"{([^{}]*)}")
_STYLES = {"path": "simple", "query": "form", "header": "simple"}
# What next to a reference changes which values are valid, so that one type cannot tell both.
_STRUCTURE = frozenset(
    ("type", "properties", "items", "enum", "const", "allOf", "anyOf", "oneOf", "not", "$defs")
)


def require_expressible(document: Document) -> None:
    """Check that the templates can make right code of every operation and schema.

    Args:
        document: The document to generate from, in the shape that ``apispec.shape`` checks.

    Raises:
        ValueError: They cannot; the operation or the schema is named.
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
    """Return the URL of the first server, or "" where the document names none.

    Args:
        document: The document to generate from.

    Raises:
        ValueError: It is not an absolute URL.
    """
    for server in document.get("servers", ()):
        url: str = server["url"]
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc or re.search(r"[{}?#\s]", url):
            _refuse("the document", f"the server {url!r} is not an absolute http(s) URL")
        return url
    return ""


class _Operation:
    """One operation, with the document that it is in."""

    def __init__(self, document: Document, item: Document, operation: Document) -> None:
        self._document = document
        self._item = item
        self._operation = operation
        self._schemas: Document = document.get("components", {}).get("schemas", {})

    def check(self, method: str, path: str) -> None:
        if method not in _METHODS:
            self._refuse(f"nothing sends {method.upper()}")
        for part in (self._item, self._operation):
            if part.get("servers", []) not in ([], self._document.get("servers", [])):
                self._refuse("it has servers of its own, and a client has one base URL")
        self._check_security()
        parameters = self._operation.get("parameters", ())
        for parameter in parameters:
            self._check_parameter(parameter)
        names = sorted(one["name"] for one in parameters if one["in"] == "path")
        if not _PATH.fullmatch(path) or sorted(_PATH_NAME.findall(path)) != names:
            self._refuse(f"the path {path} and its parameters ({', '.join(names)}) do not fit")
        self._check_body(self._operation.get("requestBody", {}).get("content", {}))
        self._check_answers()
        _require_schemas(self._operation, self._operation["operationId"])

    def _check_security(self) -> None:
        schemes = self._document.get("components", {}).get("securitySchemes", {})
        inherited = self._document.get("security", [])
        choices = self._operation.get("security", inherited) or [{}]
        for name in {name for choice in choices for name in choice} - schemes.keys():
            self._refuse(f"its security scheme {name} is not defined")
        if not any(all(_is_bearer(schemes[name]) for name in choice) for choice in choices):
            kinds = sorted({schemes[name]["type"] for choice in choices for name in choice})
            self._refuse(f"it needs credentials ({', '.join(kinds)}), but only a token is sent")

    def _check_parameter(self, parameter: Document) -> None:
        name, place = parameter["name"], parameter["in"]
        if place == "cookie":
            self._refuse(f"nothing sends the cookie {name}")
        if "schema" not in parameter:
            self._refuse(f"{name} has no schema")
        style = parameter.get("style", _STYLES[place])
        if style != _STYLES[place]:
            self._refuse(f"nothing writes {name} in the style {style}")
        types = self._types(parameter["schema"])
        if types == {"object"} or (types == {"array"} and place != "query"):
            self._refuse(f"nothing writes an {types.pop()} as {name} in a {place}")
        if "array" in types and not parameter.get("explode", True):
            self._refuse(f"nothing writes the list {name} with explode: false")

    def _check_body(self, content: Document) -> None:
        # The first body is the one that the templates send.
        media = min(content, default="")
        if media.startswith(_FORM):
            self._refuse(f"nothing sends a body as {_FORM}")
        if media.startswith(_MULTIPART) and not self._has_fields(content[media].get("schema", {})):
            self._refuse(f"a body as {_MULTIPART} needs a schema with properties")

    def _check_answers(self) -> None:
        responses = self._operation["responses"]
        if not any(status[0] in "23" for status in responses) and "default" in responses:
            self._refuse("it has no 2xx response, and the default one may be an error")
        for status, response in responses.items():
            content = response.get("content") or {}
            if status[0] == "2" and content and not any(map(_READABLE.fullmatch, content)):
                self._refuse(f"nothing reads {', '.join(content)}")

    def _types(self, schema: Any, within: frozenset[str] = frozenset()) -> set[str]:
        """The types that a value may have, of which null counts only alone; empty for any."""
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
            _refuse(owner, f"nothing combines {node['$ref']} with the {beside[0]} next to it")
        if node.get("enum") == []:
            _refuse(owner, "an enum without values allows nothing")
        for value in node.values():
            _require_schemas(value, owner)


def _refuse(owner: str, problem: str) -> NoReturn:
    raise ValueError(f"{owner}: {problem}; {_MEND}")
