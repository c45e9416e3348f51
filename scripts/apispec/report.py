"""Reporting changes as text for a terminal, or as Markdown for a pull request."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from apispec.changes import Change

# GitHub allows 65,536 characters; the workflow adds some.
_LENGTH = 60_000
_WIDTH = 300


def as_text(changes: Iterable[Change]) -> str:
    """Return changes as lines grouped by operation with a count at the end, or "no changes".

    Args:
        changes: Changes that ``changes()`` returned.
    """
    ordered = sorted(changes)
    if not ordered:
        return "no changes"
    lines: list[str] = []
    for operation, group in groupby(ordered, key=lambda change: change.operation):
        lines.append(_visible(operation))
        lines += [_visible(f"  {one.mark:<10}  {one.place}: {one.what}") for one in group]
    return "\n".join([*lines, _counts(ordered)])


def as_markdown(changes: Iterable[Change], notes: Iterable[str]) -> str:
    """Return changes as the description of a pull request, breaking changes first.

    A change in a named schema is listed once, with the operations that use the schema. All text
    from a document is in code spans, so that it is not read as Markdown or HTML.

    Args:
        changes: Changes that ``changes()`` returned.
        notes: Other findings for a person to check, such as overlays without a target.
    """
    ordered = sorted(changes)
    breaking = [change for change in ordered if change.breaking]
    compatible = [change for change in ordered if not change.breaking]
    lines = ["## What changed in the API", ""]
    if ordered:
        lines += [f"{_counts(ordered)}, counted once for every operation that they affect."]
    else:
        lines += ["**No changes** of operations, parameters, fields or values."]
    lines += _section("Breaking", _grouped(breaking))
    lines += _section("The overlays no longer fit", [f"- {_code(note)}" for note in notes])
    lines += _section("Compatible", _grouped(compatible))
    return _shortened(lines)


def _counts(changes: list[Change]) -> str:
    breaking = sum(change.breaking for change in changes)
    return f"{breaking} breaking, {len(changes) - breaking} compatible"


def _section(title: str, lines: list[str]) -> list[str]:
    return ["", f"### {title}", "", *lines] if lines else []


def _grouped(changes: list[Change]) -> list[str]:
    groups: dict[str, dict[str, list[str]]] = {}
    for change in changes:
        name, place = _split(change.schema) if change.schema else (change.operation, change.place)
        kind, colon, detail = change.what.partition(": ")
        what = f"{kind}: {_code(detail)}" if colon else kind
        item = f"{_code(place)}: {what}" if place else what
        users = groups.setdefault(name, {}).setdefault(item, [])
        if change.schema:
            users.append(change.operation)
    return [line for name in sorted(groups) for line in _group(name, groups[name])]


def _split(schema: str) -> tuple[str, str]:
    """The name of the schema, and the place in it."""
    name = re.split(r"[.\[(]", schema, maxsplit=1)[0]
    return name.rstrip(" "), schema[len(name) :].removeprefix(".")


def _group(name: str, items: dict[str, list[str]]) -> Iterator[str]:
    yield f"- {_code(name)}"
    for item, users in items.items():
        yield f"  - {item}" + (f" (in {', '.join(map(_code, users))})" if users else "")


def _code(text: str) -> str:
    """A code span that shows the text unchanged."""
    shown = _visible(text)
    if len(shown) > _WIDTH:
        shown = f"{shown[:_WIDTH]}…"
    fence = "`" * (1 + max(map(len, re.findall("`+", shown)), default=0))
    # Without padding, backticks at either end would join the fence, and spaces would be lost.
    pad = " " if not shown or shown[0] in "` " or shown[-1] in "` " else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def _visible(text: str) -> str:
    """The text on one line, with control and invisible characters escaped."""
    return "".join(
        one if one.isprintable() else one.encode("unicode_escape").decode() for one in text
    )


def _shortened(lines: list[str]) -> str:
    length = 0
    for number, line in enumerate(lines):
        length += len(line) + 1
        if length > _LENGTH:
            rest = f"{len(lines) - number} more lines: see the output of `make update-spec`."
            return "\n".join([*lines[:number], "", rest, ""])
    return "\n".join([*lines, ""])
