"""Check the typed functions with the schemas of many public models.

Every schema of a folder becomes a module. All modules are imported and checked by mypy --strict and
pyright strict, and the example of each model is checked against its schema. The script prints the
table of docs/typed-models.md, and fails if a module does not pass or a valid example is rejected.

    python scripts/check_public_schemas.py FOLDER [--limit N]

Each file of the folder is JSON with ``owner``, ``name``, ``version``, ``openapi_schema`` and, if
there is one, ``default_example``.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import jsonschema

from replicate_ext._schemas.check import check
from replicate_ext._schemas.model import ModelSchema
from replicate_ext.cli.types.module import Facts, module_of
from replicate_ext.cli.types.package import identifier

ROOT = Path(__file__).resolve().parent.parent
_BATCH = 500
"""Modules in one run of a type checker."""


def main() -> int:
    """Check all schemas, and return an exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, help="folder with the schemas")
    parser.add_argument("--limit", type=int, default=None, help="only the first N schemas")
    options = parser.parse_args()
    models = [json.loads(path.read_text("utf-8")) for path in sorted(options.folder.glob("*.json"))]
    models = models[: options.limit]
    refused = print_table(models)
    with TemporaryDirectory() as folder:
        failed = write(models, Path(folder))
        failed += sum(map(type_check, batches(Path(folder))))
    print(f"{len(models)} models, {failed} failures, {refused} valid examples refused")
    return 1 if failed or refused else 0


def print_table(models: list[dict[str, Any]]) -> int:
    """Print how many examples are accepted, and return how many valid ones are refused."""
    counts = Counter(map(outcome_of, models))
    print("| example | made by | outcome | number |\n|---|---|---|---|")
    for (validity, by, outcome), number in counts.most_common():
        print(f"| {validity} | {by} | {outcome} | {number} |")
    return sum(
        number
        for (validity, by, outcome), number in counts.items()
        if validity == "valid" and by == "this version" and outcome.startswith("refused")
    )


def outcome_of(model: dict[str, Any]) -> tuple[str, str, str]:
    """Return whether an example is valid, which version it is from, and the result of the check."""
    example = model.get("default_example") or {}
    given, schema = example.get("input"), model["openapi_schema"]
    if not isinstance(given, dict) or "Input" not in schema["components"]["schemas"]:
        return "none", "-", "-"
    validator = jsonschema.Draft7Validator({**schema, "$ref": "#/components/schemas/Input"})
    validity = "valid" if validator.is_valid(given) else "invalid"
    by = "this version" if example.get("version") == model["version"] else "another version"
    checked = check(ModelSchema.of(schema).inputs, given)
    if checked.invalid:
        reasons = ", ".join(sorted({one.type for one in checked.invalid}))
        return validity, by, f"refused: {reasons}"
    return validity, by, "accepted" if checked.input == given else "converted"


def write(models: list[dict[str, Any]], folder: Path) -> int:
    """Write and import a module for each model; return how many fail."""
    failed = 0
    sys.path.insert(0, str(folder))
    for number, model in enumerate(models):
        name = f"{identifier(model['name'])}_{number}"
        facts = Facts(name, f"{model['owner']}/{model['name']}", model["version"], "", "")
        try:
            text = module_of(facts, ModelSchema.of(model["openapi_schema"]))
            path = folder / f"{name}.py"
            path.write_text(text, "utf-8")
            importlib.import_module(name)
        except Exception as error:  # noqa: BLE001 - the script lists all failures
            failed += 1
            print(f"{model['owner']}/{model['name']}: {type(error).__name__}: {error}")
    return failed


def batches(folder: Path) -> list[list[Path]]:
    """Return the modules of a folder in groups."""
    paths = sorted(folder.glob("*.py"))
    return [paths[start : start + _BATCH] for start in range(0, len(paths), _BATCH)]


def type_check(paths: list[Path]) -> int:
    """Check modules with mypy and pyright, and return how many of these two checkers fail."""
    return mypy(paths) + pyright(paths)


def mypy(paths: list[Path]) -> int:
    """Check modules with ``mypy --strict``, and return its exit status."""
    options = [
        "--strict",
        "--python-version",
        "3.11",
        "--config-file=pyproject.toml",
        "--no-error-summary",
    ]
    environment = {**os.environ, "MYPYPATH": str(ROOT / "generated")}
    return run("mypy", *options, *map(str, paths), env=environment)


def pyright(paths: list[Path]) -> int:
    """Check modules with pyright in strict mode, and return its exit status."""
    settings = paths[0].parent / "pyrightconfig.json"
    folders = [str(ROOT), str(ROOT / "generated")]
    checks = {"extraPaths": folders, "typeCheckingMode": "strict", "pythonVersion": "3.11"}
    settings.write_text(json.dumps({**checks, "include": [path.name for path in paths]}))
    return run("pyright", "-p", str(settings), "--pythonpath", sys.executable)


def run(module: str, *arguments: str, env: dict[str, str] | None = None) -> int:
    """Run a module of the environment in the root of the project, and return its exit status."""
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.run(command, cwd=ROOT, env=env, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
