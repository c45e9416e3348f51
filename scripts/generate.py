"""Write generated/replicate_api from openapi.yaml.

Run by `make generate`. `make drift` runs it with `--check`, which writes nothing and fails if the
package differs from openapi.yaml.
"""

from __future__ import annotations

import argparse
import contextlib
import difflib
import io
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import openapi_python_client
from apispec import document
from apispec.clashes import require_distinct
from apispec.limits import base_url
from apispec.prepare import QUERY_STAND_IN, attributes_of, module_of, prepare
from openapi_python_client.config import Config, ConfigFile, MetaType
from runtime.base_url import DEFAULT_BASE_URL

if TYPE_CHECKING:
    from openapi_python_client.parser.errors import GeneratorError

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "replicate_api"
TEMPLATES = ROOT / "scripts" / "templates"
RUNTIME = ROOT / "scripts" / "runtime"

BOUND = ("Prediction", "Training")
"""Models with methods: resources return the classes of replicate_ext that extend these models."""

DOCUMENT = "openapi.json"
"""The document in the package, for code that validates requests and responses."""

_API_DOC = '"""Endpoint functions: a package for each group of operations."""\n'
_BASE_URL_DOC = '"""Base URL of the API: the first server of the document."""\n'
_TAG_DOC = '"""Endpoint functions of `{tag}`: a module for each operation."""\n'
_COPIED = "# Copied from {source} by `make generate`; changes made here are lost.\n"
_RESOURCES_DOC = '"""Resources of the API: classes with a method for each operation."""\n'

# Methods whose requests are safe to repeat, unless the document says otherwise.
_REPEATABLE_METHODS = ("delete", "get", "head", "options", "put", "query")
# Unused imports, empty blocks and the order of imports; none of these rules changes logic.
_RUFF_RULES = "F401,I001,PIE790,TC005"
_RUFF_OPTIONS = (
    *("--config", "format.skip-magic-trailing-comma=true"),
    *("--config", "lint.isort.split-on-trailing-comma=false"),
)


def main() -> int:
    """Generate the package, or compare it with the existing one."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--spec", type=Path, default=ROOT / "openapi.yaml")
    parser.add_argument("--out", type=Path, default=ROOT / "generated")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; fail if the package differs"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        try:
            made = generate(options.spec, Path(scratch))
        except GenerationError as error:
            print(error, file=sys.stderr)
            return 1
        committed = options.out / PACKAGE
        if options.check:
            differences = compare(made, committed)
            print("\n".join(differences) or f"{PACKAGE} matches {options.spec.name}")
            return 1 if differences else 0
        shutil.rmtree(committed, ignore_errors=True)
        shutil.copytree(made, committed)
    return 0


class GenerationError(Exception):
    """The package could not be generated."""


def generate(spec: Path, scratch: Path) -> Path:
    """Generate the package in a scratch directory and return its path.

    Args:
        spec: The OpenAPI document to generate from.
        scratch: An empty directory for the package and intermediate files.

    Raises:
        GenerationError: The document is not supported, the generator gave a warning, or an
            operation has no module.
    """
    prepared, package, templates = (
        scratch / name for name in ("prepared.json", PACKAGE, "templates")
    )
    try:
        loaded = document.parse(spec.read_text(encoding="utf-8"))
        prepared.write_text(json.dumps(prepare(loaded)), encoding="utf-8")
        require_distinct(loaded, _imported())
    except ValueError as error:
        raise GenerationError(str(error)) from error
    shutil.copytree(TEMPLATES, templates)
    (templates / "facts.jinja").write_text(
        "".join(
            f"{{% set {name} = {json.dumps(fact)} %}}\n" for name, fact in facts(loaded).items()
        ),
        encoding="utf-8",
    )
    _generate(loaded, prepared, package, templates)
    _place_resources(package)
    _tidy(package)
    _copy_runtime(loaded, package)
    _require_modules(loaded, package)
    _write(package / DOCUMENT, json.dumps(loaded, indent=1, sort_keys=True) + "\n")
    return package


def facts(spec: document.Document) -> dict[str, object]:
    """Return facts of a document that the templates need and the generator does not pass on.

    Args:
        spec: The document to generate from.
    """
    operations = [
        (".".join(attributes_of(operation["operationId"])), method, operation)
        for method, _, operation in document.calls(spec)
    ]
    handwritten = [name for name, _, operation in operations if operation.get("x-handwritten")]
    repeatable = [
        name
        for name, method, operation in operations
        if operation.get("x-repeatable", method in _REPEATABLE_METHODS)
    ]
    return {"bound": BOUND, "handwritten": sorted(handwritten), "repeatable": sorted(repeatable)}


def _generate(spec: document.Document, prepared: Path, package: Path, templates: Path) -> None:
    config = Config.from_sources(
        ConfigFile(
            package_name_override=PACKAGE,
            literal_enums=True,
            post_hooks=[],
            # The generator does not support text/plain.
            content_type_overrides={"text/plain": "application/octet-stream"},
        ),
        meta_type=MetaType.NONE,
        document_source=prepared,
        file_encoding="utf-8",
        overwrite=False,
        output_path=package,
    )
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            errors = openapi_python_client.generate(config=config, custom_template_path=templates)
    except Exception as error:
        raise GenerationError(f"The generator failed: {type(error).__name__}: {error}") from error
    if errors:
        raise GenerationError("; ".join(_message(error, spec) for error in errors))


def _message(error: GeneratorError, spec: document.Document) -> str:
    """A message of the generator on one line, with operation ids in place of methods and paths."""
    # The generator writes some names as the repr of an object.
    text = re.sub(r"<\S+ object at \w+>", "", f"{error.header} {error.detail or ''}")
    text = " ".join(text.split())
    for method, path, operation in document.calls(spec):
        called = (QUERY_STAND_IN if method == "query" else method).upper()
        place = f"WARNING parsing {called} {path} within"
        text = text.replace(place, f"{operation['operationId']}: in")
    return text


def _imported() -> set[str]:
    """The names that modules import, besides schemas."""
    names = ("api_init", "endpoint_init", "endpoint_module", "model")
    sources = [(TEMPLATES / f"{name}.py.jinja").read_text(encoding="utf-8") for name in names]
    lines = re.findall(r"^ *from [\w.]+ import (.+)$", "\n".join(sources), re.MULTILINE)
    return {name for line in lines for name in line.split(", ")}


def _place_resources(package: Path) -> None:
    """Move the classes of resources to a package of their own.

    The generator can write them only into the ``__init__`` of each group of operations, which every
    endpoint module of the group imports.
    """
    header = _header()
    api, resources = package / "api", package / "resources"
    resources.mkdir()
    _write(resources / "__init__.py", header + _RESOURCES_DOC)
    for init in (api / "__init__.py", *api.glob("*/__init__.py")):
        init.rename(resources / f"{init.parent.name}.py")
        tag = init.parent.name
        _write(init, header + (_API_DOC if init.parent == api else _TAG_DOC.format(tag=tag)))


def _tidy(package: Path) -> None:
    """Delete empty modules, such as those of objects without fields, and format the others."""
    for module in package.rglob("*.py"):
        if not module.read_text(encoding="utf-8").strip():
            module.unlink()
    (package / "py.typed").touch()
    style = ("--isolated", "--quiet", "--line-length", "100", "--target-version", "py311")
    for action in (("check", "--fix", "--select", _RUFF_RULES), ("format",)):
        _run("-m", "ruff", *action, *style, *_RUFF_OPTIONS, package)


def _copy_runtime(spec: document.Document, package: Path) -> None:
    """Copy the modules that do not depend on the document, and write the base URL, which does."""
    for source in RUNTIME.glob("[!_]*.py"):
        header = _COPIED.format(source=source.relative_to(ROOT).as_posix())
        _write(package / source.name, header + source.read_text(encoding="utf-8"))
    url = json.dumps(base_url(spec) or DEFAULT_BASE_URL)
    _write(package / "base_url.py", _header() + _BASE_URL_DOC + f"\nDEFAULT_BASE_URL = {url}\n")


def _header() -> str:
    return (TEMPLATES / "header.jinja").read_text(encoding="utf-8")


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _require_modules(spec: document.Document, package: Path) -> None:
    for operation_id in document.operations(spec):
        tag, module = module_of(operation_id)
        # The generator adds an underscore to names of builtins, such as list.
        files = [package / "api" / tag / f"{module}{end}.py" for end in ("", "_")]
        if not any(file.exists() for file in files):
            raise GenerationError(f"The generator created no module for {operation_id}")


def _run(*arguments: str | Path) -> None:
    done = subprocess.run(
        [sys.executable, *map(str, arguments)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise GenerationError(done.stdout + done.stderr)


def compare(made: Path, committed: Path) -> list[str]:
    """Return the differences between two packages as lines of a unified diff.

    Args:
        made: The expected package.
        committed: The existing package.
    """
    differences: list[str] = []
    names = {path.relative_to(made) for path in made.rglob("*") if path.is_file()} | {
        path.relative_to(committed)
        for path in committed.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    for name in sorted(names):
        old, new = (
            path.read_text(encoding="utf-8").splitlines() if path.exists() else None
            for path in (committed / name, made / name)
        )
        if old is None or new is None:
            differences.append(f"{name}: {'missing' if old is None else 'unexpected'}")
        else:
            differences += difflib.unified_diff(
                old, new, f"committed/{name}", f"made/{name}", lineterm="", n=1
            )
    return differences


if __name__ == "__main__":
    sys.exit(main())
