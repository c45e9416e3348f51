"""The report of changes as text for a terminal and as Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from apispec.changes import Change
from apispec.report import as_markdown, as_text
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markdown_it.token import Token

FOUND = [
    Change("b.get", "query limit", "removed", breaking=True),
    Change("a.get", "response 200 name", "added, optional", breaking=False, schema="Thing.name"),
    Change("b.get", "response 200 name", "added, optional", breaking=False, schema="Thing.name"),
    Change(
        "b.get", "request state", 'enum value removed: "on"', breaking=True, schema="ThingState"
    ),
    Change("b.get", "query after", "added, optional", breaking=False),
    Change("b.get", "request (text) id", "removed", breaking=True, schema="Thing (object).id"),
    Change("b.get", "request ids[]", "becomes nullable", breaking=False, schema="Thing.ids[]"),
]


def test_the_text_groups_by_operation_and_counts() -> None:
    assert as_text(FOUND).splitlines() == [
        "a.get",
        "  compatible  response 200 name: added, optional",
        "b.get",
        "  compatible  query after: added, optional",
        "  breaking    query limit: removed",
        "  breaking    request (text) id: removed",
        "  compatible  request ids[]: becomes nullable",
        '  breaking    request state: enum value removed: "on"',
        "  compatible  response 200 name: added, optional",
        "3 breaking, 4 compatible",
    ]


def test_the_text_without_changes() -> None:
    assert as_text([]) == "no changes"


def test_markdown_has_breaking_changes_first_and_each_schema_once() -> None:
    notes = ["corrections.yaml: target not found: Ids (`$.paths[*]`)"]
    assert (
        as_markdown(FOUND, notes)
        == """\
## What changed in the API

3 breaking, 4 compatible, counted once for every operation that they affect.

### Breaking

- `Thing`
  - `(object).id`: removed (in `b.get`)
- `ThingState`
  - enum value removed: `"on"` (in `b.get`)
- `b.get`
  - `query limit`: removed

### The overlays no longer fit

- ``corrections.yaml: target not found: Ids (`$.paths[*]`)``

### Compatible

- `Thing`
  - `name`: added, optional (in `a.get`, `b.get`)
  - `ids[]`: becomes nullable (in `b.get`)
- `b.get`
  - `query after`: added, optional
"""
    )


def test_markdown_without_changes() -> None:
    assert as_markdown([], []) == (
        "## What changed in the API\n\n"
        "**No changes** of operations, parameters, fields or values.\n"
    )


def tokens(markdown: str) -> Iterator[Token]:
    for token in MarkdownIt("commonmark").parse(markdown):
        yield from [token, *(token.children or ())]


def structure(markdown: str) -> list[tuple[str, str]]:
    """The rendered structure of the text, without the content of code spans."""
    return [
        (token.type, token.content if token.type == "text" else "") for token in tokens(markdown)
    ]


def reported(text: str) -> str:
    found = [
        Change(text, f"query {text}", f"enum value added: {text}", breaking=True),
        Change("get", "query", f"pattern changed: {text}", breaking=False, schema=f"Thing.a{text}"),
    ]
    return as_markdown(found, [text])


@pytest.mark.parametrize(
    "text",
    [
        "`",
        "``",
        " ",
        "",
        "a`` ` ```",
        "\\`",
        "<img src=x onerror=alert(1)>",
        "`<script>alert(1)</script>`",
        "[click](https://example.test)",
        "# heading\n\n- item\n\n<b>",
        "a\r\n```\nb",
        "@somebody fixes #1",
        "&lt;",
    ],
)
def test_text_of_a_document_is_not_markdown(text: str) -> None:
    assert structure(reported(text)) == structure(reported("plain"))


@given(st.text(alphabet=st.sampled_from("`\\ \n\r\t<>!-[]()*_#&;:.a\u2028\x00\ud800"), max_size=12))
@example("` `")
def test_arbitrary_text_of_a_document_is_not_markdown(text: str) -> None:
    assert structure(reported(text)) == structure(reported("plain"))
    assert reported(text).encode()


@pytest.mark.parametrize("text", ["plain", "`", "a`b", " a ", "``a`", "[x](y)", "<b>", "\\`", "é→"])
def test_a_name_is_shown_unchanged(text: str) -> None:
    report = as_markdown([Change(text, text, f"default added: {text}", breaking=False)], [])
    assert [token.content for token in tokens(report) if token.type == "code_inline"] == [text] * 3


def test_invisible_characters_are_escaped() -> None:
    found = [Change("a\u202eb\n\u200b\ud800", "query \x1b[2J", "removed", breaking=True)]
    seen = "a\\u202eb\\n\\u200b\\ud800"
    assert f"- `{seen}`\n  - `query \\x1b[2J`: removed" in as_markdown(found, [])
    assert as_text(found).splitlines()[:2] == [seen, "  breaking    query \\x1b[2J: removed"]


def test_a_long_value_is_cut() -> None:
    (line,) = (line for line in reported("x" * 5000).splitlines() if "enum" in line)
    assert len(line) < 1000
    assert "x…`" in line


def test_a_long_report_is_cut_after_the_breaking_changes() -> None:
    found = [
        Change(f"{number:05}", "query limit", "removed", breaking=number % 100 == 0)
        for number in range(5000)
    ]
    report = as_markdown(found, ["a note"])
    assert len(report) < 65_536
    assert "50 breaking, 4950 compatible" in report
    assert all(f"`{change.operation}`" in report for change in found if change.breaking)
    assert "`a note`" in report
    assert "more lines" in report.splitlines()[-1]
