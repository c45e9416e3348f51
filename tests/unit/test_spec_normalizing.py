"""Normalizing the facts of a published document."""

from __future__ import annotations

import copy
import json

import pytest
from apispec.normalize import normalize
from support.documents import STRING, Document, answer, boats, get, obj, published, ref


def named(source: Document, names: dict[str, str] | None = None) -> Document:
    """The schemas of a document once normalized."""
    schemas: Document = normalize(source, names or {})["components"]["schemas"]
    return schemas


def test_prose_goes_and_fields_that_are_called_like_it_stay() -> None:
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


def test_nullable_without_a_type_is_a_choice_of_null() -> None:
    mast: Document = {"allOf": [ref("mast")], "nullable": True}
    found = named(boats(ref("boat"), boat=obj(mast=mast), mast=obj(height=STRING)))
    assert found["Boat"] == obj(mast={"oneOf": [{"allOf": [ref("Mast")]}, {"type": "null"}]})


def test_what_is_no_schema_is_written_where_it_is_used() -> None:
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


def test_a_path_s_parameters_are_written_at_each_of_its_operations() -> None:
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


def test_a_component_and_the_same_written_in_place_give_one_document() -> None:
    names = {"schemas_boat": "Boat", "boats.get response": "Boat"}
    schema = obj(name=STRING)
    as_component = boats(ref("schemas_boat"), schemas_boat=schema)
    assert normalize(as_component, names) == normalize(boats(schema), names)


def test_equal_structures_share_a_name_and_others_fall_back_to_their_place() -> None:
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


def test_different_objects_of_one_place_get_a_name_each() -> None:
    choices = [obj(hull=STRING), obj(sail=STRING)]
    found = normalize(boats({"oneOf": choices}), {})
    answered = found["paths"]["/boats"]["get"]["responses"]["200"]["content"]["application/json"]
    names = [name["$ref"].rpartition("/")[2] for name in answered["schema"]["oneOf"]]
    assert names == ["BoatsGetResponse", "BoatsGetResponse2"]
    assert [found["components"]["schemas"][name] for name in names] == choices


@pytest.mark.parametrize("keyword", ["additionalProperties", "not"])
def test_a_reference_follows_what_it_leads_to(keyword: str) -> None:
    fleet = {**obj(flag=STRING), keyword: ref("sail_boat")}
    found = named(boats(ref("fleet"), fleet=fleet, sail_boat=obj(name=STRING)))
    assert found["Fleet"][keyword] == ref("SailBoat")
    assert found["SailBoat"] == obj(name=STRING)


def test_schemas_that_contain_each_other_come_to_an_end() -> None:
    schemas = {"ship": obj(tender=ref("boat"), sister=ref("ship")), "boat": obj(of=ref("ship"))}
    assert named(boats(ref("ship"), **schemas)) == {
        "Ship": obj(tender=ref("Boat"), sister=ref("Ship")),
        "Boat": obj(of=ref("Ship")),
    }


def test_normalizing_leaves_the_document_alone_and_a_second_time_changes_nothing() -> None:
    source = boats(
        ref("boat"), boat=obj(name={"type": "string", "nullable": True}, of=obj(a=STRING))
    )
    before = copy.deepcopy(source)
    once = normalize(source, {})
    assert source == before
    assert normalize(once, {}) == once


def test_equal_answers_of_an_operation_get_the_name_that_we_know() -> None:
    """What an overlay then does to one of them, it does to both."""
    schemas = {"boat_response": obj(name=STRING), "schemas_boat": obj(name=STRING)}
    operation = get("boats.get", ref("boat_response"))
    operation["get"]["responses"]["201"] = answer(ref("schemas_boat"))["responses"]["200"]
    operation["get"]["responses"]["202"] = answer(obj(name=STRING))["responses"]["200"]
    found = normalize(published({"/boats": operation}, schemas), {"schemas_boat": "Boat"})
    responses = found["paths"]["/boats"]["get"]["responses"]
    answers = [one["content"]["application/json"]["schema"] for one in responses.values()]
    assert answers == [ref("Boat")] * 3
