"""`replicate-ext types`, against the sandbox."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from typer.testing import CliRunner, Result

from replicate_ext import InvalidInputError, Replicate, set_default_client
from replicate_ext._schemas.model import ModelSchema
from replicate_ext.cli.types.changes import changes
from replicate_ext.cli.types.commands import app
from replicate_ext.cli.types.package import identifier, needed
from replicate_ext.sandbox import Input, Sandbox


def fox(
    prompt: str, size: Literal["small", "large"] = "small", steps: Annotated[int, Input(le=4)] = 1
) -> str:
    return f"{prompt} {size} {steps}"


def newer(prompt: str, seed: int, size: Literal["small"] = "small", steps: int = 1) -> str:
    return f"{prompt} {seed} {size} {steps}"


def other(text: str = "") -> list[str]:
    return [text]


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    with Sandbox() as running:
        running.model("owner/red-fox")(fox)
        running.model("second/red-fox")(other)
        running.model("community/owl", official=False)(other)
        monkeypatch.setenv("REPLICATE_API_TOKEN", running.api_token)
        monkeypatch.setenv("REPLICATE_BASE_URL", running.base_url)
        yield running


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "--out", str(folder)])


def imported(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(folder.parent))
    for name in [name for name in sys.modules if name.partition(".")[0] == folder.name]:
        monkeypatch.delitem(sys.modules, name)
    importlib.invalidate_caches()
    return importlib.import_module(folder.name)


def test_added_models_are_functions_of_a_package(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "src" / "added_models"
    result = run(folder, "add", "owner/red-fox", "community/owl", "second/red-fox")
    assert result.exit_code == 0, result.output
    package = imported(folder, monkeypatch)

    assert sorted(package.__all__) == ["owl", "red_fox", "second_red_fox"]
    with Replicate(sandbox.api_token, sandbox.base_url) as client, set_default_client(client):
        assert package.red_fox(prompt="a", size="large") == "a large 1"
        assert client.run(package.owl, {"text": "x"}, timeout=60) == ["x"]
        with pytest.raises(InvalidInputError, match="did you mean prompt"):
            package.red_fox(promt="a")
    module = importlib.import_module("added_models.red_fox")
    assert module.REFERENCE == "owner/red-fox"
    assert module.SCHEMA_HASH.startswith("sha256:")
    assert module.Input.__annotations__.keys() == {"prompt", "size", "steps"}
    owl = importlib.import_module("added_models.owl")
    assert f"community/owl:{owl.VERSION}" == owl.REFERENCE


def test_a_check_names_changes_and_fails_on_breaking_ones(sandbox: Sandbox, tmp_path: Path) -> None:
    folder = tmp_path / "checked_models"
    run(folder, "add", "owner/red-fox", "community/owl")
    unchanged = run(folder, "check")
    sandbox.model("owner/red-fox")(newer)
    changed = run(folder, "check")
    only_owl = run(folder, "check", "community/owl")

    assert (unchanged.exit_code, changed.exit_code, only_owl.exit_code) == (0, 1, 0)
    assert "no changes" in unchanged.output
    assert "breaking    input seed: added, required" in changed.output
    assert "breaking    input size: values removed: 'large'" in changed.output
    assert "compatible  input steps: maximum changed from 4 to None" in changed.output


def test_an_update_writes_the_latest_versions(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "updated_models"
    run(folder, "add", "owner/red-fox")
    sandbox.model("owner/red-fox")(newer)

    assert run(folder, "update", "red_fox").exit_code == 0
    assert run(folder, "check").exit_code == 0
    assert "seed" in imported(folder, monkeypatch).red_fox.signature.parameters


@pytest.mark.usefixtures("sandbox")
def test_removed_models_are_gone(tmp_path: Path) -> None:
    folder = tmp_path / "removed_models"
    run(folder, "add", "owner/red-fox", "community/owl")

    assert run(folder, "remove", "owl").exit_code == 0
    assert sorted(path.name for path in folder.iterdir()) == [
        "__init__.py",
        "red_fox.json",
        "red_fox.py",
    ]
    assert "owl" not in (folder / "__init__.py").read_text()


@pytest.mark.usefixtures("sandbox")
def test_files_of_others_are_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "__init__.py").write_text("mine = 1\n")

    result = run(tmp_path, "add", "owner/red-fox")

    assert result.exit_code == 3
    assert (tmp_path / "__init__.py").read_text() == "mine = 1\n"


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize("model", ["owner/none", "not a reference", "deployments/a/b"])
def test_a_model_that_cannot_be_fetched_exits_with_3(tmp_path: Path, model: str) -> None:
    result = run(tmp_path / "p", "add", model)

    assert result.exit_code == 3
    assert model in result.output


@pytest.mark.usefixtures("sandbox")
def test_an_unknown_module_is_a_wrong_argument(tmp_path: Path) -> None:
    assert run(tmp_path, "check", "nothing").exit_code == 2


def test_the_command_and_the_module_are_the_same() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "replicate_ext", "types", "--help"],
        capture_output=True,
        text=True,
        check=True,
    )

    for name in ("add", "update", "check", "remove"):
        assert name in done.stdout


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("flux-schnell", "flux_schnell"),
        ("4x-upscaler", "model_4x_upscaler"),
        ("class", "model_class"),
    ],
)
def test_names_of_modules_are_identifiers(name: str, expected: str) -> None:
    assert identifier(name) == expected


def schema(output: Any = None, required: list[str] | None = None, **inputs: Any) -> ModelSchema:
    model_input = {"properties": inputs, "required": required or []}
    return ModelSchema.of({"components": {"schemas": {"Input": model_input, "Output": output}}})


TEXT, NUMBER, WHOLE = {"type": "string"}, {"type": "number"}, {"type": "integer"}
FILE = {"type": "string", "format": "uri"}


def an_object(**members: Any) -> dict[str, Any]:
    return {"type": "object", "properties": members, "required": [*members][:1]}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (schema(a=TEXT), schema(), "breaking input a: removed"),
        (schema(), schema(a=TEXT), "compatible input a: added, optional"),
        (schema(a=TEXT), schema(required=["a"], a=TEXT), "breaking input a: becomes required"),
        (schema(required=["a"], a=TEXT), schema(a=TEXT), "compatible input a: no longer required"),
        (schema(a=WHOLE), schema(a=NUMBER), "compatible input a: type changed from int to float"),
        (schema(a=NUMBER), schema(a=WHOLE), "breaking input a: type changed from float to int"),
        (schema(a=TEXT), schema(a=FILE), "breaking input a: type changed from str to file"),
        (
            schema(a={**WHOLE, "default": 1}),
            schema(a={**WHOLE, "default": 2}),
            "breaking input a: default changed from 1 to 2",
        ),
        (
            schema(a=WHOLE),
            schema(a={**WHOLE, "maximum": 3}),
            "breaking input a: maximum changed from None to 3",
        ),
        (
            schema(a={**TEXT, "enum": ["x"]}),
            schema(a={**TEXT, "enum": ["x", "y"]}),
            "compatible input a: values added: 'y'",
        ),
        (schema(TEXT), schema(FILE), "breaking output: type changed from str to file"),
        (schema({}), schema(FILE), "compatible output: type changed from Any to file"),
        (schema(an_object(a=TEXT)), schema(an_object()), "breaking output.a: removed"),
        (
            schema(an_object(a=TEXT)),
            schema(an_object(a=TEXT, b=TEXT)),
            "compatible output.b: added",
        ),
        (
            schema({"type": "array", "items": TEXT}),
            schema({"type": "array", "items": FILE}),
            "breaking output[]: type changed from str to file",
        ),
    ],
)
def test_changes_follow_the_rules(old: ModelSchema, new: ModelSchema, expected: str) -> None:
    assert [" ".join(str(one).split()) for one in changes(old, new)] == [expected]
    assert changes(new, new) == []


def test_only_the_parts_of_inputs_and_outputs_are_kept() -> None:
    reference = {"allOf": [{"$ref": "#/components/schemas/size"}]}
    parts = {"Input": {"properties": {"size": reference}}, "size": TEXT, "Status": TEXT}

    kept = needed({"openapi": "3.0.2", "components": {"schemas": parts}})

    assert json.dumps(kept, sort_keys=True) == json.dumps(
        {"components": {"schemas": {"Input": parts["Input"], "size": TEXT}}}, sort_keys=True
    )
