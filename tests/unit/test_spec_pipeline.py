"""What happens to a published document on its way to the generator."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from apispec import document
from apispec.normalize import normalize
from apispec.prepare import module_of, prepare
from apispec.references import settle

Document: TypeAlias = dict[str, Any]

STRING: Document = {"type": "string"}


def obj(**fields: Document) -> Document:
    return {"type": "object", "properties": fields}


def ref(name: str, kind: str = "schemas") -> Document:
    return {"$ref": f"#/components/{kind}/{name}"}


def answer(schema: Document, **more: object) -> Document:
    return {"responses": {"200": {"content": {"application/json": {"schema": schema}}, **more}}}


def get(operation_id: str, schema: Document, **more: object) -> Document:
    return {"get": {"operationId": operation_id, **answer(schema), **more}}


def published(paths: Document, schemas: Document | None = None, **components: object) -> Document:
    return {
        "openapi": "3.0.3",
        "info": {"title": "Boats", "version": "1.0", "description": "All about boats."},
        "servers": [{"url": "https://boats.test/v1", "description": "The harbour"}],
        "security": [],
        "paths": paths,
        "components": {"schemas": schemas or {}, "securitySchemes": {}, **components},
    }


def boats(schema: Document, **schemas: Document) -> Document:
    return published({"/boats": get("boats.get", schema)}, schemas)


def named(source: Document, names: dict[str, str] | None = None) -> Document:
    """The schemas of a document once normalized."""
    schemas: Document = normalize(source, names or {})["components"]["schemas"]
    return schemas


# Normalizing


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


# References


def test_unused_schemas_go_and_what_refers_to_a_missing_one_takes_anything() -> None:
    source = boats(
        ref("Boat"),
        Boat=obj(mast=ref("Mast"), keel=ref("Keel"), parent=ref("Boat")),
        Mast=obj(height={"type": "number"}),
        Unused=obj(part=ref("UsedByUnused")),
        UsedByUnused=obj(name=STRING),
    )
    before = copy.deepcopy(source)
    settled, missing = settle(source)
    assert missing == ["Keel"]
    assert set(settled["components"]["schemas"]) == {"Boat", "Mast"}
    assert settled["components"]["schemas"]["Boat"] == obj(
        mast=ref("Mast"), keel={}, parent=ref("Boat")
    )
    assert source == before


# Preparing


def test_defaults_go_and_fields_called_default_stay() -> None:
    schema = obj(default={**STRING, "default": "sloop"}, size={"type": "integer", "default": 20})
    limit = {"in": "query", "name": "limit", "schema": {"type": "integer", "default": 20}}
    source = boats(ref("Boat"), Boat=schema)
    source["paths"]["/boats"]["get"]["parameters"] = [limit]
    before = copy.deepcopy(source)
    found = prepare(source)
    assert found["components"]["schemas"]["Boat"] == obj(default=STRING, size={"type": "integer"})
    [parameter] = found["paths"]["/boats"]["get"]["parameters"]
    assert parameter["schema"] == {"type": "integer"}
    assert source == before


def test_query_has_a_stand_in_and_operations_have_tags_and_short_ids() -> None:
    source = published({"/boats": {"query": {"operationId": "boats.find.all", **answer(STRING)}}})
    [(method, operation)] = prepare(source)["paths"]["/boats"].items()
    assert method == "trace"
    assert (operation["tags"], operation["operationId"]) == (["boats"], "find_all")


@pytest.mark.parametrize(
    ("operation_id", "module"),
    [
        ("predictions.create", ("predictions", "create")),
        ("models.versions.list", ("models", "versions_list")),
        ("search", ("search", "search")),
        ("fine-boats.crew.listAll", ("fine_boats", "crew_list_all")),
    ],
)
def test_an_operation_is_in_the_module_of_its_id(
    operation_id: str, module: tuple[str, str]
) -> None:
    assert module_of(operation_id) == module


def test_one_answer_stands_for_all_successes() -> None:
    operation = get("boats.get", STRING)
    same = operation["get"]["responses"]["200"]
    operation["get"]["responses"] |= {"202": same, "404": {"content": {}}, "default": {}}
    found = prepare(published({"/boats": operation}))["paths"]["/boats"]["get"]["responses"]
    assert found == {
        "2XX": {"description": "", "content": {"application/json": {"schema": STRING}}}
    }


def successes(**contents: Document | None) -> Document:
    """What the generator gets for successes; s201 is the content of a 201."""
    operation = get("boats.get", STRING)
    operation["get"]["responses"] = {
        status[1:]: {} if content is None else {"content": {"application/json": content}}
        for status, content in contents.items()
    }
    schemas = {
        "Boat": obj(of=ref("Boat"), description=STRING),
        "Ship": {**obj(of=ref("Ship"), description=STRING), "description": "As a boat."},
        "Raft": obj(of=ref("Boat"), description={"type": "integer"}),
    }
    responses = prepare(published({"/boats": operation}, schemas))
    return {
        status: response.get("content", {}).get("application/json", {}).get("schema")
        for status, response in responses["paths"]["/boats"]["get"]["responses"].items()
    }


def test_a_success_without_content_has_that_of_another() -> None:
    boat = {"schema": ref("Boat")}
    assert successes(s200=boat, s201=None, s202=None) == {"2XX": ref("Boat")}
    assert successes(s201=None, s202=boat) == {"2XX": ref("Boat")}
    assert successes(s202=None) == {"2XX": None}


def test_a_status_that_has_no_content_keeps_none() -> None:
    assert successes(s200={"schema": ref("Boat")}, s204=None) == {"204": None, "2XX": ref("Boat")}


@pytest.mark.parametrize("other", ["Boat", "Ship"])
def test_equal_schemas_are_one_answer_whatever_they_are_called(other: str) -> None:
    found = successes(s200={"schema": ref("Boat")}, s201={"schema": ref(other)})
    assert found == {"2XX": ref("Boat")}
    inline = obj(of=ref(other), description=STRING)
    assert successes(s200={"schema": ref("Boat")}, s201={"schema": inline}) == {"2XX": ref("Boat")}


def test_successes_that_differ_keep_what_they_have() -> None:
    found = successes(s200={"schema": ref("Boat")}, s201={"schema": ref("Raft")})
    assert found == {"201": ref("Raft"), "2XX": ref("Boat")}


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


@pytest.mark.parametrize(
    ("schema", "types"),
    [
        ({"enum": [True]}, ["boolean"]),
        ({"type": "number", "enum": [0.5, 1.5]}, ["number"]),
        ({"enum": ["a", 1, None]}, ["integer", "null", "string"]),
        ({"const": False}, ["boolean"]),
        ({"const": "a"}, ["string"]),
    ],
)
def test_values_that_the_generator_has_no_enum_for_give_their_types(
    schema: Document, types: list[str]
) -> None:
    found = prepare(boats(ref("Boat"), Boat=obj(kind=schema)))
    assert found["components"]["schemas"]["Boat"] == obj(kind={"type": types})


def test_boolean_schemas_are_any_value_and_a_list_without_items_is_of_any() -> None:
    found = prepare(boats(ref("Boat"), Boat=obj(a=True, b={"type": "array"})))  # type: ignore[arg-type]
    assert found["components"]["schemas"]["Boat"] == obj(a={}, b={"type": "array", "items": {}})


def test_webhooks_keep_their_schemas_and_are_not_generated() -> None:
    source = boats(ref("boat"), boat=obj(name=STRING), event=obj(boat=ref("boat")))
    body = {"content": {"application/json": {"schema": ref("event")}}}
    source["webhooks"] = {"done": {"post": {"requestBody": body}}}
    settled, missing = settle(normalize(source, {}))
    assert missing == []
    assert set(settled["components"]["schemas"]) == {"Boat", "Event"}
    assert "webhooks" not in prepare(settled)


# Reading


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"paths": ', "a: [", "<html>", '{"a": 1}'])
def test_what_is_no_document_is_a_value_error(text: str, tmp_path: Path) -> None:
    (tmp_path / "spec").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"."):
        document.read(str(tmp_path / "spec"))


def test_equal_documents_are_equal_files(tmp_path: Path) -> None:
    shared = {"b": 1, "a": "é"}
    document.write(tmp_path / "one", {"x": shared, "y": shared}, "# Header\n")
    document.write(tmp_path / "two", {"y": dict(shared), "x": {"a": "é", "b": 1}}, "# Header\n")
    text = (tmp_path / "one").read_bytes()
    assert text == (tmp_path / "two").read_bytes()
    assert text.decode() == "# Header\nx:\n  a: é\n  b: 1\ny:\n  a: é\n  b: 1\n"
