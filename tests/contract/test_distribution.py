"""The wheel and the source distribution."""

from __future__ import annotations

import os
import subprocess
import tarfile
from pathlib import Path

import pytest
from support.bodies import ROOT
from support.checkouts import checkout, git, names

pytestmark = pytest.mark.skipif(
    not (ROOT / ".git").exists(), reason="the files of the project are those that git has"
)


def built(folder: Path, *, umask: int) -> dict[str, bytes]:
    """Run ``make dist``, and return its files."""
    environment = {name: each for name, each in os.environ.items() if name != "SOURCE_DATE_EPOCH"}
    subprocess.run(
        ["make", "dist"],  # noqa: S607 - make of the user
        cwd=folder,
        env=environment,
        check=True,
        stdout=subprocess.DEVNULL,
        umask=umask,
    )
    return {path.name: path.read_bytes() for path in (folder / "dist").iterdir()}


def test_a_commit_is_always_built_to_the_same_bytes(tmp_path: Path) -> None:
    first, second = (checkout(tmp_path / name) for name in ("first", "second"))
    for path in second.rglob("*.py"):
        os.utime(path, (0, 0))

    files = built(first, umask=0o022)

    assert files == built(second, umask=0o077)
    source = next(name for name in files if name.endswith(".tar.gz"))
    with tarfile.open(first / "dist" / source) as archive:
        members = archive.getmembers()
    committed = int(git(first, "log", "-1", "--format=%ct"))
    assert {member.mtime for member in members} == {committed}
    inside = {member.name.partition("/")[2] for member in members if member.isfile()}
    assert inside == {"PKG-INFO", *names()}
