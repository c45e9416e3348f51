"""The generated package is what openapi.yaml makes, and nothing is left out without a word."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import generate
import pytest
import update_spec
import yaml
from apispec import document
from apispec.prepare import prepare
from support.bodies import ROOT, SPEC

PACKAGE = ROOT / "generated" / "replicate_api"


def spec(folder: Path, request_type: str = "application/json") -> Path:
    """A document with two operations, one of which takes a body of a media type."""
    name = {"type": "object", "properties": {"name": {"type": "string"}}}
    boat = {"type": "object", "properties": {"id": {"type": "string"}}}
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Boat"}}}
    request = {request_type: {"schema": {"$ref": "#/components/schemas/BoatRequest"}}}
    get: dict[str, Any] = {"responses": {"200": {"content": content}}}
    post = {"requestBody": {"required": True, "content": request}, **get}
    whole = {
        "openapi": "3.1.0",
        "info": {"title": "Boats", "version": "1"},
        "paths": {
            "/boat": {"get": {"operationId": "boats.get", **get}},
            "/boats": {"post": {"operationId": "boats.create", **post}},
        },
        "components": {"schemas": {"Boat": boat, "BoatRequest": name}},
    }
    path = folder / "spec.yaml"
    document.write(path, whole, "")
    return path


def test_the_order_of_hashes_changes_nothing(tmp_path: Path) -> None:
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


def test_an_operation_that_the_generator_drops_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(generate.GenerationError, match="application/x-boat"):
        generate.generate(spec(tmp_path, "application/x-boat"), tmp_path)


def test_an_operation_that_is_lost_without_a_word_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def prepare_without_one(loaded: document.Document) -> document.Document:
        prepared = prepare(loaded)
        del prepared["paths"]["/boats"]
        return prepared

    monkeypatch.setattr(generate, "prepare", prepare_without_one)
    with pytest.raises(generate.GenerationError, match=r"no module for boats\.create"):
        generate.generate(spec(tmp_path), tmp_path)


def test_a_failure_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "replicate_api" / "kept.py"
    kept.parent.mkdir()
    kept.write_text("kept")
    broken = str(spec(tmp_path, "application/x-boat"))
    monkeypatch.setattr(sys, "argv", ["generate.py", "--spec", broken, "--out", str(tmp_path)])
    assert generate.main() == 1
    assert kept.read_text() == "kept"
    assert "application/x-boat" in capsys.readouterr().err


def test_a_check_says_what_differs_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = str(spec(tmp_path))
    argv = ["generate.py", "--spec", made, "--out", str(tmp_path), "--check"]
    monkeypatch.setattr(sys, "argv", argv)
    (tmp_path / "replicate_api").mkdir()
    assert generate.main() == 1
    assert list((tmp_path / "replicate_api").iterdir()) == []
    assert "api/boats/create.py: missing" in capsys.readouterr().out


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
    assert {"new.py: missing", "gone.py: should not be there"} <= set(differences)


# The project's own document


def test_openapi_yaml_is_the_published_layer_with_the_overlays(
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
    assert "nothing to change" not in said
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
