"""``make release`` in a repository of its own."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
from pathlib import Path

import pytest
from support.bodies import ROOT
from support.checkouts import ENVIRONMENT, checkout, git

from replicate_ext._version import __version__

pytestmark = pytest.mark.skipif(
    not (ROOT / ".git").exists(), reason="the files of the project are those that git has"
)
VERSION = "77.1.0"
CHANGES = "## [Unreleased]\n\n### Added\n\n- A thing.\n\n## [0.0.1] - 2026-01-01\n\n- The first.\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    project = checkout(tmp_path)
    makefile = project / "Makefile"
    text = makefile.read_text(encoding="utf-8")
    # The checks would run this test too.
    makefile.write_text(text.replace("check: lint drift docs test", "check:"), encoding="utf-8")
    commit(project, CHANGES)
    return project


def commit(project: Path, changes: str) -> None:
    """Commit a changelog."""
    (project / "CHANGELOG.md").write_text(changes, encoding="utf-8")
    git(project, "commit", "--quiet", "--all", "--message", "Changes")


def release(project: Path, version: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "release", f"VERSION={version}"],  # noqa: S607 - make of the user
        cwd=project,
        env={**os.environ, **ENVIRONMENT},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_release_is_a_commit_a_tag_and_files(project: Path) -> None:
    done = release(project, VERSION)

    assert done.returncode == 0, done.stderr
    assert git(project, "status", "--porcelain") == ""
    assert git(project, "cat-file", "-t", f"v{VERSION}") == "tag\n"
    assert git(project, "log", "-1", "--format=%s %D") == (
        f"Release {VERSION} HEAD -> main, tag: v{VERSION}\n"
    )
    today = dt.datetime.now(dt.UTC).date()
    assert (project / "CHANGELOG.md").read_text(encoding="utf-8") == CHANGES.replace(
        "## [Unreleased]\n", f"## [Unreleased]\n\n## [{VERSION}] - {today}\n"
    )
    assert {path.name for path in (project / "dist").iterdir()} == {
        f"replicate_ext-{VERSION}-py3-none-any.whl",
        f"replicate_ext-{VERSION}.tar.gz",
    }


@pytest.mark.parametrize(
    ("version", "message"),
    [
        ("", "invalid version '': expected a version such as 1.2.3"),
        ("v1.2.3", "invalid version 'v1.2.3': expected a version such as 1.2.3"),
        ("0.0.1", f"0.0.1 is lower than the current version, {__version__}"),
        ("88.0.0", "the tag v88.0.0 exists: choose another version"),
        (VERSION, "there are uncommitted changes: commit or stash them first"),
        ("99.0.0", 'CHANGELOG.md has no changes under "Unreleased"'),
    ],
)
def test_a_release_that_cannot_be_made_changes_nothing(
    project: Path, version: str, message: str
) -> None:
    git(project, "tag", "v88.0.0")
    if version == VERSION:
        (project / "new.txt").touch()
    if version == "99.0.0":
        commit(project, "## [Unreleased]\n\n## [0.0.1] - 2026-01-01\n\n- The first.\n")
    before = git(project, "rev-parse", "HEAD")

    done = release(project, version)

    assert done.stderr.splitlines()[0] == message
    assert "make check" not in done.stdout  # it takes minutes
    assert git(project, "rev-parse", "HEAD") == before
    assert git(project, "status", "--porcelain", "--untracked-files=no") == ""
