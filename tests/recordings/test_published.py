"""Every available published document generates a package that can be imported."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import generate
import pytest
import update_spec
from apispec import document
from support.bodies import ROOT
from support.places import real

KNOWN = update_spec.DATA / "published.yaml"
"""The facts of the document that this project follows."""
LATEST = "published-2026-03-16.json"
IMPORT_ALL = """
import importlib, json, pkgutil, replicate_api, replicate_api.models as models
found = pkgutil.walk_packages(replicate_api.__path__, "replicate_api.")
modules = [importlib.import_module(module.name) for module in found]
print(json.dumps([replicate_api.__file__, [m.__name__ for m in modules if hasattr(m, "sync")]]))
all(getattr(models, name) for name in models.__all__)
"""


@pytest.mark.parametrize(
    "source", [KNOWN, *real("specs/published-*.json")], ids=lambda path: path.name
)
def test_a_published_document_generates_a_package(source: Path, tmp_path: Path) -> None:
    shutil.copytree(update_spec.DATA, tmp_path / "data")
    published = document.read(str(source))
    spec = tmp_path / "openapi.yaml"
    update_spec.update(published, tmp_path / "data", spec)
    if source.name in (KNOWN.name, LATEST):
        assert spec.read_bytes() == (ROOT / "openapi.yaml").read_bytes()
    (tmp_path / "package").mkdir()
    package = generate.generate(spec, tmp_path / "package")
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", IMPORT_ALL],
        env={**os.environ, "PYTHONPATH": str(package.parent)},
        capture_output=True,
        check=True,
    )
    imported, modules = json.loads(done.stdout)
    assert imported == str(package / "__init__.py")
    assert len(modules) == len(document.operations(published))
