"""Print the lowest versions of the dependencies that pyproject.toml allows."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

PROJECT = Path(__file__).parents[2] / "pyproject.toml"


def lowest(requirement: str) -> str:
    """Return the requirement of the lowest version: ``a==1`` for ``a>=1,<2``."""
    found = re.fullmatch(r"([\w.-]+)>=([\d.]+)(?:,.*)?", requirement)
    if not found:
        raise ValueError(f"{requirement!r} has no lowest version; write it as name>=version")
    return f"{found[1]}=={found[2]}"


def requirements() -> list[str]:
    """Return the requirements of the base install, each at its lowest version."""
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    return [lowest(each) for each in project["dependencies"]]


if __name__ == "__main__":
    print(*requirements())  # noqa: T201 - a command of the Makefile
