"""Turn a published OpenAPI document into openapi.yaml, and say what changed.

Run by `make update-spec SPEC=path-or-URL`. What is compared is the published layer alone (kept in
scripts/apispec/data/published.yaml), so that nothing the overlays add can hide a change.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import httpx
import yaml
from apispec import document, overlay
from apispec.changes import changes, report
from apispec.normalise import normalise
from apispec.references import settle

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "scripts" / "apispec" / "data"
SPEC = ROOT / "openapi.yaml"
OVERLAYS = ("corrections.yaml", "descriptions.yaml")

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
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("source", help="path or URL of a published OpenAPI document")
    source = parser.parse_args().source
    try:
        published = document.read(source)
    except (OSError, ValueError, httpx.HTTPError) as error:
        print(f"Cannot read {source}: {error}", file=sys.stderr)
        return 1
    update(published)
    return 0


def update(published: document.Document, data: Path = DATA, spec: Path = SPEC) -> None:
    """Write the published layer and openapi.yaml, and print what changed.

    Args:
        published: A published OpenAPI document.
        data: The directory of the tables and overlays, and of the published layer.
        spec: The file to write the document to.
    """
    facts = normalise(published, _load(data / "names.yaml"))
    known = data / "published.yaml"
    print(report(changes(_load(known), facts)) if known.exists() else "First document.")
    corrected, notes = build(facts, data)
    for note in notes:
        print(note)
    document.write(known, facts, _PUBLISHED_HEADER)
    document.write(spec, corrected, _SPEC_HEADER)


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
