"""The tutorial in docs/testing.md, step by step: its files, and what pytest prints."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from support.blocks import ROOT

TEXT = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")
STEPS = re.findall(
    r'^```(?:python title="([\w.]+)"|console)\n(.*?)^```$', TEXT, re.MULTILINE | re.DOTALL
)


@pytest.mark.timeout(240)  # each step is a run of pytest
def test_every_step_of_the_tutorial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    (tmp_path / "pytest.ini").write_text("[pytest]\npythonpath = .\nfilterwarnings = error\n")
    runs = 0
    for name, code in STEPS:
        if name:
            (tmp_path / name).write_text(code)
            continue
        command, expected = code.strip().splitlines()
        plugin = ("-p", "replicate_ext.testing.plugin", *shlex.split(command)[2:])
        done = subprocess.run(
            [sys.executable, "-m", *shlex.split(command)[1:2], *plugin],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stdout.strip().splitlines()[-1].startswith(f"{expected} in "), done.stdout
        runs += 1
    assert runs == 6


@pytest.mark.timeout(240)  # a run of mypy, perhaps without its cache
def test_the_files_of_the_tutorial_are_typed(tmp_path: Path) -> None:
    for name, code in STEPS:
        if name:
            (tmp_path / name).write_text(code)
    config = ["--config-file", str(ROOT / "pyproject.toml"), "--strict"]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *config, *sorted(tmp_path.glob("*.py"))],
        cwd=ROOT,
        env={"MYPYPATH": f"{tmp_path}:generated", "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
