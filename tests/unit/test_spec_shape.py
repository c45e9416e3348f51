"""Documents that are not valid OpenAPI: a message names the place and the expected type."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest
import update_spec
from apispec import document
from apispec.normalize import normalize
from apispec.shape import resolved

if TYPE_CHECKING:
    pass

if TYPE_CHECKING:
    from pathlib import Path

Document: TypeAlias = dict[str, Any]

OPERATION = "paths./boats.get"
SCHEMA = f"{OPERATION}.responses.200.content.application/json.schema"
SOURCE: Document = {
    "openapi": "3.1.0",
    "info": {"title": "Boats", "version": "1"},
    "paths": {
        "/boats": {
            "get": {
                "operationId": "boats.get",
                "parameters": [{"in": "query", "name": "q", "schema": {"type": "string"}}],
                "responses": {
                    "200": {"content": {"application/json": {"schema": {"type": "object"}}}}
                },
            }
        }
    },
}


def changed(place: str, value: Any) -> Document:
    """The source with another value at a place; dots separate the keys of the place."""
    source = copy.deepcopy(SOURCE)
    *keys, last = place.split(".")
    node: Any = source
    for key in keys:
        node = node[int(key) if isinstance(node, list) else key]
    node[last] = value
    return source


WRONG: list[tuple[Document, str]] = [
    (changed("info", {"title": "Boats"}), "the document: info.version is missing"),
    (changed("paths", []), "the document: paths must be an object, got a list"),
    (changed("paths./boats", "x"), "the document: paths./boats must be an object, got a string"),
    (changed(OPERATION, None), "GET /boats: it must be an object, got null"),
    (changed(OPERATION, {"responses": {}}), "GET /boats: operationId is missing"),
    (changed(OPERATION, {"operationId": "b"}), "b: responses is missing"),
    (changed(f"{OPERATION}.responses", [200]), "boats.get: responses must be an object, got a"),
    (changed(f"{OPERATION}.responses.2000", {}), "boats.get: it has a response for '2000', which"),
    (changed(f"{OPERATION}.parameters", {}), "boats.get: parameters must be a list, got an obj"),
    (changed(f"{OPERATION}.parameters.0.in", "body"), "boats.get: parameters.0 is in 'body'"),
    (
        changed(f"{OPERATION}.parameters.0.name", 1),
        "parameters.0.name must be a string, got an int",
    ),
    (changed(f"{OPERATION}.parameters.0.required", "yes"), "0.required must be a boolean, got"),
    (changed(f"{OPERATION}.requestBody", {}), "boats.get: requestBody.content is missing"),
    (changed(SCHEMA, 7), "application/json.schema must be an object, got an integer"),
    (changed(f"{SCHEMA}.type", "strin"), "schema has the unknown type 'strin'"),
    (changed(f"{SCHEMA}.type", ["null", 1]), "schema has the unknown type ['null', 1]"),
    (changed(f"{SCHEMA}.required", 1), "schema.required must be a list, got an integer"),
    (changed(f"{SCHEMA}.required", ["a", 1]), "schema.required.1 must be a string, got an int"),
    (changed(f"{SCHEMA}.nullable", "no"), "schema.nullable must be a boolean, got a string"),
    (changed(f"{SCHEMA}.minLength", "1"), "schema.minLength must be an integer, got a string"),
    (
        changed(f"{SCHEMA}.$ref", "#/components/schemas/boat"),
        "schema refers to #/components/schemas/boat, which is missing",
    ),
    (changed(f"{SCHEMA}.$ref", "#/nowhere"), "the target of the reference #/nowhere is missing"),
    (changed(f"{SCHEMA}.$ref", "#/paths/~1boats"), "refers to itself"),
    (
        changed("components", {"schemas": {"boat": {"properties": ["a"]}}}),
        "the schema boat: properties must be an object, got a list",
    ),
    (changed("components", {"securitySchemes": {"a": {}}}), "securitySchemes.a.type is missing"),
    (changed("servers", [{}]), "the document: servers.0.url is missing"),
    (changed("webhooks", {"done": {"post": []}}), "the webhook done: it must be an object, got a"),
]


@pytest.mark.parametrize(("source", "message"), WRONG, ids=[case[1] for case in WRONG])
def test_an_error_names_the_operation_or_schema(source: Document, message: str) -> None:
    for read in (resolved, lambda source: normalize(source, {})):
        with pytest.raises(ValueError, match=r".") as caught:
            read(source)
        assert message in str(caught.value)
        assert "\n" not in str(caught.value)


def test_two_operations_with_one_id_are_refused() -> None:
    twice = changed("paths./ships", {"post": SOURCE["paths"]["/boats"]["get"]})
    message = r"boats\.get: GET /boats and POST /ships have this operationId"
    with pytest.raises(ValueError, match=message):
        normalize(twice, {})


@pytest.mark.parametrize("missing", ["security", "servers", "components"])
def test_optional_parts_of_a_document_may_be_missing(missing: str) -> None:
    whole = {**SOURCE, "security": [], "servers": [], "components": {"schemas": {}}}
    assert normalize(SOURCE, {}) == normalize(whole, {})
    assert missing in normalize(SOURCE, {})


def test_extensions_and_media_types_without_a_schema_are_accepted() -> None:
    source = changed(f"{OPERATION}.responses.200.content", {"application/json": {}})
    for place in (
        "paths.x-a",
        "paths./boats.x-a",
        f"{OPERATION}.x-a",
        f"{OPERATION}.responses.x-a",
    ):
        *keys, last = place.split(".")
        node: Any = source
        for key in keys:
            node = node[key]
        node[last] = "Prose"
    found = normalize(source, {})
    assert "Prose" not in json.dumps(found)
    response = found["paths"]["/boats"]["get"]["responses"]["200"]
    assert response == {"content": {"application/json": {"schema": {}}}}


def test_a_document_that_is_refused_changes_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "published.json"
    source.write_text(json.dumps(changed(f"{SCHEMA}.type", "strin")))
    monkeypatch.setattr("sys.argv", ["update_spec.py", str(source)])
    monkeypatch.setattr(document, "write", None)
    assert update_spec.main() == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(f"Cannot use {source}: boats.get: responses.200.")
    assert printed.err.count("\n") == 1
