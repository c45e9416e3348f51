"""Preparing a document for the generator."""

from __future__ import annotations

import copy

import pytest
from apispec.normalize import normalize
from apispec.prepare import module_of, prepare
from apispec.references import settle
from support.documents import STRING, Document, answer, boats, get, obj, published, ref


def test_unused_schemas_are_removed_and_missing_ones_become_any_value() -> None:
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


def test_defaults_are_removed_and_fields_called_default_are_kept() -> None:
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


def test_query_becomes_trace_and_operations_get_tags_and_short_ids() -> None:
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


def test_one_response_stands_for_all_successful_statuses() -> None:
    operation = get("boats.get", STRING)
    same = operation["get"]["responses"]["200"]
    operation["get"]["responses"] |= {"202": same, "404": {"content": {}}, "default": {}}
    found = prepare(published({"/boats": operation}))["paths"]["/boats"]["get"]["responses"]
    assert found == {
        "2XX": {"description": "", "content": {"application/json": {"schema": STRING}}}
    }


def successes(**contents: Document | None) -> Document:
    """The prepared responses of successful statuses; s201 is the content of a 201."""
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


def test_a_success_without_content_gets_the_content_of_another() -> None:
    boat = {"schema": ref("Boat")}
    assert successes(s200=boat, s201=None, s202=None) == {"2XX": ref("Boat")}
    assert successes(s201=None, s202=boat) == {"2XX": ref("Boat")}
    assert successes(s202=None) == {"2XX": None}


def test_a_status_without_content_keeps_no_content() -> None:
    assert successes(s200={"schema": ref("Boat")}, s204=None) == {"204": None, "2XX": ref("Boat")}


@pytest.mark.parametrize("other", ["Boat", "Ship"])
def test_equal_schemas_with_different_names_are_one_response(other: str) -> None:
    found = successes(s200={"schema": ref("Boat")}, s201={"schema": ref(other)})
    assert found == {"2XX": ref("Boat")}
    inline = obj(of=ref(other), description=STRING)
    assert successes(s200={"schema": ref("Boat")}, s201={"schema": inline}) == {"2XX": ref("Boat")}


def test_different_successes_keep_their_content() -> None:
    found = successes(s200={"schema": ref("Boat")}, s201={"schema": ref("Raft")})
    assert found == {"201": ref("Raft"), "2XX": ref("Boat")}


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
def test_enums_that_the_generator_does_not_support_become_types(
    schema: Document, types: list[str]
) -> None:
    found = prepare(boats(ref("Boat"), Boat=obj(kind=schema)))
    assert found["components"]["schemas"]["Boat"] == obj(kind={"type": types})


def test_boolean_schemas_and_missing_items_become_any_value() -> None:
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
