"""Equivalent documents, the places of changes, and properties of any two documents."""

from __future__ import annotations

import copy
from typing import Any, TypeAlias

import pytest
from apispec.changes import Change, changes
from hypothesis import given
from hypothesis import strategies as st

Document: TypeAlias = dict[str, Any]

STRING: Document = {"type": "string"}
OBJECT: Document = {"type": "object", "properties": {"id": STRING}}
DONE: Document = {"responses": {"204": {}}}


def api(operation: Document, **more: object) -> Document:
    operation = {"operationId": "things.get", **operation}
    return {"openapi": "3.1.0", "paths": {"/things": {"get": operation}}, **more}


def body(schema: Document, **more: object) -> Document:
    content = {"application/json": {"schema": schema}}
    return {"requestBody": {"content": content, **more}, **DONE}


def answer(schema: Document, status: str = "200") -> Document:
    return {"responses": {status: {"content": {"application/json": {"schema": schema}}}}}


def query(schema: Document, **more: object) -> Document:
    limit = {"in": "query", "name": "limit", "schema": schema, **more}
    return {"parameters": [limit], **DONE}


def field(schema: Document, **more: object) -> Document:
    return {"type": "object", "properties": {"id": STRING, "field": schema}, **more}


def lines(old: Document, new: Document) -> list[str]:
    return [str(change) for change in changes(old, new)]


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
def test_equivalent_schemas_are_equal(one: Document, other: Document) -> None:
    assert changes(api(body(one)), api(body(other))) == []
    assert changes(api(body(other)), api(body(one))) == []


def test_the_order_of_credentials_is_ignored() -> None:
    both: list[Document] = [{"key": [], "bearer": []}, {"bearer": []}]
    same: list[Document] = [{"bearer": []}, {"bearer": [], "key": []}]
    schemes = {name: {"type": "http", "scheme": name} for name in ("bearer", "key")}
    components = {"securitySchemes": schemes}
    old, new = (api(DONE, components=components, security=choices) for choices in (both, same))
    assert changes(old, new) == []


def test_other_members_of_a_path_are_not_operations() -> None:
    beside = {"summary": "Things", "parameters": [], "x-note": {"responses": {}}}
    assert changes(api(DONE), {"paths": {"/things": api(DONE)["paths"]["/things"] | beside}}) == []


def test_the_name_of_a_component_is_ignored() -> None:
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


def test_a_recursive_schema_is_compared_once() -> None:
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


def test_a_response_with_several_statuses_gives_one_line() -> None:
    old, new = (
        {"responses": answer(one)["responses"] | answer(one, "202")["responses"]}
        for one in (OBJECT, field(STRING))
    )
    assert lines(api(old), api(new)) == [
        "compatible: things.get: response 200/202 field: added, optional"
    ]


def test_a_component_in_several_places_of_an_operation_gives_each_line_once() -> None:
    def everywhere(schema: Document) -> Document:
        thing = {"$ref": "#/components/schemas/Thing"}
        responses = (
            answer({"allOf": [thing, thing]})["responses"] | answer(thing, "201")["responses"]
        )
        operation = body({"anyOf": [thing, {"type": "null"}]}) | {"responses": responses}
        return api(operation, components={"schemas": {"Thing": schema}})

    assert lines(everywhere(field(STRING)), everywhere(OBJECT)) == [
        "breaking: things.get: request field: removed",
        "breaking: things.get: response 200/201 field: removed",
    ]


def test_a_different_type_hides_the_details() -> None:
    text = {**STRING, "format": "uri", "maxLength": 5}
    required = field(OBJECT, required=["field"])
    assert lines(api(answer(field(text))), api(answer(required))) == [
        "compatible: things.get: response 200 field: becomes required",
        "breaking: things.get: response 200 field: type changed: string → object",
    ]
    assert lines(api(answer(field(text))), api(answer(field({})))) == [
        "breaking: things.get: response 200 field: type widened: string → any"
    ]


def test_a_change_knows_its_place_in_the_nearest_named_schema() -> None:
    def listing(name: str, **more: Document) -> Document:
        reference = {"$ref": f"#/components/schemas/{name}"}
        page = {"type": "object", "properties": {"results": {"type": "array", "items": reference}}}
        schemas = {"Page": page, name: field(OBJECT | more)}
        return api(answer({"$ref": "#/components/schemas/Page"}), components={"schemas": schemas})

    new = listing("Thing", properties={"id": {"type": ["string", "null"]}, "name": STRING})
    for old in (listing("Thing"), listing("FormerThing")):
        assert [(change.place, change.schema) for change in changes(old, new)] == [
            ("response 200 results[].field.id", "Thing.field.id"),
            ("response 200 results[].field.name", "Thing.field.name"),
        ]
    assert {change.schema for change in changes(api(DONE), new)} == {""}


def test_a_schema_made_of_two_has_both_names() -> None:
    def both(limit: Document) -> Document:
        names = ["Limited", "Thing"]
        parts = {"allOf": [{"$ref": f"#/components/schemas/{name}"} for name in names]}
        schemas = {"Limited": {"type": "object", "properties": {"limit": limit}}, "Thing": OBJECT}
        return api(answer(parts), components={"schemas": schemas})

    (change,) = changes(both(STRING), both({"type": "integer"}))
    assert change.schema == "Limited & Thing.limit"


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
    st.builds(lambda one, must: query(one, required=must), SCHEMAS, st.booleans()),
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
def test_changes_are_listed_exactly_for_different_documents(old: Document, new: Document) -> None:
    assert (changes(old, new) == []) == (old == new)


@given(DOCUMENTS, DOCUMENTS)
def test_swapped_documents_give_the_opposite_changes(old: Document, new: Document) -> None:
    assert set(map(opposite, changes(old, new))) == set(map(kind, changes(new, old)))


@given(DOCUMENTS, DOCUMENTS)
def test_changes_are_sorted_and_unique_and_documents_are_not_changed(
    old: Document, new: Document
) -> None:
    before = copy.deepcopy((old, new))
    found = changes(old, new)
    assert found == sorted(set(found))
    assert (old, new) == before


@given(SCHEMAS, SCHEMAS)
def test_an_inline_schema_equals_a_component(old: Document, new: Document) -> None:
    def shared(schema: Document) -> Document:
        schemas = {"Thing": schema, "Holder": {"$ref": "#/components/schemas/Thing"}}
        holder = {"$ref": "#/components/schemas/Holder"}
        return api(answer(holder), components={"schemas": schemas})

    assert changes(shared(old), shared(new)) == changes(api(answer(old)), api(answer(new)))


@given(DOCUMENTS)
def test_a_document_has_no_changes_from_itself(document: Document) -> None:
    assert changes(document, copy.deepcopy(document)) == []
