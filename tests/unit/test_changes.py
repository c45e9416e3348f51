"""What an update of the API is said to change, and for whom it is said to break."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

import pytest
from apispec.changes import RULES, changes

Document: TypeAlias = dict[str, Any]

STRING: Document = {"type": "string"}
INTEGER: Document = {"type": "integer"}
BOOLEAN: Document = {"type": "boolean"}
OBJECT: Document = {"type": "object", "properties": {"id": STRING}}
DONE: Document = {"responses": {"204": {}}}


def api(operation: Document, call: str = "GET /things", **more: object) -> Document:
    method, path = call.split()
    operation = {"operationId": "things.get", **operation}
    return {"openapi": "3.1.0", "paths": {path: {method.lower(): operation}}, **more}


def body(schema: Document, media: str = "application/json", **more: object) -> Document:
    return {"requestBody": {"content": {media: {"schema": schema}}, **more}, **DONE}


def answer(schema: Document) -> Document:
    return {"responses": {"200": {"content": {"application/json": {"schema": schema}}}}}


def field(schema: Document, **more: object) -> Document:
    return {"type": "object", "properties": {"id": STRING, "field": schema}, **more}


def parameter(place: str = "query", name: str = "limit", **more: object) -> Document:
    return {"parameters": [{"in": place, "name": name, "schema": INTEGER, **more}], **DONE}


def lines(old: Document, new: Document) -> list[str]:
    return [str(change) for change in changes(old, new)]


class Pair(NamedTuple):
    """Two schemas, of which the first takes all that the second takes and more."""

    wider: Document
    narrower: Document
    narrowing: str
    widening: str


PAIRS = [
    Pair({"type": ["string", "null"]}, STRING, "no longer nullable", "becomes nullable"),
    Pair({"oneOf": [OBJECT, {"type": "null"}]}, OBJECT, "no longer nullable", "becomes nullable"),
    Pair(
        {"type": ["integer", "string"]},
        STRING,
        "type narrowed: integer | string → string",
        "type widened: string → integer | string",
    ),
    Pair(
        {"anyOf": [STRING, INTEGER]},
        STRING,
        "type narrowed: integer | string → string",
        "type widened: string → integer | string",
    ),
    Pair(
        {"type": "number"},
        INTEGER,
        "type narrowed: number → integer",
        "type widened: integer → number",
    ),
    Pair({}, STRING, "type narrowed: any → string", "type widened: string → any"),
    Pair({}, OBJECT, "type narrowed: any → object", "type widened: object → any"),
    Pair(
        {**STRING, "enum": ["a", "b"]},
        {**STRING, "enum": ["a"]},
        'enum value removed: "b"',
        'enum value added: "b"',
    ),
    Pair(STRING, {**STRING, "enum": ["a"]}, 'now limited to: ["a"]', 'no longer limited to: ["a"]'),
    Pair(
        INTEGER,
        {**INTEGER, "minimum": 0},
        "bound tightened: minimum none → 0",
        "bound loosened: minimum 0 → none",
    ),
    Pair(
        {**INTEGER, "minimum": 1},
        {**INTEGER, "minimum": 2},
        "bound tightened: minimum 1 → 2",
        "bound loosened: minimum 2 → 1",
    ),
    Pair(
        {**STRING, "maxLength": 9},
        {**STRING, "maxLength": 5},
        "bound tightened: maxLength 9 → 5",
        "bound loosened: maxLength 5 → 9",
    ),
    Pair(
        INTEGER,
        {**INTEGER, "maximum": 5},
        "bound tightened: maximum none → 5",
        "bound loosened: maximum 5 → none",
    ),
    Pair(
        STRING,
        {**STRING, "pattern": "^a"},
        'pattern added: none → "^a"',
        'pattern removed: "^a" → none',
    ),
]


@pytest.mark.parametrize("pair", PAIRS)
def test_fewer_values_break_requests_and_more_values_break_responses(pair: Pair) -> None:
    sent = [api(body(field(schema))) for schema in (pair.wider, pair.narrower)]
    read = [api(answer(field(schema))) for schema in (pair.wider, pair.narrower)]
    assert lines(*sent) == [f"breaking: things.get: request field: {pair.narrowing}"]
    assert lines(*read) == [f"compatible: things.get: response 200 field: {pair.narrowing}"]
    assert lines(*sent[::-1]) == [f"compatible: things.get: request field: {pair.widening}"]
    assert lines(*read[::-1]) == [f"breaking: things.get: response 200 field: {pair.widening}"]


class Case(NamedTuple):
    """Two schemas of a field, what is said of it, and which sides it breaks."""

    old: Document
    new: Document
    said: str
    breaks: str


TWO: Document = {"oneOf": [STRING, INTEGER]}
THREE: Document = {"oneOf": [STRING, INTEGER, BOOLEAN]}
CLOSED: Document = {**OBJECT, "additionalProperties": False}
ENDLESS: Document = {**INTEGER, "default": 20}

CASES = [
    Case(STRING, INTEGER, ": type changed: string → integer", "request response"),
    Case(OBJECT, {"type": "array"}, ": type changed: object → array", "request response"),
    Case(
        {**STRING, "pattern": "^a"},
        {**STRING, "pattern": "^b"},
        ': pattern changed: "^a" → "^b"',
        "request response",
    ),
    Case(STRING, {**STRING, "format": "uri"}, ': format changed: none → "uri"', "request response"),
    Case(INTEGER, ENDLESS, ": default added: none → 20", ""),
    Case(BOOLEAN, {**BOOLEAN, "default": False}, ": default added: none → false", ""),
    Case(ENDLESS, INTEGER, ": default removed: 20 → none", "request"),
    Case(ENDLESS, {**INTEGER, "default": 10}, ": default changed: 20 → 10", "request"),
    Case(OBJECT, CLOSED, ".*: other keys removed", "request"),
    Case(CLOSED, OBJECT, ".*: other keys added", ""),
    Case(CLOSED, {**OBJECT, "additionalProperties": True}, ".*: other keys added", ""),
    Case(
        OBJECT,
        {**OBJECT, "additionalProperties": STRING},
        ".*: type narrowed: any → string",
        "request",
    ),
    Case(TWO, THREE, " (boolean): variant added", "response"),
    Case(THREE, TWO, " (boolean): variant removed", "request"),
    Case(
        {"oneOf": [STRING, {**STRING, "enum": ["a"]}, INTEGER]},
        {"oneOf": [STRING, INTEGER]},
        " (string 2): variant removed",
        "request",
    ),
    Case(
        {**OBJECT, "type": ["object", "string"]},
        STRING,
        ": type narrowed: object | string → string",
        "request",
    ),
    Case(
        {"oneOf": [STRING, OBJECT]},
        {"oneOf": [STRING, field(STRING)]},
        " (object) field: added, optional",
        "",
    ),
    Case(
        {"oneOf": [STRING, BOOLEAN]},
        {"oneOf": [INTEGER, {"type": "number"}]},
        ": type changed: boolean | string → integer | number",
        "request response",
    ),
    Case(STRING, {**STRING, "deprecated": True}, ": becomes deprecated", ""),
    Case({**STRING, "deprecated": True}, STRING, ": no longer deprecated", ""),
    Case(
        {**STRING, "readOnly": True},
        STRING,
        ": keyword changed: readOnly true → none",
        "request response",
    ),
    Case(
        {"type": "array"},
        {"type": "array", "items": STRING},
        "[]: type narrowed: any → string",
        "request",
    ),
    Case(
        {"type": "array", "items": OBJECT},
        {"type": "array", "items": field(OBJECT)},
        "[].field: added, optional",
        "",
    ),
    Case(OBJECT, field(OBJECT), ".field: added, optional", ""),
    Case(OBJECT, field(OBJECT, required=["field"]), ".field: added, required", "request"),
    Case(field(OBJECT), OBJECT, ".field: removed", "request response"),
    Case(field(OBJECT), field(OBJECT, required=["field"]), ".field: becomes required", "request"),
    Case(
        field(OBJECT, required=["field"]), field(OBJECT), ".field: no longer required", "response"
    ),
]


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize(("wrap", "side"), [(body, "request"), (answer, "response 200")])
def test_what_else_may_change_of_a_field(case: Case, wrap: Any, side: str) -> None:
    (line,) = lines(api(wrap(field(case.old))), api(wrap(field(case.new))))
    mark = "breaking" if side.partition(" ")[0] in case.breaks else "compatible"
    assert line == f"{mark}: things.get: {side} field{case.said}"


BEARER: Document = {"security": [{"bearer": []}]}
AS_JSON: Document = {"application/json": {"schema": INTEGER}}
SCHEMES: Document = {
    "securitySchemes": {
        "bearer": {"type": "http", "scheme": "bearer"},
        "key": {"type": "apiKey", "in": "header", "name": "Key"},
    }
}
BOTH_MEDIA: Document = {
    "requestBody": {"content": {"application/json": {}, "text/plain": {}}},
    **DONE,
}
ERROR: Document = {"responses": {"204": {}, "404": {}}}
CREATED: Document = {"responses": {"204": {}, "201": {}}}

OPERATIONS = [
    (api(DONE), {"paths": {}}, "breaking: things.get: GET /things: operation removed"),
    ({"paths": {}}, api(DONE), "compatible: things.get: GET /things: operation added"),
    (
        {"paths": {}},
        {"paths": {"/things": {"query": DONE}}},
        "compatible: QUERY /things: QUERY /things: operation added",
    ),
    (
        api(DONE),
        api(DONE, "QUERY /things"),
        "breaking: things.get: operation: operation moved: GET /things → QUERY /things",
    ),
    (
        api(DONE),
        api(DONE, "GET /all"),
        "breaking: things.get: operation: operation moved: GET /things → GET /all",
    ),
    (
        api(DONE, servers=[{"url": "/v1"}]),
        api(DONE, servers=[{"url": "/v2"}]),
        'breaking: things.get: operation: servers changed: [{"url": "/v1"}] → [{"url": "/v2"}]',
    ),
    (
        api(DONE),
        api({**DONE, "deprecated": True}),
        "compatible: things.get: operation: becomes deprecated",
    ),
    (
        api(DONE, components=SCHEMES, **BEARER),
        api({**DONE, "security": []}, components=SCHEMES, **BEARER),
        "compatible: things.get: operation: security loosened: http bearer → none",
    ),
    (
        api(DONE, components=SCHEMES),
        api({**DONE, **BEARER}, components=SCHEMES),
        "breaking: things.get: operation: security tightened: none → http bearer",
    ),
    (
        api(DONE, components=SCHEMES, **BEARER),
        api(DONE, components=SCHEMES, security=[{"key": []}, {"bearer": []}]),
        (
            "compatible: things.get: operation: security loosened: "
            "http bearer → apiKey header Key or http bearer"
        ),
    ),
    (
        api(DONE, components=SCHEMES, **BEARER),
        api(DONE, components=SCHEMES, security=[{"key": [], "bearer": ["write"]}]),
        (
            "breaking: things.get: operation: security tightened: "
            "http bearer → apiKey header Key and http bearer write"
        ),
    ),
    (api(DONE), api(parameter()), "compatible: things.get: query limit: added, optional"),
    (
        api(DONE),
        api(parameter(required=True)),
        "breaking: things.get: query limit: added, required",
    ),
    (
        api(parameter("header", "Cancel-After")),
        api(DONE),
        "breaking: things.get: header Cancel-After: removed",
    ),
    (
        api(parameter()),
        api(parameter(required=True)),
        "breaking: things.get: query limit: becomes required",
    ),
    (
        api(parameter(required=True)),
        api(parameter(required=False)),
        "compatible: things.get: query limit: no longer required",
    ),
    (
        api(parameter(schema={**INTEGER, "default": 20})),
        api(parameter(schema={**INTEGER, "default": 10})),
        "breaking: things.get: query limit: default changed: 20 → 10",
    ),
    (
        api(parameter(schema={"type": "array", "items": STRING})),
        api(parameter(schema={"type": "array", "items": STRING}, explode=True)),
        "breaking: things.get: query limit: keyword changed: explode none → true",
    ),
    (api(DONE), api(body(OBJECT)), "compatible: things.get: request: added, optional"),
    (api(DONE), api(body(OBJECT, required=True)), "breaking: things.get: request: added, required"),
    (api(body(OBJECT)), api(DONE), "breaking: things.get: request: removed"),
    (
        api(body({})),
        api(BOTH_MEDIA),
        "compatible: things.get: request (text/plain): content type added",
    ),
    (
        api(BOTH_MEDIA),
        api(body({})),
        "breaking: things.get: request (text/plain): content type removed",
    ),
    (
        api(body(OBJECT, "multipart/form-data")),
        api(body(field(STRING), "multipart/form-data")),
        "compatible: things.get: request (multipart/form-data) field: added, optional",
    ),
    (api(DONE), api(CREATED), "compatible: things.get: response 201: success status added"),
    (api(CREATED), api(DONE), "breaking: things.get: response 201: success status removed"),
    (api(DONE), api(ERROR), "compatible: things.get: response 404: error status added"),
    (api(ERROR), api(DONE), "compatible: things.get: response 404: error status removed"),
    (
        api({"responses": {"200": {}}}),
        api(answer(OBJECT)),
        "compatible: things.get: response 200 (application/json): content type added",
    ),
    (
        api(answer(OBJECT)),
        api({"responses": {"200": {}}}),
        "breaking: things.get: response 200 (application/json): content type removed",
    ),
    (
        api({"responses": {"204": {}, "302": {}}}),
        api(DONE),
        "breaking: things.get: response 302: success status removed",
    ),
    (
        api({"responses": {"200": {"headers": {"ETag": {"schema": STRING}}}}}),
        api({"responses": {"200": {}}}),
        "breaking: things.get: response 200 header ETag: removed",
    ),
    (
        api(parameter()),
        api({"parameters": [{"in": "query", "name": "limit", "content": AS_JSON}], **DONE}),
        'breaking: things.get: query limit: written as changed: none → "application/json"',
    ),
    (
        api(parameter(schema={"type": "array", "items": STRING})),
        api(parameter(schema={"type": "array", "items": STRING}, explode=False)),
        "breaking: things.get: query limit: keyword changed: explode none → false",
    ),
    (
        api({**DONE, "x-repeatable": True}),
        api(DONE),
        "breaking: things.get: operation: no longer repeatable",
    ),
    (
        api({**DONE, "x-repeatable": False}),
        api({**DONE, "x-repeatable": True}),
        "compatible: things.get: operation: becomes repeatable",
    ),
]


@pytest.mark.parametrize(("old", "new", "line"), OPERATIONS)
def test_what_may_change_around_the_schemas(old: Document, new: Document, line: str) -> None:
    assert lines(old, new) == [line]


def test_every_rule_has_a_case() -> None:
    said = [line for _, _, line in OPERATIONS]
    said += [f": {word}" for pair in PAIRS for word in (pair.narrowing, pair.widening)]
    said += [case.said for case in CASES]
    assert [rule for rule in RULES if not any(f": {rule}" in line for line in said)] == []


def test_a_renamed_path_parameter_is_another_parameter_at_the_same_address() -> None:
    old = api(parameter("path", "id", required=True), "GET /things/{id}")
    new = api(parameter("path", "name", required=True), "GET /things/{name}")
    assert lines(old, new) == [
        "breaking: things.get: path id: removed",
        "breaking: things.get: path name: added, required",
    ]
