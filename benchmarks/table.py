"""The table: what was measured, as people read it."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from rows import FLOOR, OURS, Row

if TYPE_CHECKING:
    from collections.abc import Iterable

LEGEND = (
    "Medians over the repeats (least-most). Ratios are to the floor of the same repeat; "
    "! is over budget."
)


def render(results: Iterable[tuple[Row, list[dict[str, float]]]]) -> str:
    """Return the table.

    Args:
        results: Each row with what each peer took, for each repeat.
    """
    results = list(results)
    others = dict.fromkeys(peer for row, _ in results for peer in row.peers)
    peers = [FLOOR, OURS, *(peer for peer in others if peer not in (FLOOR, OURS))]
    titles = [peer.replace("_", "-") for peer in peers]
    lines = [["row", *titles[:2], "budget", *titles[2:]]]
    for row, repeats in results:
        cells = [_cell(row, peer, repeats) for peer in peers]
        lines.append([row.name, *cells[:2], f"{row.budget:.{_digits(row)}f}", *cells[2:]])
    return f"{_align(lines)}\n\n{LEGEND}"


def _cell(row: Row, peer: str, repeats: list[dict[str, float]]) -> str:
    if peer not in row.peers:
        return "-"
    floor = row.peers[0]
    values = [taken[peer] / (taken[floor] if row.is_ratio else 1) for taken in repeats]
    middle, digits = median(values), _digits(row)
    text = f"{middle:.{digits}f}"
    if row.is_ratio and peer == floor:
        return f"{text} ({_seconds(median(taken[peer] for taken in repeats))})"
    if peer == OURS and middle > row.budget:
        text += "!"
    if max(values) > min(values):
        text += f" ({min(values):.{digits}f}-{max(values):.{digits}f})"
    return text


def _digits(row: Row) -> int:
    return 0 if row.metric == "requests" else 2


def _seconds(seconds: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-6:.3g} us"


def _align(lines: list[list[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    padded = (
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )
    return "\n".join(padded)
