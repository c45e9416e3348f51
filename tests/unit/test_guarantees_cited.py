"""Each guarantee in docs/guarantees.md has a number that a test cites."""

from __future__ import annotations

import re
from pathlib import Path

from support.bodies import ROOT

GUARANTEES = ROOT / "docs" / "guarantees.md"
NUMBERS = re.findall(r"^\*\*(\d+)\. ", GUARANTEES.read_text(encoding="utf-8"), re.MULTILINE)
CITED = re.compile(r"\bguarantees? ((?:\d+(?:, | and | to )?)+)", re.IGNORECASE)


def citations(text: str) -> set[str]:
    """Return the numbers that a text cites, as in ``guarantees 1 to 3, 5 and 7``."""
    found: set[int] = set()
    for cited in CITED.findall(text):
        for first, last in re.findall(r"(\d+)(?: to (\d+))?", cited):
            found.update(range(int(first), int(last or first) + 1))
    return {str(number) for number in found}


def test_citations_are_read() -> None:
    assert citations("Guarantee 3. guarantees 5 to 7, 9 and 12: no 40") == set(
        "3 5 6 7 9 12".split()  # noqa: SIM905 - easier to compare with the text
    )


def test_guarantees_are_numbered_in_order() -> None:
    assert [str(number) for number in range(1, len(NUMBERS) + 1)] == NUMBERS
    assert len(NUMBERS) >= 20


def test_every_guarantee_is_cited_by_a_test() -> None:
    tests = [path for path in (ROOT / "tests").rglob("test_*.py") if path != Path(__file__)]
    cited = set().union(*(citations(path.read_text(encoding="utf-8")) for path in tests))
    assert set(NUMBERS) - cited == set()


def test_only_guarantees_that_exist_are_cited() -> None:
    folders = ("tests", "replicate_ext", "scripts", "examples")
    code = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    documents = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
    for path in {*code, *documents} - {Path(__file__)}:
        assert citations(path.read_text(encoding="utf-8")) <= set(NUMBERS), path
