"""The table of all rows and peers."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, TypeAlias

from rows import OURS, Row

if TYPE_CHECKING:
    from collections.abc import Iterable

Repeat: TypeAlias = "dict[str, dict[str, float]]"
"""The measurements of each peer, by metric."""

LEGEND = (
    "Medians of the repeats (minimum-maximum). Ratios are to the floor of the same repeat. "
    "The column `within` is the verdict on replicate-ext."
)
# Decimal places and unit of each metric that is not a ratio. "cpu" is the CPU time of the measured
# part of a worker, "process" that of the whole process without the bare interpreter's; "late" is in
# percent of a run's length; "peak" is the memory of all jobs, and "memory" that of each.
UNITS = {
    "wall": (2, " s"),
    "cpu": (2, " s"),
    "process": (2, " s"),
    "ratio": (2, ""),
    "each": (2, " ms"),
    "late": (0, " %"),
    "peak": (1, " MB"),
    "memory": (0, " kB"),
    "requests": (0, ""),
    "most": (0, ""),
    "connections": (0, ""),
}


def render(results: Iterable[tuple[Row, list[Repeat]]]) -> str:
    """Return the table and the names of the rows over budget.

    Args:
        results: Each row with its repeats.
    """
    results = list(results)
    lines = [["row", "replicate-ext", "budget", "within", "floor", "other peers"]]
    over = []
    for row, repeats in results:
        is_within = _is_within(row, repeats)
        over += [] if is_within else [row.name]
        verdict = [_text(row, row.budget), "yes" if is_within else "NO"]
        others = [_titled(row, peer, repeats) for peer in row.peers if peer != OURS]
        floor = others[0] if others else "itself"
        cells = [_cell(row, OURS, repeats), *verdict, floor, ", ".join(others[1:])]
        lines.append([row.name, *cells])
    summary = f"Within budget: {len(results) - len(over)} of {len(results)} rows."
    if over:
        summary += f" Over budget: {', '.join(over)}."
    return f"{align(lines)}\n\n{LEGEND}\n{summary}"


def _is_within(row: Row, repeats: list[Repeat]) -> bool:
    return median(_values(row, OURS, repeats)) <= row.budget and not _failed(OURS, repeats)


def _titled(row: Row, peer: str, repeats: list[Repeat]) -> str:
    return f"{peer.replace('_', '-')} {_cell(row, peer, repeats)}"


def _cell(row: Row, peer: str, repeats: list[Repeat]) -> str:
    values = _values(row, peer, repeats)
    text = _text(row, median(values))
    if row.is_ratio and peer == row.peers[0]:
        text += f" ({_seconds(median(repeat[peer][row.metric] for repeat in repeats))})"
    least, most = (_text(row, value, unit="") for value in (min(values), max(values)))
    if least != most:
        text += f" ({least}-{most})"
    failed = _failed(peer, repeats)
    return f"{text} with {failed:.0f} failed" if failed else text


def _values(row: Row, peer: str, repeats: list[Repeat]) -> list[float]:
    """Return what the row compares, for each repeat."""
    taken = [repeat[peer][row.metric] for repeat in repeats]
    if not row.is_ratio:
        return taken
    floors = [repeat[row.peers[0]][row.metric] for repeat in repeats]
    return [value / floor for value, floor in zip(taken, floors, strict=True)]


def _failed(peer: str, repeats: list[Repeat]) -> float:
    return max(repeat[peer].get("failed", 0) for repeat in repeats)


def _text(row: Row, value: float, unit: str | None = None) -> str:
    digits, own_unit = (2, "") if row.is_ratio else UNITS[row.metric]
    return f"{value:.{digits}f}{own_unit if unit is None else unit}"


def _seconds(seconds: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-6:.3g} us"


def align(lines: list[list[str]]) -> str:
    """Return lines of cells as columns."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    padded = (
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )
    return "\n".join(padded)
