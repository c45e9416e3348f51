"""Paths of recorded traffic: the project's own, and real traffic if it is available."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.bodies import ROOT

if TYPE_CHECKING:
    from _pytest.mark import ParameterSet

DATA = ROOT / "tests" / "data"
RECORDINGS = Path(os.environ.get("REPLICATE_RECORDINGS", ROOT.parent / "shared" / "recordings"))
"""The folder of real recordings; real streams, schemas and deliveries are in folders next to it."""


def own(pattern: str) -> list[Path]:
    """Return the project's own files that match a pattern such as ``recordings/*.yaml``."""
    return _matching(DATA, pattern)


def real(pattern: str) -> list[Path]:
    """Return the files of real traffic that match a pattern; empty without real traffic."""
    folder, _, rest = pattern.partition("/")
    return _matching(RECORDINGS if folder == "recordings" else RECORDINGS.parent / folder, rest)


def cases(pattern: str) -> list[ParameterSet]:
    """Return own and real files that match, as parameters of a test; at least one is own."""
    found = own(pattern)
    assert found, f"no file in {DATA} matches {pattern}"
    return [
        pytest.param(path, id=f"{source}-{path.name}")
        for source, paths in (("own", found), ("real", real(pattern)))
        for path in paths
    ]


def _matching(folder: Path, pattern: str) -> list[Path]:
    return sorted(path for path in folder.glob(pattern) if path.is_file())
