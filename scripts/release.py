"""Write a version and its date into the files of a release.

Run by `make release`, which then commits, builds and tags. With `--check` it writes nothing. It
fails if there are uncommitted changes, if the version exists or is too low, or if the section
"Unreleased" in CHANGELOG.md is empty.
"""

from __future__ import annotations

import argparse
import datetime as dt
import re
import subprocess
from pathlib import Path

from packaging.version import InvalidVersion, Version

ROOT = Path(__file__).resolve().parent.parent
VERSION = ROOT / "replicate_ext" / "_version.py"
CHANGELOG = ROOT / "CHANGELOG.md"

_ASSIGNED = re.compile(r'^__version__ = "(.+)"$', re.MULTILINE)
_UNRELEASED = re.compile(r"^## \[Unreleased\]\n(.*?)(?=^## \[|\Z)", re.MULTILINE | re.DOTALL)


def main() -> None:
    """Check the release, and write the files unless ``--check`` is given."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("version", help="such as 1.2.3")
    parser.add_argument("--check", action="store_true", help="write nothing")
    options = parser.parse_args()
    check(options.version)
    if not options.check:
        write(options.version)


def check(version: str) -> None:
    """Exit with a message if this version cannot be released.

    Args:
        version: The new version.
    """
    try:
        normal = str(Version(version))
    except InvalidVersion:
        normal = None
    if version != normal:
        raise SystemExit(f"invalid version {version!r}: expected a version such as 1.2.3")
    current = _current()
    if Version(version) < Version(current):
        raise SystemExit(f"{version} is lower than the current version, {current}")
    if _git("tag", "--list", f"v{version}"):
        raise SystemExit(f"the tag v{version} exists: choose another version")
    if _git("status", "--porcelain"):
        raise SystemExit("there are uncommitted changes: commit or stash them first")
    if not _changes().strip():
        raise SystemExit('CHANGELOG.md has no changes under "Unreleased"')


def write(version: str) -> None:
    """Write the version, and put the unreleased changes under the version and the current date.

    Args:
        version: The new version.
    """
    text = VERSION.read_text(encoding="utf-8")
    VERSION.write_text(_ASSIGNED.sub(f'__version__ = "{version}"', text), encoding="utf-8")
    today = dt.datetime.now(dt.UTC).date()
    changes = f"## [Unreleased]\n\n## [{version}] - {today}\n{_changes()}"
    text = CHANGELOG.read_text(encoding="utf-8")
    CHANGELOG.write_text(_UNRELEASED.sub(lambda _: changes, text), encoding="utf-8")


def _current() -> str:
    found = _ASSIGNED.search(VERSION.read_text(encoding="utf-8"))
    if not found:
        raise SystemExit(f"{VERSION.relative_to(ROOT)} has no __version__")
    return found[1]


def _changes() -> str:
    found = _UNRELEASED.search(CHANGELOG.read_text(encoding="utf-8"))
    return found[1] if found else ""


def _git(*arguments: str) -> str:
    command = ["git", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    main()
