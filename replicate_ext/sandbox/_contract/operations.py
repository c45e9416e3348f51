"""What the API's OpenAPI document says about each operation, made into checks.

The document comes with the generated code, and the checks are its own schemas: a change of the API
that reaches the client reaches the sandbox as well. Libraries for such documents know no `query`
method, which `models.search` has.
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

# A part of the document, whose shape is what OpenAPI says.
Part: TypeAlias = Mapping[str, Any]

JSON_TYPE = "application/json"
LONGEST_CHECKED = 1_000_000
"""Bytes of the longest answer that is looked into: reading it again would slow down large ones."""

_INTEGER = re.compile(r"-?[0-9]{1,18}")
_NO_CONTENT: Part = {}
_PARTIAL = (206, 416)
"""Answers to requests for a part of a file, which are HTTP's own matter."""
_OTHERS_MATTER = frozenset(("accept", "authorization", "content-type", "prefer"))
"""Headers that are not held to the document: OpenAPI says of the first three that it has no say in
them, and RFC 7240 that a preference that cannot be met is passed over, not refused."""


class Operation:
    """One operation, with what its requests and its answers may be.

    Args:
        part: what the document says about it.
        components: the schemas that others refer to.
    """

    def __init__(self, part: Part, components: Part) -> None:
        self.id: str = part["operationId"]
        parameters = part.get("parameters", ())
        self._query = _Parameters("query", parameters, components)
        self._headers = _Parameters("header", parameters, components)
        self._request = _schemas(part.get("requestBody", _NO_CONTENT), components)
        self._answers = {
            status: _schemas(answer, components) for status, answer in part["responses"].items()
        }
        self._problem = Schema({**components["schemas"]["Problem"], "components": components})

    def check_head(self, query: QueryParams, headers: Headers) -> None:
        """Check what comes before a request's body.

        Raises:
            Problem: 422 or 400 when the parameters do not fit; 422 when a form or text is needed
                and there is no body, or one of another type.
        """
        invalid = self._query.invalid_fields(query) + self._headers.invalid_fields(headers)
        if invalid:
            problem = invalid_input(invalid)
            # The document says of one operation how it answers this: without the fields.
            raise bad_query(str(problem.body["detail"])) if "400" in self._answers else problem
        if self._request and JSON_TYPE not in self._request:
            if _has_no_body(headers):
                raise invalid_input([InvalidField("required", "", "a body is required")])
            self._check_type(headers)

    def read(self, headers: Headers, body: bytes) -> dict[str, object]:
        """Return a request's JSON object.

        Raises:
            Problem: 400 when it is no JSON, 422 when it does not fit or is called something else.
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
        """Say what about an answer does not fit.

        Args:
            status: the HTTP status code.
            headers: the answer's.
            body: None when it comes in pieces, which are not looked at.
            known: texts that are allowed wherever there is an enum, beside what that has.
        """
        if status in _PARTIAL:
            return
        kinds = self._kinds(status)
        kind = _media_type(headers)
        if kinds is None:
            yield f"the status {status} is none of {_listed(self._answers)}"
        elif not kinds:
            if body != b"":
                yield f"there is a body, which the status {status} does not have"
        elif kind not in kinds:
            yield f"the content type {kind!r} is none of {_listed(kinds)}"
        elif body is not None and kind.endswith("json") and len(body) <= LONGEST_CHECKED:
            yield from _violations(kinds[kind], body, known)

    def _kinds(self, status: int) -> Mapping[str, Schema] | None:
        # The document hardly has errors, and the real ones come from several services.
        if status >= 400:
            return {PROBLEM_JSON: self._problem, JSON_TYPE: self._problem}
        names = (str(status), f"{status // 100}XX", "default")
        return next((self._answers[name] for name in names if name in self._answers), None)

    def _check_type(self, headers: Headers) -> None:
        kind = _media_type(headers)
        # RFC 9110, 8.3: who is told no type may examine the content.
        if kind and kind not in self._request:
            description = f"Must be {_listed(self._request)}"
            raise invalid_input([InvalidField("format", "Content-Type", description)])


class _Parameters:
    """Those parameters of an operation that are in one place.

    Args:
        place: `query` or `header`.
        parameters: all that the document has.
        components: the schemas that others refer to.
    """

    def __init__(self, place: str, parameters: Sequence[Part], components: Part) -> None:
        held = {
            parameter["name"]: parameter
            for parameter in parameters
            if parameter["in"] == place
            and not (place == "header" and parameter["name"].lower() in _OTHERS_MATTER)
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
        """Return what does not fit among those that are given; others are passed over.

        Args:
            given: what was sent; headers find their names however they are written.
        """
        values = {name: self._value(name, given[name]) for name in self._names if name in given}
        return self._schema.invalid_fields(values)

    def _value(self, name: str, text: str) -> object:
        return int(text) if name in self._integers and _INTEGER.fullmatch(text) else text


def find(method: str, path: str) -> Operation | None:
    """Return the operation that a request means.

    Args:
        method: in capitals; HEAD is held to what the document says of GET.
        path: without its `/v1`.
    """
    candidates = operations().get("GET" if method == "HEAD" else method, ())
    return next((operation for pattern, operation in candidates if pattern.match(path)), None)


def methods_of(path: str) -> list[str]:
    """Return the methods that the document has for a path, in capitals.

    Args:
        path: without its `/v1`.
    """
    return [
        method
        for method, candidates in operations().items()
        if any(pattern.match(path) for pattern, _ in candidates)
    ]


@cache
def operations() -> Mapping[str, list[tuple[re.Pattern[str], Operation]]]:
    """Return all operations by their method, in capitals, each with the pattern of its path."""
    text = resources.files("replicate_api").joinpath("openapi.json").read_text("utf-8")
    document: Part = json.loads(text)
    found: dict[str, list[tuple[re.Pattern[str], Operation]]] = {}
    for path, parts in document["paths"].items():
        pattern = compile_path(path)[0]
        shared = parts.get("parameters", ())
        for method, part in parts.items():
            if not isinstance(part, dict) or "operationId" not in part:
                continue  # what all operations of the path share
            inlined = _inlined(_with_shared(part, shared), document["components"]["schemas"])
            operation = Operation(inlined, document["components"])
            found.setdefault(method.upper(), []).append((pattern, operation))
    return found


def _with_shared(part: Part, shared: Iterable[Part]) -> Part:
    """Add a path's parameters to an operation; those of its own come before them."""
    parameters = [*shared, *part.get("parameters", ())]
    by_place = {(parameter["in"], parameter["name"]): parameter for parameter in parameters}
    return {**part, "parameters": list(by_place.values())}


def _inlined(part: Any, schemas: Part, inside: tuple[str, ...] = ()) -> Any:
    """Put schemas in the place of what refers to them, which takes 40 % off each check.

    Args:
        part: a part of the document.
        schemas: those that may be referred to.
        inside: the names of those that this part is in: what leads back there is left as it is.
    """
    if isinstance(part, list):
        return [_inlined(item, schemas, inside) for item in part]
    if not isinstance(part, dict):
        return part
    name = part.get("$ref", "").rpartition("/")[2]
    if name and name not in inside:
        beside = {key: value for key, value in part.items() if key != "$ref"}
        return _inlined({**schemas[name], **beside}, schemas, (*inside, name))
    return {key: _inlined(value, schemas, inside) for key, value in part.items()}


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
    # An empty text is one that has a type.
    sent = "transfer-encoding" in headers or headers.get("content-length", "0") != "0"
    return not sent and not _media_type(headers)


def _media_type(headers: Headers) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def _listed(expected: Iterable[object]) -> str:
    return ", ".join(map(str, expected))
