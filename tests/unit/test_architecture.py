"""The drawings in docs/architecture.md, compared with the imports of the modules."""

from __future__ import annotations

import re
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ["replicate_ext", "replicate_ext.sandbox"]
"""The packages that are drawn, in the order of the drawings."""

_DRAWING = re.compile(r"```mermaid\n(.*?)```", re.DOTALL)

_NODE = re.compile(r'(\w+)\["?([\w, ]+)"?\]')
_ARROW = re.compile(r"^\s*(\w+)\S*.*?--> (\w+)", re.MULTILINE)


def drawn(package: str) -> tuple[dict[str, list[str]], set[tuple[str, str]]]:
    """Return the modules of each box, and the arrows between boxes."""
    drawings = _DRAWING.findall((ROOT / "docs" / "architecture.md").read_text("utf-8"))
    text = drawings[PACKAGES.index(package)]
    boxes = {
        name: [module_of(package, part.strip()) for part in label.split(",")]
        for name, label in _NODE.findall(text)
    }
    return boxes, set(_ARROW.findall(text))


def module_of(package: str, name: str) -> str:
    return name if name == "replicate_api" else f"{package}.{name}"


def imported(package: str) -> set[tuple[str, str]]:
    """Return the pairs of boxes of which the first imports the second, types aside."""
    boxes, _ = drawn(package)
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


@pytest.mark.parametrize("package", PACKAGES)
def test_every_import_between_rooms_follows_the_arrows(package: str) -> None:
    _, arrows = drawn(package)

    against = {pair for pair in imported(package) if pair[1] not in reachable(arrows, pair[0])}

    assert against == set()


@pytest.mark.parametrize("package", PACKAGES)
def test_every_arrow_is_an_import(package: str) -> None:
    _, arrows = drawn(package)

    assert arrows <= imported(package)


@pytest.mark.parametrize("package", PACKAGES)
def test_the_drawing_has_every_room(package: str) -> None:
    boxes, _ = drawn(package)
    folder = ROOT.joinpath(*package.split("."))
    rooms = {f"{package}.{path.parent.name}" for path in folder.glob("_*/__init__.py")}

    assert rooms <= {name for names in boxes.values() for name in names}
