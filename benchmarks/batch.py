"""Print the throughput of a batch beside `asyncio.gather` over the same client.

Run with the project's own environment: `.venv/bin/python benchmarks/batch.py 100000`. The fake API
has a model that finishes at once. All ways run 50 predictions at the same time, one after the other
in pieces, so that a busy machine slows them all down alike.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from statistics import median
from typing import TYPE_CHECKING, Any

from replicate_ext import AsyncReplicate
from replicate_ext.batch import AsyncBatch

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

CONCURRENCY = 50
PIECES = 5


def rows(first: int, count: int) -> Iterator[dict[str, Any]]:
    """Yield rows that are read as they are needed."""
    return ({"prompt": "two otters in a canoe", "seed": first + n} for n in range(count))


async def gathered(client: AsyncReplicate, first: int, count: int, *, wait: bool) -> None:
    """Run a model for each row with `asyncio.gather` and nothing else."""
    remaining = rows(first, count)

    async def work() -> None:
        for row in remaining:
            await client.predictions.run("owner/name", row, wait=wait)

    await asyncio.gather(*(work() for _ in range(CONCURRENCY)))


async def mapped(batch: AsyncBatch, first: int, count: int) -> None:
    """Run a model for each row with a batch."""
    async for result in batch.map("owner/name", rows(first, count), concurrency=CONCURRENCY):
        if result.error:
            raise result.error


async def first_of_a_million(batch: AsyncBatch) -> tuple[float, int]:
    """Return the seconds until the first result of a million rows, and the rows read by then."""
    read = 0

    def counted() -> Iterator[dict[str, Any]]:
        nonlocal read
        for row in rows(-2_000_000, 1_000_000):
            read += 1
            yield row

    started = time.perf_counter()
    await anext(batch.map("owner/name", counted(), concurrency=CONCURRENCY))
    return time.perf_counter() - started, read


async def main(count: int, url: str) -> None:
    """Measure, and print a table."""
    piece = count // PIECES
    measured: dict[str, list[tuple[float, float]]] = {"gather": [], "batch": [], "held": []}
    with tempfile.TemporaryDirectory() as folder:
        async with (
            AsyncReplicate("t", f"{url}/v1") as client,
            AsyncBatch(Path(folder, "runs.db"), client) as batch,
        ):
            ways: dict[str, Callable[[int], Awaitable[None]]] = {
                "gather": lambda first: gathered(client, first, piece, wait=False),
                "batch": lambda first: mapped(batch, first, piece),
                "held": lambda first: gathered(client, first, piece, wait=True),
            }
            await mapped(batch, -1000, 1000)
            memory = _peak()
            for number in range(PIECES):
                for name, run in ways.items():
                    before = time.perf_counter(), time.process_time()
                    await run(number * piece)
                    after = time.perf_counter(), time.process_time()
                    measured[name].append((after[0] - before[0], after[1] - before[1]))
            memory = _peak() - memory
            seconds, read = await first_of_a_million(batch)
    print(f"{'':8}{'rows per second':>16}{'to gather':>12}{'per CPU second':>17}{'to gather':>12}")
    for name, times in measured.items():
        cells = []
        for kind in (0, 1):
            pairs = zip(measured["gather"], times, strict=True)
            ratio = median(gather[kind] / own[kind] for gather, own in pairs)
            cells += [piece / median(each[kind] for each in times), ratio]
        print(f"{name:8}{cells[0]:16.0f}{cells[1]:12.2f}{cells[2]:17.0f}{cells[3]:12.2f}")
    print(f"memory: {memory:+.1f} MB after {count} rows of each")
    print(f"first result of a million rows: after {seconds:.2f} s, {read} rows read")


def _peak() -> float:
    return getrusage(RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    server = Path(__file__).with_name("server.py")
    pipe = subprocess.PIPE
    with subprocess.Popen(  # noqa: S603 - our own script
        [sys.executable, server], stdin=pipe, stdout=pipe, text=True
    ) as process:
        address = process.stdout.readline().strip() if process.stdout else ""
        asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000, address))
