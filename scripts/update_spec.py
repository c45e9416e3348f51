"""Turn a published OpenAPI document into openapi.yaml, and say what changed.

Run by `make update-spec SPEC=path-or-URL`. What is compared is the published layer alone (kept in
scripts/apispec/data/published.yaml), so that nothing the overlays add can hide a change.
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
# The API as this project understands it: the published facts and the overlays in
# scripts/apispec/data. Written by `make update-spec`; `make generate` reads it.
"""


def main() -> int:
    """Update the project's files from the document that the command line names."""
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
    """Return what reads the command line."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("source", help="path or URL of a published OpenAPI document")
    options.add_argument(
        "--markdown",
        type=Path,
        metavar="PATH",
        help="also write what changed as Markdown, for the description of a pull request",
    )
    options.add_argument(
        "--fail-on",
        choices=["breaking"],
        help="exit with 1 if there is such a change; all files are written even so, so that a "
        "pull request can show them",
    )
    return options


def update(
    published: document.Document,
    data: Path = DATA,
    spec: Path = SPEC,
    markdown: Path | None = None,
) -> list[Change]:
    """Write the published layer and openapi.yaml, and print and return what changed.

    Args:
        published: A published OpenAPI document.
        data: The directory of the tables and overlays, and of the published layer.
        spec: The file to write the document to.
        markdown: The file to write what changed to, if it is wanted.

    Raises:
        ValueError: The document is not an OpenAPI document; nothing is written.
    """
    facts = normalize(published, _load(data / "names.yaml"))
    known = data / "published.yaml"
    found = changes(_load(known) if known.exists() else {"paths": {}}, facts)
    corrected, notes = build(facts, data)
    print("\n".join([as_text(found), *notes]))
    if markdown:
        # Before the other files: once they are written, another run finds nothing to report.
        markdown.write_text(as_markdown(found, notes), encoding="utf-8", newline="\n")
    document.write(known, facts, _PUBLISHED_HEADER)
    document.write(spec, corrected, _SPEC_HEADER)
    return found


def build(facts: document.Document, data: Path = DATA) -> tuple[document.Document, list[str]]:
    """Return the document with our overlays applied, and what did not fit.

    Args:
        facts: The published layer.
        data: The directory of the overlays.
    """
    notes = []
    for name in OVERLAYS:
        facts, without_target = overlay.apply(facts, _load(data / name))
        notes += [f"{name}: nothing to change for: {action}" for action in without_target]
    corrected, missing = settle(facts)
    notes += [
        f"The overlays refer to {name}, which this document does not have: left untyped"
        for name in missing
    ]
    return corrected, notes


def _load(path: Path) -> document.Document:
    loaded: document.Document = yaml.safe_load(path.read_text(encoding="utf-8"))
    return loaded


if __name__ == "__main__":
    sys.exit(main())
