"""The generated package matches openapi.yaml, and no operation is lost silently."""

from __future__ import annotations

import inspect
import json
import os
import shutil
import subprocess
import sys
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import generate
import httpx
import pytest
import update_spec
import yaml
from apispec import document
from apispec.clashes import OWN_NAMES
from apispec.prepare import prepare
from replicate_api import Client
from replicate_api.resources.api import Api, AsyncApi
from support.boats import importable
from support.bodies import ROOT, SPEC
from support.clients import TOKEN

from replicate_ext import AsyncReplicate, Replicate

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = ROOT / "generated" / "replicate_api"


def spec(
    folder: Path,
    *,
    ids: tuple[str, str] = ("boats.get", "boats.create"),
    names: tuple[str, ...] = ("id",),
    request_type: str = "application/json",
) -> Path:
    """A document with one model and two operations.

    Args:
        folder: Where to put it.
        ids: The operations' ids, of which the second takes a model.
        names: The model's fields, and as many query parameters of the second operation.
        request_type: The media type in which that one takes the model.
    """
    string = {"type": "string"}
    schema = {"$ref": "#/components/schemas/Boat"}
    answer = {"responses": {"200": {"content": {"application/json": {"schema": schema}}}}}
    post = {
        "operationId": ids[1],
        "parameters": [{"in": "query", "name": name, "schema": string} for name in names],
        "requestBody": {"required": True, "content": {request_type: {"schema": schema}}},
        **answer,
    }
    boat = {"type": "object", "properties": dict.fromkeys(names, string)}
    whole = {
        "openapi": "3.1.0",
        "info": {"title": "Boats", "version": "1"},
        "paths": {"/boat": {"get": {"operationId": ids[0], **answer}}, "/boats": {"post": post}},
        "components": {"schemas": {"Boat": boat}},
    }
    path = folder / "spec.yaml"
    document.write(path, whole, "")
    return path


def test_the_package_does_not_depend_on_the_hash_seed(tmp_path: Path) -> None:
    runs = {
        seed: subprocess.Popen(
            [sys.executable, ROOT / "scripts" / "generate.py", "--out", tmp_path / seed],
            env={**os.environ, "PYTHONHASHSEED": seed},
        )
        for seed in ("1", "2")
    }
    assert [run.wait(60) for run in runs.values()] == [0, 0]
    made = [tmp_path / seed / "replicate_api" for seed in runs]
    assert generate.compare(*made) == []
    assert generate.compare(made[0], PACKAGE) == []


def test_an_operation_that_is_lost_silently_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def prepare_without_one(loaded: document.Document) -> document.Document:
        prepared = prepare(loaded)
        del prepared["paths"]["/boats"]
        return prepared

    monkeypatch.setattr(generate, "prepare", prepare_without_one)
    with pytest.raises(generate.GenerationError, match=r"no module for boats\.get$"):
        generate.generate(spec(tmp_path, ids=("boats.get_all", "boats.get")), tmp_path)


def test_two_operations_with_one_module_name_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(generate.GenerationError, match=r"boats\.get\.all.* the same module name"):
        generate.generate(spec(tmp_path, ids=("boats.get.all", "boats.get_all")), tmp_path)


def test_an_operation_that_the_generator_drops_is_an_error_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "replicate_api" / "kept.py"
    kept.parent.mkdir()
    kept.write_text("kept")
    broken = str(spec(tmp_path, request_type="application/x-boat"))
    monkeypatch.setattr(sys, "argv", ["generate.py", "--spec", broken, "--out", str(tmp_path)])
    assert generate.main() == 1
    assert kept.read_text() == "kept"
    assert "application/x-boat" in capsys.readouterr().err


def test_a_check_prints_the_differences_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = str(spec(tmp_path))
    argv = ["generate.py", "--spec", made, "--out", str(tmp_path), "--check"]
    monkeypatch.setattr(sys, "argv", argv)
    (tmp_path / "replicate_api").mkdir()
    assert generate.main() == 1
    assert list((tmp_path / "replicate_api").iterdir()) == []
    assert "api/boats/create.py: missing" in capsys.readouterr().out


# Packages of other documents


def test_one_model_and_no_enum_are_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    models = import_module(f"{importable(spec(tmp_path), monkeypatch)}.models")
    assert models.__all__ == ("Boat",)
    assert models.Boat.from_dict({"id": "b"}).id == "b"


def test_fields_may_have_names_that_the_code_uses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = (
        *("self", "attrs", "property", "to_dict", "from_dict", "additional_properties"),
        *("query", "headers", "models"),
    )
    package = importable(spec(tmp_path, names=names), monkeypatch)
    create = import_module(f"{package}.api.boats.create")
    body = {name: f"the {name}" for name in names}
    boat = import_module(f"{package}.models").Boat.from_dict(body)
    assert boat.to_dict() == body
    assert boat.additional_properties == {}
    keywords = [name for name in inspect.signature(create.request).parameters if name != "body"]
    echo = httpx.MockTransport(lambda sent: httpx.Response(200, json=dict(sent.url.params)))
    with Client(transport=echo) as client:
        given = dict(zip(keywords, body.values(), strict=True))
        assert create.sync(client=client, body=boat, **given) == boat


NEW_OPERATION = {
    "operationId": "boats.crew.hire",
    "summary": "Hire somebody.",
    "parameters": [
        {"in": "path", "name": name, "required": True, "schema": {"type": "string"}}
        for name in ("boat_owner", "boat_name", "cabin")
    ]
    + [{"in": "query", "name": "since", "schema": {"type": "string", "format": "date-time"}}],
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Boat"}}},
    },
    "responses": {
        "200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Boat"}}}}
    },
}

CALL = """
import asyncio, json
from datetime import datetime, timezone
import httpx
from replicate_ext import AsyncReplicate, Replicate

def answer(request):
    seen = [request.method, str(request.url), request.headers["authorization"]]
    body = {"name": "Ada", "seen": seen, "sent": json.loads(request.content)}
    return httpx.Response(200, json=body)

transport = httpx.MockTransport(answer)
since = datetime(2026, 11, 3, tzinfo=timezone.utc)
hired = Replicate("token", transport=transport).boats.crew.hire("acme/argo", "7", name="Ada")
print(json.dumps(hired.to_dict()))
hire = AsyncReplicate("token", transport=transport).boats.crew.hire
print(json.dumps(asyncio.run(hire("acme", "argo", "7", name="Ada", since=since)).to_dict()))
print(type(hired).__name__, hire.__doc__.splitlines()[0])
"""


def test_an_operation_of_the_document_is_a_method_without_a_handwritten_line(
    tmp_path: Path,
) -> None:
    loaded = yaml.safe_load((ROOT / "openapi.yaml").read_text(encoding="utf-8"))
    loaded["paths"]["/boats/{boat_owner}/{boat_name}/crew/{cabin}"] = {"post": NEW_OPERATION}
    loaded["components"]["schemas"]["Boat"] = {
        "type": "object",
        "required": ["name"],
        "properties": {"name": {"type": "string", "description": "Whom to hire."}},
    }
    document.write(tmp_path / "openapi.yaml", loaded, "")
    (tmp_path / "scratch").mkdir()
    generate.generate(tmp_path / "openapi.yaml", tmp_path / "scratch")
    done = subprocess.run(
        [sys.executable, "-c", CALL],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (tmp_path / "scratch", ROOT)))},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    blocking, awaited, names = done.stdout.splitlines()
    url = "https://api.replicate.com/v1/boats/acme/argo/crew/7"
    expected = {"name": "Ada", "sent": {"name": "Ada"}}
    assert json.loads(blocking) == {**expected, "seen": ["POST", url, "Bearer token"]}
    url += "?since=2026-11-03T00%3A00%3A00Z"
    assert json.loads(awaited) == {**expected, "seen": ["POST", url, "Bearer token"]}
    assert names == "Boat Hire somebody."


# Comparing


def test_equal_packages_have_no_differences(tmp_path: Path) -> None:
    for side in ("made", "committed"):
        (tmp_path / side / "models").mkdir(parents=True)
        (tmp_path / side / "models" / "boat.py").write_text("class Boat: ...\n")
    cache = tmp_path / "committed" / "models" / "__pycache__"
    cache.mkdir()
    (cache / "boat.pyc").write_bytes(b"\xff")
    assert generate.compare(tmp_path / "made", tmp_path / "committed") == []


def test_each_difference_is_named(tmp_path: Path) -> None:
    files = {
        "made/changed.py": "a\nb\n",
        "committed/changed.py": "a\nc\n",
        "made/new.py": "",
        "committed/gone.py": "",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    differences = generate.compare(tmp_path / "made", tmp_path / "committed")
    assert {"-c", "+b", "--- committed/changed.py", "+++ made/changed.py"} <= set(differences)
    assert {"new.py: missing", "gone.py: unexpected"} <= set(differences)


# The document of the project


def test_own_names_of_the_clients_are_listed() -> None:
    def own(ours: Any, generated: Any, place: str = "") -> Iterator[str]:
        for name in dir(type(ours)):
            if name.startswith("_"):
                continue
            if not hasattr(type(generated), name):
                yield place + name
            elif isinstance(inspect.getattr_static(ours, name), property | cached_property):
                yield from own(getattr(ours, name), getattr(generated, name), f"{place}{name}.")

    unused: Any = None
    operations = document.operations(SPEC)
    handwritten = {name for name in operations if operations[name].get("x-handwritten")}
    found = {*own(Replicate(TOKEN), Api(unused)), *own(AsyncReplicate(TOKEN), AsyncApi(unused))}
    assert found == {*OWN_NAMES} | handwritten


def test_openapi_yaml_is_the_published_facts_with_the_overlays(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(update_spec.DATA, tmp_path / "data")
    published = yaml.safe_load((tmp_path / "data" / "published.yaml").read_text(encoding="utf-8"))
    update_spec.update(published, tmp_path / "data", tmp_path / "openapi.yaml")
    for made, committed in (
        (tmp_path / "openapi.yaml", ROOT / "openapi.yaml"),
        (tmp_path / "data" / "published.yaml", ROOT / "scripts/apispec/data/published.yaml"),
    ):
        assert made.read_bytes() == committed.read_bytes()
    said = capsys.readouterr().out
    assert "target not found" not in said
    assert "left untyped" not in said


def test_everything_in_openapi_yaml_is_described() -> None:
    operations = document.operations(SPEC)
    assert [name for name, operation in operations.items() if not operation.get("summary")] == []
    parameters = {
        f"{name} {parameter['name']}": parameter.get("description")
        for name, operation in operations.items()
        for parameter in operation.get("parameters", ())
    }
    assert [place for place, description in parameters.items() if not description] == []
