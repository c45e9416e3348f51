"""How CPU time grows with the number of runs, streams, events, pages and files."""

from __future__ import annotations

import json
from dataclasses import dataclass
from math import log10
from pathlib import Path
from typing import TYPE_CHECKING

import runtimes
import table
from rows import FLOOR, OURS

if TYPE_CHECKING:
    from collections.abc import Callable

NAME = "growth"
PICTURE = Path(__file__).parent / "growth.svg"
REPEATS = 2
# A curve counts as linear up to this exponent between its last two sizes; quadratic is 2.
LINEAR = 1.15
SIZES = (1, 10, 100, 1_000, 10_000)


@dataclass(frozen=True, slots=True)
class Job:
    """A job whose size grows.

    Args:
        name: Its name in the table.
        work: The function of works.py that does it.
        floor: The peer beside replicate-ext.
        arguments: Returns the arguments of the work for a size.
        sizes: The sizes that are measured.
    """

    name: str
    work: str
    floor: str
    arguments: Callable[[int], tuple[str, ...]]
    sizes: tuple[int, ...] = SIZES


JOBS = (
    Job("concurrent runs", "concurrent_runs", "aiohttp", lambda n: (str(n), "0")),
    Job("concurrent streams", "concurrent_streams", "aiohttp", lambda n: (str(n),), SIZES[:4]),
    Job("events of a stream", "stream", "httpx_sse", lambda n: (f"bulk-{n}", str(n * 10 + 2))),
    Job("pages", "pages", FLOOR, lambda n: (str(n * 25),), (1, 10, 100, 200)),
    Job("files of one input", "small_files", FLOOR, lambda n: (str(n),)),
)


@dataclass(frozen=True, slots=True)
class Curve:
    """The measured growth of one peer: seconds of CPU time by size."""

    job: Job
    peer: str
    seconds: dict[int, float]

    @property
    def exponent(self) -> float:
        """The growth between the last two sizes: 1 is linear, 2 quadratic."""
        (small, less), (large, more) = [*self.seconds.items()][-2:]
        return log10(more / less) / log10(large / small)


def measure(spawn: Callable[..., str], url: str) -> list[Curve]:
    """Measure all jobs.

    Args:
        spawn: Runs the command of a worker and returns what it prints.
        url: The URL of the fake API.
    """
    curves = []
    for job in JOBS:
        best: dict[str, dict[int, float]] = {OURS: {}, job.floor: {}}
        for size in job.sizes:
            for _ in range(REPEATS):
                for peer, seconds in best.items():
                    command = (*runtimes.command(peer), job.work, peer, url, *job.arguments(size))
                    cpu = json.loads(spawn(*command))["cpu"]
                    seconds[size] = min(cpu, seconds.get(size, cpu))
        curves += [Curve(job, peer, seconds) for peer, seconds in best.items()]
    return curves


def render(curves: list[Curve]) -> str:
    """Return the table of CPU time for each run, stream, event, page or file."""
    sizes = sorted({size for curve in curves for size in curve.seconds})
    lines = [["growth", "peer", *(f"{size:,}" for size in sizes), "exponent", "linear"]]
    for curve in curves:
        cells = [
            _microseconds(curve.seconds[size] / size) if size in curve.seconds else "-"
            for size in sizes
        ]
        verdict = "yes" if curve.exponent <= LINEAR else "NO"
        title = curve.job.name if curve.peer == OURS else ""
        peer = curve.peer.replace("_", "-")
        lines.append([title, peer, *cells, f"{curve.exponent:.2f}", verdict])
    return (
        f"{table.align(lines)}\n\n"
        "CPU time in microseconds for each of so many; the minimum of two repeats."
    )


def _microseconds(seconds: float) -> str:
    return f"{seconds * 1e6:,.{0 if seconds > 1e-5 else 1}f}"


WIDTH, HEIGHT, MARGIN, LEGEND = 640, 420, 60, 190
COLORS = ("#0b6e99", "#d9480f", "#2b8a3e", "#862e9c", "#5f3dc4")
DECADES_X, DECADES_Y = (0, 4), (-4, 1)


def draw(curves: list[Curve]) -> None:
    """Write a picture of the curves with logarithmic axes: a linear curve is a diagonal."""
    parts = [*_axes()]
    for index, job in enumerate(JOBS):
        color, y = COLORS[index], MARGIN + 10 + 22 * index
        parts.append(f'<text x="{WIDTH + 12}" y="{y}" fill="{color}">{job.name}</text>')
        for curve in (curve for curve in curves if curve.job is job):
            dash = "" if curve.peer == OURS else ' stroke-dasharray="5 4"'
            points = " ".join(f"{_x(n):.1f},{_y(s):.1f}" for n, s in curve.seconds.items())
            parts.append(
                f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="2"{dash}/>'
            )
    body = "\n".join(parts)
    PICTURE.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH + LEGEND} {HEIGHT}" '
        f'font-family="sans-serif" font-size="13">\n'
        f'<rect width="100%" height="100%" fill="white"/>\n{body}\n</svg>\n',
        encoding="utf-8",
    )


def _axes() -> list[str]:
    """Return the grid with its labels."""
    line = '<line x1="{}" y1="{}" x2="{}" y2="{}" stroke="#ddd"/>'
    text = '<text x="{}" y="{}" text-anchor="{}">{}</text>'
    left, right = _x(10 ** DECADES_X[0]), _x(10 ** DECADES_X[1])
    bottom, top = _y(10 ** DECADES_Y[0]), _y(10 ** DECADES_Y[1])
    parts = []
    for decade in range(DECADES_X[0], DECADES_X[1] + 1):
        x = _x(10**decade)
        parts += [line.format(x, bottom, x, top), text.format(x, bottom + 20, "middle", 10**decade)]
    for decade in range(DECADES_Y[0], DECADES_Y[1] + 1):
        y = _y(10**decade)
        label = f"{10**decade:g} s" if decade >= 0 else f"{10 ** (decade + 3):g} ms"
        parts += [line.format(left, y, right, y), text.format(left - 8, y + 4, "end", label)]
    title = "CPU time by number of runs, streams, events, pages or files"
    note = "solid: replicate-ext, dashed: the floor"
    return [
        *parts,
        text.format(left, 24, "start", title),
        text.format(left, 42, "start", note),
    ]


def _x(size: float) -> float:
    first, last = DECADES_X
    return MARGIN + 10 + (log10(size) - first) / (last - first) * (WIDTH - MARGIN - 30)


def _y(seconds: float) -> float:
    first, last = DECADES_Y
    share = (log10(seconds) - first) / (last - first)
    return HEIGHT - MARGIN + 20 - share * (HEIGHT - 2 * MARGIN + 20)
