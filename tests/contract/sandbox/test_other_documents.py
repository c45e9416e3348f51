"""OpenAPI features that the API's document does not use today."""

import copy
import json
from collections.abc import Callable, Iterator
from importlib import resources
from pathlib import Path
from typing import TypeAlias

import pytest
from support.sandboxes import JSON, client_of

from replicate_ext.sandbox import Sandbox
from replicate_ext.sandbox._contract.operations import operations

DOCUMENT: JSON = json.loads(resources.files("replicate_api").joinpath("openapi.json").read_text())

RIGHT, WRONG = (
    {"content": {"application/json": {"schema": {"type": "object", "required": [name]}}}}
    for name in ("username", "color")
)

Publish: TypeAlias = Callable[[JSON], None]


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Publish]:
    """A function that makes sandboxes use another document."""

    def publish(document: JSON) -> None:
        (tmp_path / "openapi.json").write_text(json.dumps(document))
        monkeypatch.setattr(resources, "files", lambda _: tmp_path)

    operations.cache_clear()
    yield publish
    monkeypatch.undo()
    operations.cache_clear()


@pytest.mark.parametrize(
    ("parameter", "headers", "status", "detail"),
    [
        ({"required": True}, {}, 422, "- X-Size is required"),
        ({"required": True}, {"x-size": "2"}, 200, ""),
        ({}, {}, 200, ""),
        ({}, {"x-size": "0"}, 422, "- X-Size: Must be greater than or equal to 1"),
        (
            {},
            {"x-size": "a"},
            422,
            "- X-Size: Invalid type. Expected: integer, given: string\n",
        ),
        ({"name": "Accept"}, {"accept": "0"}, 200, ""),
    ],
)
def test_headers_are_validated(
    published: Publish,
    parameter: JSON,
    headers: dict[str, str],
    status: int,
    detail: str,
) -> None:
    document = copy.deepcopy(DOCUMENT)
    schema = {"type": "integer", "minimum": 1}
    size = {"in": "header", "name": "X-Size", "schema": schema, **parameter}
    document["paths"]["/account"]["get"]["parameters"] = [size]
    published(document)
    with Sandbox() as sandbox, client_of(sandbox) as client:
        answer = client.get("/account", headers=headers)
    said = answer.json().get("detail", "")
    assert (answer.status_code, said[: len(detail) or None]) == (status, detail)


def test_fields_of_a_path_are_not_operations(published: Publish) -> None:
    document = copy.deepcopy(DOCUMENT)
    shared = [
        {"in": "query", "name": name, "required": True, "schema": {"enum": ["yes"]}}
        for name in ("theirs", "own")
    ]
    own = {"in": "query", "name": "own", "schema": {"type": "integer"}}
    path = document["paths"]["/account"]
    path["get"]["parameters"] = [own]
    path |= {"parameters": shared, "summary": "x", "servers": [], "trace": {"responses": {}}}
    published(document)
    with Sandbox() as sandbox, client_of(sandbox) as client:
        assert client.get("/account?theirs=yes&own=1").status_code == 200
        for query in ("own=1", "theirs=no", "theirs=yes&own=yes"):
            assert client.get(f"/account?{query}").status_code == 422
        assert client.post("/account").headers["allow"] == "GET"


@pytest.mark.parametrize(
    ("responses", "faults"),
    [
        ({"200": {"content": {"application/json": {}}}}, []),
        ({"default": RIGHT}, []),
        ({"2XX": RIGHT, "default": WRONG}, []),
        ({"200": RIGHT, "2XX": WRONG}, []),
        ({"2XX": WRONG}, ["color is required"]),
        ({"4XX": WRONG}, ["the status 200 is not one of 4XX"]),
    ],
)
def test_status_ranges_and_defaults_are_supported(
    published: Publish, responses: JSON, faults: list[str]
) -> None:
    document = copy.deepcopy(DOCUMENT)
    document["paths"]["/account"]["get"]["responses"] = responses
    published(document)
    with Sandbox(strict=True) as sandbox, client_of(sandbox) as client:
        assert client.get("/account").status_code == (500 if faults else 200)
        found = [fault for each in sandbox.contract_violations for fault in each.faults]
    assert [fault.removeprefix("the body: ") for fault in found] == faults
