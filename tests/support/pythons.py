"""Print an interpreter of each installed Python version that the project supports."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

VERSIONS = ("3.11", "3.12", "3.13", "3.14")
"""Versions that pyproject.toml lists, and the next version."""

_PYENV = Path.home() / ".pyenv" / "versions"


def candidates(version: str) -> Iterator[Path]:
    """Yield possible paths of a version's interpreter: in the PATH, or installed by pyenv."""
    found = shutil.which(f"python{version}")
    if found:
        yield Path(found)
    yield from sorted(_PYENV.glob(f"{version}.*/bin/python{version}"))


def runs(python: Path) -> bool:
    """Return whether an interpreter can be executed; a shim of pyenv may have no version to run."""
    done = subprocess.run([python, "-c", "import venv"], capture_output=True, check=False)
    return done.returncode == 0


def installed() -> list[Path]:
    """Return one interpreter for each installed version."""
    found = (next(filter(runs, candidates(version)), None) for version in VERSIONS)
    return [python for python in found if python]


if __name__ == "__main__":
    print(*installed())  # noqa: T201 - a command of the Makefile
