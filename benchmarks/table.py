"""The table: what was measured, as people read it."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, TypeAlias

from rows import FLOOR, OURS, Row

if TYPE_CHECKING:
    from collections.abc import Iterable

Repeat: TypeAlias = "dict[str, dict[str, float]]"
"""What each peer's measurement gave, by metric."""

LEGEND = (
    "Medians over the repeats (least-most). Ratios are to the floor of the same repeat; "
    "! is over budget."
)
# Each metric's digits after the point and unit, where it is no ratio: seconds of the wall, of the
# worker's measured part on its processors ("cpu") or of the whole process without the bare
# interpreter's ("process"); a ratio of two times in one worker; percent of a run; peak megabytes
# over those before; and what the fake API counted: requests for each run, the most for one run,
# connections.
UNITS = {
    "wall": (2, " s"),
    "cpu": (2, " s"),
    "process": (2, " s"),
    "ratio": (2, ""),
    "late": (0, " %"),
    "peak": (1, " MB"),
    "requests": (0, ""),
    "most": (0, ""),
    "connections": (0, ""),
}


def render(results: Iterable[tuple[Row, list[Repeat]]]) -> str:
    """Return the table.

    Args:
        results: Each row with its repeats.
    """
    results = list(results)
    others = dict.fromkeys(peer for row, _ in results for peer in row.peers)
    peers = [FLOOR, OURS, *(peer for peer in others if peer not in (FLOOR, OURS))]
    titles = [peer.replace("_", "-") for peer in peers]
    lines = [["row", *titles[:2], "budget", *titles[2:]]]
    for row, repeats in results:
        cells = [_cell(row, peer, repeats) for peer in peers]
        lines.append([row.name, *cells[:2], _text(row, row.budget), *cells[2:]])
    return f"{_align(lines)}\n\n{LEGEND}"


def _cell(row: Row, peer: str, repeats: list[Repeat]) -> str:
    if peer not in row.peers:
        return "-"
    floor = row.peers[0]
    taken = [repeat[peer][row.metric] for repeat in repeats]
    floors = [repeat[floor][row.metric] if row.is_ratio else 1 for repeat in repeats]
    values = [value / unit for value, unit in zip(taken, floors, strict=True)]
    failed = median(repeat[peer].get("failed", 0) for repeat in repeats)
    text = _text(row, median(values))
    if row.is_ratio and peer == floor:
        return f"{text} ({_seconds(median(taken))})"
    if peer == OURS and (median(values) > row.budget or failed):
        text += "!"
    least, most = (_text(row, value, unit="") for value in (min(values), max(values)))
    if least != most:
        text += f" ({least}-{most})"
    return f"{text}, {failed:.0f} failed" if failed else text


def _text(row: Row, value: float, unit: str | None = None) -> str:
    digits, own_unit = (2, "") if row.is_ratio else UNITS[row.metric]
    return f"{value:.{digits}f}{own_unit if unit is None else unit}"


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
