"""Facts of a document that the templates get from the script, not from the generator."""

from __future__ import annotations

import inspect
from importlib import import_module
from typing import TYPE_CHECKING

import generate
import pytest
from apispec import document
from support.boats import BOAT, SCHEMAS, importable, operation, written

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("method", ["get", "head", "options", "put", "delete", "query", "patch"])
@pytest.mark.parametrize("marked", [None, True, False])
def test_operations_are_repeatable_by_their_method_or_their_mark(
    method: str, marked: bool | None
) -> None:
    mark = {} if marked is None else {"x-repeatable": marked}
    one = {"operationId": "boats.sink", "responses": {}, **mark}
    facts = generate.facts({"paths": {"/boats": {method: one}}})
    expected = method != "patch" if marked is None else marked
    assert facts["repeatable"] == (["boats.sink"] if expected else [])


def test_the_first_server_is_the_default_base_url(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = written(tmp_path, SCHEMAS, boat=operation("boats.get"))
    whole = document.parse(source.read_text())
    servers = [{"url": "https://boats.test/v9"}, {"url": "https://ships.test"}]
    document.write(source, {**whole, "servers": servers}, "")
    client = import_module(f"{importable(source, monkeypatch)}.client")
    assert client.DEFAULT_BASE_URL == "https://boats.test/v9"
    with client.Client() as made:
        assert made.get_httpx_client().base_url == "https://boats.test/v9/"


def test_a_document_without_servers_has_the_base_url_of_the_api(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = written(tmp_path, SCHEMAS, boat=operation("boats.get"))
    client = import_module(f"{importable(source, monkeypatch)}.client")
    assert client.DEFAULT_BASE_URL == "https://api.replicate.com/v1"


def test_a_handwritten_operation_has_a_function_and_no_method(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = {"x-handwritten": True}
    source = written(
        tmp_path,
        SCHEMAS,
        launch={**operation("launch"), **mark},
        find=operation("boats.find", gives=BOAT),
        sink={**operation("boats.sink"), **mark},
        hire={**operation("boats.crew.hire"), **mark},
    )
    package = importable(source, monkeypatch)
    for name in ("launch.launch", "boats.sink", "boats.crew_hire"):
        assert callable(import_module(f"{package}.api.{name}").sync)
    api = import_module(f"{package}.resources.api")
    boats = import_module(f"{package}.resources.boats")
    for prefix in ("", "Async"):
        assert _public(getattr(api, f"{prefix}Api")) == ["boats"]
        assert _public(getattr(boats, f"{prefix}BoatsResource")) == ["crew", "find"]
        crew = getattr(boats, f"{prefix}BoatsCrewResource")
        assert _public(crew) == []
        assert inspect.getdoc(crew)


def _public(kind: type) -> list[str]:
    return [name for name in dir(kind) if not name.startswith("_")]
