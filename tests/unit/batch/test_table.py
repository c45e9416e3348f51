"""Each guarantee in docs/batch.md names a test that exists."""

from __future__ import annotations

import re

from support.blocks import ROOT

ROW = re.compile(r"^\|(?!---| event )[^|]+\|[^|]+\|([^|]+)\|$", re.MULTILINE)
LINK = re.compile(r"\[`(test_\w+)`\]\(\.\./([\w/.]+)\)")


def test_each_guarantee_names_a_test() -> None:
    text = (ROOT / "docs" / "batch.md").read_text(encoding="utf-8")
    rows = ROW.findall(text)

    assert len(rows) >= 15
    for row in rows:
        links = LINK.findall(row)
        assert links, row
        for name, path in links:
            assert f"def {name}(" in (ROOT / path).read_text(encoding="utf-8")
