"""The operations of the API's OpenAPI document, with validation of their requests and responses.

The document is part of the generated code, so that the sandbox and the client implement the same
version of the API. No OpenAPI library is used, since none supports the `QUERY` method of
`models.search`.
"""

import json
import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any, TypeAlias, cast

from starlette.datastructures import Headers, QueryParams
from starlette.routing import compile_path

from replicate_ext.sandbox._contract.validation import Schema
from replicate_ext.sandbox._http.json import parse
from replicate_ext.sandbox._http.problems import (
    PROBLEM_JSON,
    InvalidField,
    bad_query,
    invalid_input,
    malformed,
)

# A JSON object from the document.
Part: TypeAlias = Mapping[str, Any]

JSON_TYPE = "application/json"
LONGEST_CHECKED = 1_000_000
"""Largest response body in bytes that is validated; validating larger ones takes too long."""

_INTEGER = re.compile(r"-?[0-9]{1,18}")
_NO_CONTENT: Part = {}
_PARTIAL = (206, 416)
"""Statuses of responses to range requests, which HTTP defines and the document does not list."""
_UNCHECKED = frozenset(("accept", "authorization", "content-type", "prefer"))
"""Headers that are not validated: OpenAPI excludes the first three, and RFC 7240 says that invalid
preferences are ignored."""


class Operation:
    """An operation, with the schemas of its requests and responses.

    Args:
        part: the operation object of the document.
        components: the components of the document, to which schemas refer.
    """

    def __init__(self, part: Part, components: Part) -> None:
        self.id: str = part["operationId"]
        parameters = part.get("parameters", ())
        self._query = _Parameters("query", parameters, components)
        self._headers = _Parameters("header", parameters, components)
        self._request = _schemas(part.get("requestBody", _NO_CONTENT), components)
        self._responses = {
            status: _schemas(response, components) for status, response in part["responses"].items()
        }
        self._problem = Schema({**components["schemas"]["Problem"], "components": components})

    def check_head(self, query: QueryParams, headers: Headers) -> None:
        """Validate the parameters of a request, and the content type of a body that is not JSON.

        Raises:
            Problem: 422 or 400 when a parameter is invalid; 422 when a form or text is required and
                the body is missing or has another content type.
        """
        invalid = self._query.invalid_fields(query) + self._headers.invalid_fields(headers)
        if invalid:
            problem = invalid_input(invalid)
            # One operation documents a 400 with a different body for invalid parameters.
            raise bad_query(str(problem.body["detail"])) if "400" in self._responses else problem
        if self._request and JSON_TYPE not in self._request:
            if _has_no_body(headers):
                raise invalid_input([InvalidField("required", "", "a body is required")])
            self._check_type(headers)

    def read(self, headers: Headers, body: bytes) -> dict[str, object]:
        """Return the JSON body of a request.

        Raises:
            Problem: 400 when the body is not JSON, 422 when the body or its content type is
                invalid.
        """
        self._check_type(headers)
        try:
            value = parse(body)
        except ValueError as error:
            raise malformed(f"The request body is not valid JSON: {error}") from None
        self._request[JSON_TYPE].check(value)
        return cast("dict[str, object]", value)

    def faults(
        self, status: int, headers: Headers, body: bytes | None, known: Container[str]
    ) -> Iterator[str]:
        """Yield a sentence for each mismatch between a response and the document.

        Args:
            status: HTTP status code.
            headers: response headers.
            body: response body, or None when it is sent in chunks, which are not validated.
            known: values that every enum accepts in addition to its own.
        """
        if status in _PARTIAL:
            return
        kinds = self._kinds(status)
        kind = _media_type(headers)
        if kinds is None:
            yield f"the status {status} is not one of {_listed(self._responses)}"
        elif not kinds:
            if body != b"":
                yield f"the response has a body, but the document defines none for {status}"
        elif kind not in kinds:
            yield f"the content type {kind!r} is not one of {_listed(kinds)}"
        elif body is not None and kind.endswith("json") and len(body) <= LONGEST_CHECKED:
            yield from _violations(kinds[kind], body, known)

    def _kinds(self, status: int) -> Mapping[str, Schema] | None:
        # The document lists only a few errors; the real API has more, from several services.
        if status >= 400:
            return {PROBLEM_JSON: self._problem, JSON_TYPE: self._problem}
        names = (str(status), f"{status // 100}XX", "default")
        return next((self._responses[name] for name in names if name in self._responses), None)

    def _check_type(self, headers: Headers) -> None:
        kind = _media_type(headers)
        # RFC 9110, 8.3: without a content type the server may examine the content.
        if kind and kind not in self._request:
            description = f"Must be {_listed(self._request)}"
            raise invalid_input([InvalidField("format", "Content-Type", description)])


class _Parameters:
    """The query parameters or the header parameters of an operation.

    Args:
        place: `query` or `header`.
        parameters: all parameter objects of the operation.
        components: the components of the document, to which schemas refer.
    """

    def __init__(self, place: str, parameters: Sequence[Part], components: Part) -> None:
        held = {
            parameter["name"]: parameter
            for parameter in parameters
            if parameter["in"] == place
            and not (place == "header" and parameter["name"].lower() in _UNCHECKED)
        }
        properties = {name: parameter["schema"] for name, parameter in held.items()}
        required = [name for name, parameter in held.items() if parameter.get("required")]
        schema = {"type": "object", "properties": properties, "required": required}
        self._schema = Schema({**schema, "components": components})
        self._names = properties.keys()
        self._integers = {
            name for name, schema in properties.items() if schema.get("type") == "integer"
        }

    def invalid_fields(self, given: Mapping[str, str]) -> list[InvalidField]:
        """Return the violations of a request's parameters; unknown parameters are ignored.

        Args:
            given: the parameters of the request; the case of header names is ignored.
        """
        values = {name: self._value(name, given[name]) for name in self._names if name in given}
        return self._schema.invalid_fields(values)

    def _value(self, name: str, text: str) -> object:
        return int(text) if name in self._integers and _INTEGER.fullmatch(text) else text


def find(method: str, path: str) -> Operation | None:
    """Return the operation for a request, or None.

    Args:
        method: in upper case; HEAD is treated as GET.
        path: without `/v1`.
    """
    candidates = operations().get("GET" if method == "HEAD" else method, ())
    return next((operation for pattern, operation in candidates if pattern.match(path)), None)


def methods_of(path: str) -> list[str]:
    """Return the methods of a path in the document, in upper case.

    Args:
        path: without `/v1`.
    """
    return [
        method
        for method, candidates in operations().items()
        if any(pattern.match(path) for pattern, _ in candidates)
    ]


@cache
def operations() -> Mapping[str, list[tuple[re.Pattern[str], Operation]]]:
    """Return all operations by upper-case method, each with the pattern of its path."""
    text = resources.files("replicate_api").joinpath("openapi.json").read_text("utf-8")
    document: Part = json.loads(text)
    components: Part = document["components"]
    found: dict[str, list[tuple[re.Pattern[str], Operation]]] = {}
    for path, parts in document["paths"].items():
        pattern = compile_path(path)[0]
        shared = parts.get("parameters", ())
        for method, part in parts.items():
            if not isinstance(part, dict) or "operationId" not in part:
                continue  # a field that all operations of the path share
            complete = _with_shared(cast("Part", part), shared)
            operation = Operation(_inlined(complete, components["schemas"]), components)
            found.setdefault(method.upper(), []).append((pattern, operation))
    return found


def _with_shared(part: Part, shared: Iterable[Part]) -> Part:
    """Return an operation that includes the parameters of its path; its own take precedence."""
    parameters = [*shared, *part.get("parameters", ())]
    by_place = {(parameter["in"], parameter["name"]): parameter for parameter in parameters}
    return {**part, "parameters": list(by_place.values())}


def _inlined(part: object, schemas: Part, inside: tuple[str, ...] = ()) -> Any:
    """Return a part of the document with references replaced by their schemas.

    Validation is 40 % faster without references.

    Args:
        part: any value from the document.
        schemas: the schemas of the document by name.
        inside: names of the schemas that contain this part; references to them are kept, since they
            are recursive.
    """
    if isinstance(part, list):
        return [_inlined(item, schemas, inside) for item in cast("list[object]", part)]
    if not isinstance(part, dict):
        return part
    members = cast("Part", part)
    name = str(members.get("$ref", "")).rpartition("/")[2]
    if name and name not in inside:
        beside = {key: value for key, value in members.items() if key != "$ref"}
        return _inlined({**schemas[name], **beside}, schemas, (*inside, name))
    return {key: _inlined(value, schemas, inside) for key, value in members.items()}


def _schemas(part: Part, components: Part) -> Mapping[str, Schema]:
    return {
        kind: Schema({**content.get("schema", {}), "components": components})
        for kind, content in part.get("content", _NO_CONTENT).items()
    }


def _violations(schema: Schema, body: bytes, known: Container[str]) -> Iterator[str]:
    try:
        value: object = json.loads(body)
    except ValueError as error:
        yield f"the body is not valid JSON: {error}"
        return
    for invalid in schema.invalid_fields(value, known=known):
        yield f"{invalid.field or 'the body'}: {invalid.description}"


def _has_no_body(headers: Headers) -> bool:
    # An empty text with a content type counts as a body.
    sent = "transfer-encoding" in headers or headers.get("content-length", "0") != "0"
    return not sent and not _media_type(headers)


def _media_type(headers: Headers) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def _listed(expected: Iterable[object]) -> str:
    return ", ".join(map(str, expected))
