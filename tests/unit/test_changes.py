"""Changes between two documents, and whether each of them is breaking."""

from __future__ import annotations

from typing import Any

import pytest
from apispec.changes import RULES, changes
from support.changes import (
    CASES,
    DONE,
    INTEGER,
    OBJECT,
    PAIRS,
    STRING,
    Case,
    Document,
    Pair,
    answer,
    api,
    body,
    field,
    parameter,
)


def lines(old: Document, new: Document) -> list[str]:
    return [str(change) for change in changes(old, new)]


@pytest.mark.parametrize("pair", PAIRS)
def test_fewer_values_break_requests_and_more_values_break_responses(pair: Pair) -> None:
    sent = [api(body(field(schema))) for schema in (pair.wider, pair.narrower)]
    read = [api(answer(field(schema))) for schema in (pair.wider, pair.narrower)]
    assert lines(*sent) == [f"breaking: things.get: request field: {pair.narrowing}"]
    assert lines(*read) == [f"compatible: things.get: response 200 field: {pair.narrowing}"]
    assert lines(*sent[::-1]) == [f"compatible: things.get: request field: {pair.widening}"]
    assert lines(*read[::-1]) == [f"breaking: things.get: response 200 field: {pair.widening}"]


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize(("wrap", "side"), [(body, "request"), (answer, "response 200")])
def test_other_changes_of_a_field(case: Case, wrap: Any, side: str) -> None:
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
def test_changes_outside_of_schemas(old: Document, new: Document, line: str) -> None:
    assert lines(old, new) == [line]


def test_every_rule_has_a_case() -> None:
    said = [line for _, _, line in OPERATIONS]
    said += [f": {word}" for pair in PAIRS for word in (pair.narrowing, pair.widening)]
    said += [case.said for case in CASES]
    assert [rule for rule in RULES if not any(f": {rule}" in line for line in said)] == []


def test_a_renamed_path_parameter_does_not_move_the_operation() -> None:
    old = api(parameter("path", "id", required=True), "GET /things/{id}")
    new = api(parameter("path", "name", required=True), "GET /things/{name}")
    assert lines(old, new) == [
        "breaking: things.get: path id: removed",
        "breaking: things.get: path name: added, required",
    ]
