"""Normalizing the facts of a published document."""

from __future__ import annotations

import copy
import json

import pytest
from apispec.normalize import normalize
from support.documents import STRING, Document, answer, boats, get, obj, published, ref


def named(source: Document, names: dict[str, str] | None = None) -> Document:
    """The schemas of the normalized document."""
    schemas: Document = normalize(source, names or {})["components"]["schemas"]
    return schemas


def test_prose_is_removed_and_fields_with_the_same_names_are_kept() -> None:
    fields = {name: {**STRING, "description": "Prose"} for name in ("description", "example")}
    schema = {
        "type": "object",
        "description": "Prose",
        "example": {"summary": "a sloop"},
        "x-order": 1,
        "properties": {**fields, "summary": {"type": "integer", "example": 1}, "x-sail": STRING},
    }
    operation = get("boats.get", ref("boat"), summary="Prose", externalDocs={"url": "https://x"})
    found = normalize(published({"/boats": operation}, {"boat": schema}), {})
    assert "Prose" not in json.dumps(found)
    assert "https://x" not in json.dumps(found)
    assert "info" in found
    assert set(found["info"]) == {"title", "version"}
    assert found["servers"] == [{"url": "https://boats.test/v1"}]
    assert found["components"]["schemas"]["Boat"] == obj(
        description=STRING,
        example=STRING,
        summary={"type": "integer"},
        **{"x-sail": STRING},
    )


def test_nullable_becomes_a_null_type() -> None:
    schema = obj(name={"type": "string", "nullable": True}, length={"type": "number"})
    assert named(boats(ref("boat"), boat=schema))["Boat"]["properties"] == {
        "name": {"type": ["string", "null"]},
        "length": {"type": "number"},
    }


def test_nullable_without_a_type_becomes_one_of_with_null() -> None:
    mast: Document = {"allOf": [ref("mast")], "nullable": True}
    found = named(boats(ref("boat"), boat=obj(mast=mast), mast=obj(height=STRING)))
    assert found["Boat"] == obj(mast={"oneOf": [{"allOf": [ref("Mast")]}, {"type": "null"}]})


def test_components_other_than_schemas_are_inlined() -> None:
    operation = {
        "operationId": "boats.create",
        "parameters": [ref("limit", "parameters")],
        "requestBody": ref("boat", "requestBodies"),
        "responses": {"201": ref("made", "responses"), "404": ref("gone~1away", "responses")},
    }
    limit = {"in": "query", "name": "limit", "schema": {"type": "integer"}}
    content = {"application/json": {"schema": ref("boat")}}
    found = normalize(
        published(
            {"/boats": {"post": operation}},
            {"boat": obj(name=STRING)},
            parameters={"limit": limit},
            requestBodies={"boat": {"content": content}},
            responses={"made": {"content": content}, "gone/away": {"content": {}}},
        ),
        {},
    )
    inlined = {"application/json": {"schema": ref("Boat")}}
    assert found["paths"]["/boats"]["post"] == {
        "operationId": "boats.create",
        "parameters": [limit],
        "requestBody": {"content": inlined},
        "responses": {"201": {"content": inlined}, "404": {"content": {}}},
    }
    assert set(found["components"]) == {"schemas", "securitySchemes"}


def test_the_parameters_of_a_path_move_to_its_operations() -> None:
    def name(schema: Document) -> Document:
        return {"in": "path", "name": "boat_name", "required": True, "schema": schema}

    limit = {"in": "query", "name": "limit", "schema": {"type": "integer"}}
    sail = {"type": "string", "enum": ["jib"]}
    apart = {
        "get": {**get("boats.get", STRING)["get"], "parameters": [name(sail), limit]},
        "put": {**get("boats.put", STRING)["get"], "parameters": [name(sail)]},
        "delete": {**get("boats.delete", STRING)["get"], "parameters": [name(STRING)]},
    }
    together = {
        "parameters": [name(sail)],
        "get": {**apart["get"], "parameters": [limit]},
        "put": get("boats.put", STRING)["get"],
        "delete": apart["delete"],
    }
    before = copy.deepcopy(together)
    expected, found = (
        normalize(published({"/boats/{boat_name}": item}), {}) for item in (apart, together)
    )
    assert found == expected
    assert together == before


def test_names_come_from_the_table_or_the_place() -> None:
    schema = obj(
        hull={"type": "string", "enum": ["wood", "steel"]},
        crew={"type": "array", "items": obj(name=STRING)},
        sail_plan=obj(area={"type": "number"}),
    )
    operation = get("boats.get", {"type": "array", "items": schema})
    sort = {"in": "query", "name": "sort", "schema": {"type": "string", "enum": ["asc"]}}
    operation["get"]["parameters"] = [sort]
    found = named(
        published({"/boats": operation}),
        {"boats.get response[]": "Boat", "Boat.crew[]": "Sailor", "boats.get sort": "Sort"},
    )
    assert set(found) == {"Boat", "BoatHull", "Sailor", "BoatSailPlan", "Sort"}
    assert found["Boat"]["properties"] == {
        "hull": ref("BoatHull"),
        "crew": {"type": "array", "items": ref("Sailor")},
        "sail_plan": ref("BoatSailPlan"),
    }


def test_a_component_and_an_equal_inline_schema_give_equal_documents() -> None:
    names = {"schemas_boat": "Boat", "boats.get response": "Boat"}
    schema = obj(name=STRING)
    as_component = boats(ref("schemas_boat"), schemas_boat=schema)
    assert normalize(as_component, names) == normalize(boats(schema), names)


def test_equal_schemas_share_a_name_and_others_are_named_by_place() -> None:
    schemas = {
        "boat": obj(status={"type": "string", "enum": ["afloat", "sunk"]}),
        "raft": obj(status={"type": "string", "enum": ["afloat", "sunk"]}),
        "whale": obj(status={"type": "string", "enum": ["alive"]}),
    }
    names = {"Boat.status": "Status", "Raft.status": "Status", "Whale.status": "Status"}
    found = named(published({}, schemas), names)
    assert found["Boat"] == found["Raft"] == obj(status=ref("Status"))
    assert found["Whale"] == obj(status=ref("WhaleStatus"))
    assert found["WhaleStatus"]["enum"] == ["alive"]


def test_different_objects_in_one_place_get_numbered_names() -> None:
    choices = [obj(hull=STRING), obj(sail=STRING)]
    found = normalize(boats({"oneOf": choices}), {})
    answered = found["paths"]["/boats"]["get"]["responses"]["200"]["content"]["application/json"]
    names = [name["$ref"].rpartition("/")[2] for name in answered["schema"]["oneOf"]]
    assert names == ["BoatsGetResponse", "BoatsGetResponse2"]
    assert [found["components"]["schemas"][name] for name in names] == choices


@pytest.mark.parametrize("keyword", ["additionalProperties", "not"])
def test_references_are_renamed_with_their_targets(keyword: str) -> None:
    fleet = {**obj(flag=STRING), keyword: ref("sail_boat")}
    found = named(boats(ref("fleet"), fleet=fleet, sail_boat=obj(name=STRING)))
    assert found["Fleet"][keyword] == ref("SailBoat")
    assert found["SailBoat"] == obj(name=STRING)


def test_recursive_schemas_are_normalized() -> None:
    schemas = {"ship": obj(tender=ref("boat"), sister=ref("ship")), "boat": obj(of=ref("ship"))}
    assert named(boats(ref("ship"), **schemas)) == {
        "Ship": obj(tender=ref("Boat"), sister=ref("Ship")),
        "Boat": obj(of=ref("Ship")),
    }


def test_normalizing_copies_the_document_and_is_idempotent() -> None:
    source = boats(
        ref("boat"), boat=obj(name={"type": "string", "nullable": True}, of=obj(a=STRING))
    )
    before = copy.deepcopy(source)
    once = normalize(source, {})
    assert source == before
    assert normalize(once, {}) == once


def test_equal_responses_of_an_operation_share_the_name_of_the_table() -> None:
    """An overlay that changes one of them changes all."""
    schemas = {"boat_response": obj(name=STRING), "schemas_boat": obj(name=STRING)}
    operation = get("boats.get", ref("boat_response"))
    operation["get"]["responses"]["201"] = answer(ref("schemas_boat"))["responses"]["200"]
    operation["get"]["responses"]["202"] = answer(obj(name=STRING))["responses"]["200"]
    found = normalize(published({"/boats": operation}, schemas), {"schemas_boat": "Boat"})
    responses = found["paths"]["/boats"]["get"]["responses"]
    answers = [one["content"]["application/json"]["schema"] for one in responses.values()]
    assert answers == [ref("Boat")] * 3
