"""Changes of schemas, and whether each breaks requests or responses."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

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


class Pair(NamedTuple):
    """Two schemas. The first accepts all values of the second, and more."""

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


class Case(NamedTuple):
    """Two schemas of a field, the description of the change, and the sides that it breaks."""

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
