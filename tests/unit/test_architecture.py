"""The drawing in docs/architecture.md, held against what the modules import."""

from __future__ import annotations

import re
from pathlib import Path

import grimp

DRAWING = Path(__file__).parents[2] / "docs" / "architecture.md"

_NODE = re.compile(r'(\w+)\["?([\w, ]+)"?\]')
_ARROW = re.compile(r"^\s*(\w+)\S*.*?--> (\w+)", re.MULTILINE)


def drawn() -> tuple[dict[str, list[str]], set[tuple[str, str]]]:
    """The modules of each box, and the arrows between boxes."""
    text = DRAWING.read_text("utf-8").partition("```mermaid")[2].partition("```")[0]
    boxes = {
        name: [module_of(part.strip()) for part in label.split(",")]
        for name, label in _NODE.findall(text)
    }
    return boxes, set(_ARROW.findall(text))


def module_of(name: str) -> str:
    return name if name == "replicate_api" else f"replicate_ext.{name}"


def imported() -> set[tuple[str, str]]:
    """The boxes of which one has a module that imports one of the other, types aside."""
    boxes, _ = drawn()
    graph = grimp.build_graph(
        "replicate_ext", "replicate_api", exclude_type_checking_imports=True, cache_dir=None
    )
    return {
        (importer, target)
        for importer in boxes
        for target in boxes
        if importer != target
        and any(
            graph.direct_import_exists(importer=one, imported=other, as_packages=True)
            for one in boxes[importer]
            for other in boxes[target]
        )
    }


def reachable(arrows: set[tuple[str, str]], start: str) -> set[str]:
    found: set[str] = set()
    edge = {target for source, target in arrows if source == start}
    while edge:
        found |= edge
        edge = {target for source, target in arrows if source in edge} - found
    return found


def test_every_import_between_rooms_follows_the_arrows() -> None:
    _, arrows = drawn()

    against = {pair for pair in imported() if pair[1] not in reachable(arrows, pair[0])}

    assert against == set()


def test_every_arrow_is_an_import() -> None:
    _, arrows = drawn()

    assert arrows <= imported()


def test_the_drawing_has_every_room() -> None:
    boxes, _ = drawn()
    package = Path(__file__).parents[2] / "replicate_ext"
    rooms = {f"replicate_ext.{path.parent.name}" for path in package.glob("_*/__init__.py")}

    assert rooms <= {name for names in boxes.values() for name in names}
