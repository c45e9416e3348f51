"""Turn a published OpenAPI document into openapi.yaml, and report what changed.

Run by `make update-spec SPEC=path-or-URL`. The new document is compared with the published facts in
scripts/apispec/data/published.yaml, without the overlays, so that no overlay hides a change.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import yaml
from apispec import document, overlay
from apispec.changes import changes
from apispec.normalize import normalize
from apispec.references import settle
from apispec.report import as_markdown, as_text

if TYPE_CHECKING:
    from apispec.changes import Change

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "scripts" / "apispec" / "data"
SPEC = ROOT / "openapi.yaml"
OVERLAYS = ("corrections.yaml", "descriptions.yaml", "field_descriptions.yaml")

_PUBLISHED_HEADER = """\
# The facts of the published document, without its prose. Written by `make update-spec`, which
# compares the next published document with this one.
"""
_SPEC_HEADER = """\
# The published facts with the overlays in scripts/apispec/data. Written by `make update-spec`;
# `make generate` reads it.
"""


def main() -> int:
    """Update the files of the project from a published document."""
    options = parser().parse_args()
    try:
        published = document.read(options.source)
    except (OSError, ValueError, httpx.HTTPError) as error:
        print(f"Cannot read {options.source}: {error}", file=sys.stderr)
        return 1
    try:
        found = update(published, markdown=options.markdown)
    except ValueError as error:
        print(f"Cannot use {options.source}: {error}", file=sys.stderr)
        return 1
    return int(options.fail_on == "breaking" and any(change.breaking for change in found))


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("source", help="path or URL of a published OpenAPI document")
    options.add_argument(
        "--markdown",
        type=Path,
        metavar="PATH",
        help="also write the changes as Markdown, for the description of a pull request",
    )
    options.add_argument(
        "--fail-on",
        choices=["breaking"],
        help="exit with status 1 after such a change; the files are written all the same, so that "
        "a pull request can show them",
    )
    return options


def update(
    published: document.Document,
    data: Path = DATA,
    spec: Path = SPEC,
    markdown: Path | None = None,
) -> list[Change]:
    """Write the published facts and openapi.yaml, and print and return the changes.

    Args:
        published: A published OpenAPI document.
        data: The directory of the overlays, the names and the published facts.
        spec: The file to write openapi.yaml to.
        markdown: The file to write the changes to as Markdown. Default: none.

    Raises:
        ValueError: The document is not valid OpenAPI. Nothing is written.
    """
    facts = normalize(published, _load(data / "names.yaml"))
    known = data / "published.yaml"
    found = changes(_load(known) if known.exists() else {"paths": {}}, facts)
    corrected, notes = build(facts, data)
    print("\n".join([as_text(found), *notes]))
    if markdown:
        # Write this file first: after the others are written, another run finds no changes.
        markdown.write_text(as_markdown(found, notes), encoding="utf-8", newline="\n")
    document.write(known, facts, _PUBLISHED_HEADER)
    document.write(spec, corrected, _SPEC_HEADER)
    return found


def build(facts: document.Document, data: Path = DATA) -> tuple[document.Document, list[str]]:
    """Return the document with the overlays applied, and notes on what is missing.

    Args:
        facts: The published facts.
        data: The directory of the overlays.
    """
    notes = []
    for name in OVERLAYS:
        facts, without_target = overlay.apply(facts, _load(data / name))
        notes += [f"{name}: target not found: {action}" for action in without_target]
    corrected, missing = settle(facts)
    notes += [f"The overlays refer to the missing schema {name}: left untyped" for name in missing]
    return corrected, notes


def _load(path: Path) -> document.Document:
    loaded: document.Document = yaml.safe_load(path.read_text(encoding="utf-8"))
    return loaded


if __name__ == "__main__":
    sys.exit(main())
