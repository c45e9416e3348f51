"""What an update of the API is said to change, and for whom it is said to break."""

from __future__ import annotations

import copy
from typing import Any, NamedTuple, TypeAlias

import pytest
from apispec.changes import RULES, Change, changes, report
from hypothesis import given
from hypothesis import strategies as st

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


def answer(schema: Document, status: str = "200", media: str = "application/json") -> Document:
    return {"responses": {status: {"content": {media: {"schema": schema}}}}}


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
    Pair(
        STRING,
        {**STRING, "enum": ["a"]},
        'now limited to: ["a"]',
        'no longer limited to: ["a"]',
    ),
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
    Case(
        STRING,
        {**STRING, "format": "uri"},
        ': format changed: none → "uri"',
        "request response",
    ),
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
        field(OBJECT, required=["field"]),
        field(OBJECT),
        ".field: no longer required",
        "response",
    ),
]


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize(("wrap", "side"), [(body, "request"), (answer, "response 200")])
def test_what_else_may_change_of_a_field(case: Case, wrap: Any, side: str) -> None:
    (line,) = lines(api(wrap(field(case.old))), api(wrap(field(case.new))))
    mark = "breaking" if side.partition(" ")[0] in case.breaks else "compatible"
    assert line == f"{mark}: things.get: {side} field{case.said}"


BEARER: Document = {"security": [{"bearer": []}]}
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


def test_a_component_counts_for_what_it_says_and_not_for_its_name() -> None:
    shared = {"schemas": {"Thing": field(STRING)}}
    renamed = {"schemas": {"Renamed": field(STRING), "Unused": STRING}}
    old = api(answer({"$ref": "#/components/schemas/Thing"}), components=shared)
    new = api(answer({"$ref": "#/components/schemas/Renamed"}), components=renamed)
    assert changes(old, new) == []
    assert changes(old, api(answer(field(STRING)))) == []
    assert lines(old, api(answer(OBJECT))) == ["breaking: things.get: response 200 field: removed"]


def test_all_of_is_one_schema() -> None:
    parts = {"allOf": [OBJECT, {"type": "object", "properties": {"field": STRING}}]}
    assert changes(api(answer(parts)), api(answer(field(STRING)))) == []


def tree(component: str, **more: Document) -> Document:
    inner = {"$ref": f"#/components/schemas/{component}"}
    fields = {"children": {"type": "array", "items": inner}, **more}
    schemas = {component: {"type": "object", "properties": fields}}
    return api(answer(inner), components={"schemas": schemas})


def test_a_schema_that_contains_itself_is_compared_once() -> None:
    assert changes(tree("Tree"), tree("Node")) == []
    assert lines(tree("Tree"), tree("Node", name=STRING)) == [
        "compatible: things.get: response 200 name: added, optional"
    ]


def test_a_component_in_many_operations_gives_a_line_for_each() -> None:
    def listing(schema: Document) -> Document:
        results = {"type": "object", "properties": {"results": {"type": "array", "items": schema}}}
        paths = {
            "/things": {"get": {"operationId": "things.list", **answer(results)}},
            "/things/{id}": {"get": {"operationId": "things.get", **answer(schema)}},
        }
        return {"paths": paths}

    assert lines(listing(OBJECT), listing(field(field(STRING)))) == [
        "compatible: things.get: response 200 field: added, optional",
        "compatible: things.list: response 200 results[].field: added, optional",
    ]


def test_an_answer_under_several_statuses_gives_one_line() -> None:
    old, new = (
        {"responses": answer(one)["responses"] | answer(one, "202")["responses"]}
        for one in (OBJECT, field(STRING))
    )
    assert lines(api(old), api(new)) == [
        "compatible: things.get: response 200/202 field: added, optional"
    ]


def test_a_type_that_is_quite_another_hides_the_details() -> None:
    text = {**STRING, "format": "uri", "maxLength": 5}
    required = field(OBJECT, required=["field"])
    assert lines(api(answer(field(text))), api(answer(required))) == [
        "compatible: things.get: response 200 field: becomes required",
        "breaking: things.get: response 200 field: type changed: string → object",
    ]
    assert lines(api(answer(field(text))), api(answer(field({})))) == [
        "breaking: things.get: response 200 field: type widened: string → any"
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (STRING, {"type": ["string"]}),
        (STRING, {**STRING, "default": None}),
        (STRING, {**STRING, "readOnly": False}),
        (STRING, {**STRING, "title": "Name", "description": "A name.", "x-order": 1}),
        (OBJECT, {"properties": {"id": STRING}}),
        (OBJECT, {**OBJECT, "additionalProperties": {}}),
        ({"type": "array", "items": STRING}, {"items": STRING}),
        ({**STRING, "enum": ["a", "b"]}, {**STRING, "enum": ["b", "a"]}),
        (field(STRING, required=["id", "field"]), field(STRING, required=["field", "id"])),
        ({"type": ["number"]}, {"type": ["integer", "number"]}),
    ],
)
def test_schemas_that_say_the_same(one: Document, other: Document) -> None:
    assert changes(api(body(one)), api(body(other))) == []
    assert changes(api(body(other)), api(body(one))) == []


def test_the_order_of_credentials_means_nothing() -> None:
    both: list[Document] = [{"key": [], "bearer": []}, {"bearer": []}]
    same: list[Document] = [{"bearer": []}, {"bearer": [], "key": []}]
    old, new = (api(DONE, components=SCHEMES, security=choices) for choices in (both, same))
    assert changes(old, new) == []


def test_what_stands_beside_operations_is_none() -> None:
    beside = {"summary": "Things", "parameters": [], "x-note": {"responses": {}}}
    assert changes(api(DONE), {"paths": {"/things": api(DONE)["paths"]["/things"] | beside}}) == []


def test_the_report_groups_by_operation_and_counts() -> None:
    found = [
        Change("b.get", "query limit", "removed", breaking=True),
        Change("a.get", "response 200 name", "added, optional", breaking=False),
        Change("b.get", "query after", "added, optional", breaking=False),
    ]
    assert report(found).splitlines() == [
        "a.get",
        "  compatible  response 200 name: added, optional",
        "b.get",
        "  compatible  query after: added, optional",
        "  breaking    query limit: removed",
        "1 breaking, 2 compatible",
    ]


def test_the_report_of_nothing() -> None:
    assert report([]) == "no changes"


def objects(inner: st.SearchStrategy[Document]) -> st.SearchStrategy[Document]:
    def built(fields: Document, required: set[str], *, closed: bool) -> Document:
        schema = {"type": "object", "properties": fields, "required": sorted(required)}
        return schema | ({"additionalProperties": False} if closed else {})

    names = st.sampled_from(["a", "b", "c"])
    fields = st.dictionaries(names, inner, min_size=1)
    return fields.flatmap(
        lambda fields: st.builds(
            built, st.just(fields), st.sets(st.sampled_from(sorted(fields))), closed=st.booleans()
        )
    )


SCALARS: st.SearchStrategy[Document] = st.fixed_dictionaries(
    {"type": st.sampled_from(["string", "integer", ["string", "null"]])},
    optional={
        "default": st.integers(0, 2),
        "enum": st.sets(st.sampled_from("abc"), min_size=1).map(sorted),
        "format": st.sampled_from(["uri", "date-time"]),
        "maximum": st.integers(0, 2),
        "minLength": st.integers(0, 2),
        "pattern": st.sampled_from(["^a", "^b"]),
    },
)
SCHEMAS = st.recursive(
    SCALARS,
    lambda inner: objects(inner) | st.builds(lambda one: {"type": "array", "items": one}, inner),
    max_leaves=6,
)
OPERATION = st.one_of(
    st.builds(lambda one, must: body(one, required=must), SCHEMAS, st.booleans()),
    st.builds(answer, SCHEMAS, st.sampled_from(["200", "404"])),
    st.builds(lambda one, must: parameter(schema=one, required=must), SCHEMAS, st.booleans()),
)
DOCUMENTS = st.dictionaries(st.sampled_from(["/a", "/b", "/c"]), OPERATION, max_size=2).map(
    lambda paths: {"paths": {path: {"get": operation} for path, operation in paths.items()}}
)
OPPOSITES = {
    "added": "removed",
    "now limited to": "no longer limited to",
    "becomes required": "no longer required",
    "becomes nullable": "no longer nullable",
    "bound tightened": "bound loosened",
    "type narrowed": "type widened",
}


def kind(change: Change) -> tuple[str, str, str]:
    said = change.what.split(":")[0].split(",")[0]
    return change.operation, change.place, said


def opposite(change: Change) -> tuple[str, str, str]:
    operation, place, said = kind(change)
    for one, other in OPPOSITES.items():
        for old, new in ((one, other), (other, one)):
            if said.endswith(old):
                return operation, place, said.removesuffix(old) + new
    return operation, place, said


@given(DOCUMENTS, DOCUMENTS)
def test_there_are_changes_exactly_where_documents_differ(old: Document, new: Document) -> None:
    assert (changes(old, new) == []) == (old == new)


@given(DOCUMENTS, DOCUMENTS)
def test_the_way_back_is_the_opposite(old: Document, new: Document) -> None:
    assert set(map(opposite, changes(old, new))) == set(map(kind, changes(new, old)))


@given(DOCUMENTS, DOCUMENTS)
def test_changes_come_sorted_and_once_and_leave_the_documents_alone(
    old: Document, new: Document
) -> None:
    before = copy.deepcopy((old, new))
    found = changes(old, new)
    assert found == sorted(set(found))
    assert (old, new) == before


@given(SCHEMAS, SCHEMAS)
def test_a_schema_means_the_same_in_place_and_as_a_component(old: Document, new: Document) -> None:
    def shared(schema: Document) -> Document:
        schemas = {"Thing": schema, "Holder": {"$ref": "#/components/schemas/Thing"}}
        holder = {"$ref": "#/components/schemas/Holder"}
        return api(answer(holder), components={"schemas": schemas})

    assert changes(shared(old), shared(new)) == changes(api(answer(old)), api(answer(new)))


@given(DOCUMENTS)
def test_a_document_is_no_change_of_itself(document: Document) -> None:
    assert changes(document, copy.deepcopy(document)) == []
