"""The rows of the table."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import files

if TYPE_CHECKING:
    from pathlib import Path

VERSION = "5c7f9d2e" * 8
FLOOR = "raw_httpx"
OURS = "replicate_ext"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. Rows that differ in name, metric and budget share measurements.

    Args:
        name: Its first word also chooses it on the command line.
        work: The function in works.py that a worker calls.
        metric: What is compared, one of those in table.UNITS.
        budget: What replicate-ext may take, in the metric's unit or as a ratio.
        arguments: What the work takes beyond a peer and a URL.
        peers: Modules in peers/; the first is the floor.
        is_ratio: Whether the floor is 1.00, or values stand as they are.
        repeats: How often each peer is measured.
        seconds: When no further repeat is begun: a busy machine gets fewer.
    """

    name: str
    work: str
    metric: str
    budget: float
    arguments: tuple[str, ...] = ()
    peers: tuple[str, ...] = (FLOOR, OURS, "official_v1")
    is_ratio: bool = True
    repeats: int = 9
    seconds: int = 10

    @property
    def measurement(self) -> tuple[object, ...]:
        """What is measured, apart from how it is read."""
        return self.work, self.arguments, self.peers


def requests(reference: str, *peers: str) -> Row:
    """Return a row of HTTP requests for each held run."""
    return Row(
        f"requests {reference.replace(VERSION, 'version')}",
        "runs",
        "requests",
        1,
        ("4", reference),
        peers=(FLOOR, OURS, *peers),
        is_ratio=False,
        repeats=1,
    )


def concurrent(runs: int, seconds: float, cpu: float, *others: str) -> tuple[Row, ...]:
    """Return the rows of so many held runs of 1 s at once: how long, over how many connections."""
    row = Row(
        f"concurrent {runs}",
        "concurrent_runs",
        "wall",
        seconds,
        (str(runs), "1"),
        peers=("aiohttp", OURS, *others),
        is_ratio=False,
        repeats=5,
        seconds=25,
    )
    name = f"{row.name} connections"
    return (
        row,
        replace(row, name=f"{row.name} CPU", metric="cpu", budget=cpu, is_ratio=True),
        replace(row, name=name, metric="connections", budget=min(runs, 1000)),
    )


def polling(percent: float, *lengths: str) -> tuple[Row, Row]:
    """Return the rows of polled runs of about that many seconds: how late, with what requests."""
    name = f"polling {lengths[0]} s"
    row = Row(f"{name} late", "polls", "late", percent, lengths, is_ratio=False, repeats=5)
    return row, replace(row, name=f"{name} requests", metric="most", budget=20)


def file_rows(name: str, method: str, file: Path, budget: float, megabytes: int) -> tuple[Row, ...]:
    """Return the rows of a job with a file: time and peak memory, blocking and awaiting."""
    rows = []
    for title, kind in ((name, "Sync"), (f"{name} async", "Async")):
        row = Row(title, "with_file", "wall", budget, (kind, method, str(file)), repeats=7)
        memory = replace(row, name=f"{title} +MB", metric="peak", budget=megabytes, is_ratio=False)
        rows += [row, memory]
    return tuple(rows)


def stream_rows(name: str, budget: float, first: str, *others: str) -> tuple[Row, ...]:
    """Return the rows of a stream of 100,000 events, blocking and awaiting, and their memory."""
    arguments = (name, str(100_000 * 10 + len("{}")))
    peers = (first, OURS, *others, "openai")
    row = Row(f"stream {name}", "stream", "cpu", budget, arguments, peers, repeats=7, seconds=20)
    awaiting = replace(row, name=f"{row.name} async", work="async_stream")
    rows = (replace(row, peers=(*peers, "official_v1")), awaiting)
    memory = (
        replace(each, name=f"{each.name} +MB", metric="peak", budget=2, is_ratio=False)
        for each in rows
    )
    return (*rows, *memory)


ROWS = (
    Row("import", "load", "process", 1.05, repeats=21, seconds=25),
    Row("cold", "cold", "process", 0.95, repeats=21, seconds=25),
    Row("command", "show_help", "process", 1.3, peers=("typer", OURS), repeats=21, seconds=25),
    Row("instant sync", "runs", "cpu", 0.70, ("400", "owner/name"), repeats=21, seconds=25),
    Row("instant async", "async_runs", "cpu", 0.55, ("400", "owner/name"), repeats=21, seconds=25),
    Row(
        "typed",
        "typed_runs",
        "ratio",
        1.05,
        ("2000",),
        (OURS,),
        is_ratio=False,
    ),
    Row(
        "pages",
        "pages",
        "cpu",
        1.15,
        ("5000",),
        (FLOOR, OURS, "official_v1", "generated"),
        seconds=25,
    ),
    requests("owner/name", "official_v1"),
    requests(f"owner/name:{VERSION}", "official_v1"),
    requests(VERSION),
    requests("deployments/owner/name"),
    *concurrent(500, 2.0, 1.8, FLOOR, "official_v1"),
    *concurrent(2000, 5.0, 1.9),
    *polling(50, "0.2", "0.21", "0.22", "0.23", "0.24"),
    *polling(15, "1.3", "1.26", "1.22", "1.18", "1.14"),
    *polling(15, "3", "2.9", "2.8", "2.7", "2.6"),
    *(
        replace(row, is_ratio=False)
        for row in file_rows("data-uri 50 MB", "inline_and_run", files.MB_50, 0.12, 5)
    ),
    Row(
        "files 10,000 inline",
        "small_files",
        "wall",
        0.25,
        ("10000",),
        (FLOOR, OURS),
        is_ratio=False,
    ),
    *file_rows("upload 200 MB", "upload", files.MB_200, 1.05, 2),
    *file_rows("upload+run 200 MB", "upload_and_run", files.MB_200, 1.05, 2),
    *file_rows("download 200 MB", "download", files.MB_200, 1.05, 2),
    # The budgets are 0.18 s where httpx-sse needs 0.25, and 0.05 s where it needs 0.04.
    *stream_rows("bulk", 0.72, "httpx_sse", FLOOR),
    *stream_rows("each", 1.20, FLOOR, "httpx_sse"),
    Row(
        "stream 10 MB",
        "stream",
        "cpu",
        1.25,
        ("large", str(10_000_000 + len("{}"))),
        ("httpx_sse", OURS, FLOOR, "openai", "official_v1"),
        repeats=15,
    ),
    Row(
        "webhook 10 kB",
        "webhooks",
        "cpu",
        1.3,
        ("20000", "10000"),
        ("bare_hmac", OURS, "standardwebhooks", "svix", "official_v1"),
        repeats=21,
        seconds=25,
    ),
)
