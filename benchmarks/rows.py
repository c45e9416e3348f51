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
        work: The function of works.py that a worker calls, or MODULE.FUNCTION.
        metric: The metric that is compared, one of table.UNITS.
        budget: The limit for replicate-ext, in the unit of the metric or as a ratio.
        arguments: Arguments of the work, after the peer and the URL.
        peers: Modules in peers/; the first is the floor.
        is_ratio: Whether values are multiples of the floor instead of values with a unit.
        is_tls: Whether the URL is the https URL.
        environment: The environment in .env that has the peers.
        repeats: How often each peer is measured.
        seconds: No further repeat begins after this time, so a busy machine makes fewer.
    """

    name: str
    work: str
    metric: str
    budget: float
    arguments: tuple[str, ...] = ()
    peers: tuple[str, ...] = (FLOOR, OURS, "official_v1")
    is_ratio: bool = True
    is_tls: bool = False
    environment: str = "main"
    repeats: int = 9
    seconds: int = 10

    @property
    def measurement(self) -> tuple[object, ...]:
        """Everything that decides how the row is measured."""
        return self.work, self.arguments, self.peers, self.is_tls


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


def instant(name: str, work: str, budget: float, *peers: str, is_tls: bool = False) -> Row:
    """Return a row of runs that finish at once, one after the other on an open connection."""
    return Row(
        name,
        work,
        "cpu",
        budget,
        ("400", "owner/name"),
        peers,
        is_tls=is_tls,
        repeats=21,
        seconds=20,
    )


def concurrent(
    runs: int, cpu: float, wall: float, *others: str, is_tls: bool = False, seconds: int = 25
) -> tuple[Row, ...]:
    """Return the rows of a number of concurrent held runs of 1 s on a new client."""
    row = Row(
        f"tls cold {runs}" if is_tls else f"concurrent {runs}",
        "concurrent_runs",
        "wall",
        wall,
        (str(runs), "1"),
        peers=("aiohttp", OURS, *others),
        is_tls=is_tls,
        repeats=5,
        seconds=seconds,
    )
    return (
        row,
        replace(row, name=f"{row.name} CPU", metric="cpu", budget=cpu),
        replace(
            row,
            name=f"{row.name} connections",
            metric="connections",
            budget=min(runs, 1000),
            is_ratio=False,
        ),
    )


def streams(count: int) -> tuple[Row, ...]:
    """Return the rows of concurrent streams of ten events in 1 s, with their runs."""
    row = Row(
        f"streams {count}",
        "concurrent_streams",
        "cpu",
        1.8,
        (str(count),),
        peers=("aiohttp", OURS),
        repeats=5,
        seconds=20,
    )
    memory = replace(row, name=f"{row.name} kB/stream", metric="memory", budget=100, is_ratio=False)
    return row, replace(row, name=f"{row.name} wall", metric="wall", budget=1.2), memory


def polling(percent: float, *lengths: str) -> tuple[Row, Row]:
    """Return the rows of polled runs of about that many seconds: delay and requests."""
    name = f"polling {lengths[0]} s"
    row = Row(f"{name} late", "polls", "late", percent, lengths, is_ratio=False, repeats=5)
    return row, replace(row, name=f"{name} requests", metric="most", budget=20)


def file_rows(
    name: str,
    method: str,
    file: Path,
    budgets: tuple[float, float],
    megabytes: int,
    *floors: str,
) -> tuple[Row, ...]:
    """Return the rows of a job with a file: time and peak memory, blocking and async."""
    rows = []
    peers = (*floors, FLOOR, OURS, "official_v1")
    for title, kind, budget in zip(
        (name, f"{name} async"), ("Sync", "Async"), budgets, strict=True
    ):
        row = Row(title, "with_file", "wall", budget, (kind, method, str(file)), peers, repeats=7)
        memory = replace(row, name=f"{title} +MB", metric="peak", budget=megabytes, is_ratio=False)
        rows += [row, memory]
    return tuple(rows)


def stream_rows(name: str, budget: float, first: str, *others: str) -> tuple[Row, ...]:
    """Return the rows of a stream of 100,000 events, blocking and async, and their memory."""
    arguments = (f"{name}-100000", str(100_000 * 10 + len("{}")))
    peers = (first, OURS, *others, "openai", "official_v2")
    row = Row(f"stream {name}", "stream", "cpu", budget, arguments, peers, repeats=7, seconds=20)
    rows = (
        replace(row, peers=(*peers, "official_v1")),
        replace(row, name=f"{row.name} async", work="async_stream"),
    )
    memory = (
        replace(each, name=f"{each.name} +MB", metric="peak", budget=2, is_ratio=False)
        for each in rows
    )
    return (*rows, *memory)


def sandbox(name: str, work: str, metric: str, budget: float, *arguments: str) -> Row:
    """Return a row of the sandbox, beside a bare Starlette application on uvicorn."""
    return Row(
        f"sandbox {name}",
        f"sandboxes.{work}",
        metric,
        budget,
        arguments,
        ("starlette", OURS),
        is_ratio=False,
        environment="sandbox",
    )


# 10,000 runs of 1 s take at least 10 s over 1,000 connections; aiohttp opens 10,000.
MANY = concurrent(10_000, 1.9, 3.0, seconds=40)

ROWS = (
    Row(
        "import",
        "load",
        "process",
        1.05,
        peers=(FLOOR, OURS, "official_v1", "official_v2"),
        repeats=21,
        seconds=20,
    ),
    Row("cold", "cold", "process", 0.95, repeats=21, seconds=20),
    Row("command", "show_help", "process", 1.3, peers=("typer", OURS), repeats=21, seconds=20),
    instant("instant sync", "runs", 0.70, FLOOR, OURS, "official_v1", "official_v2"),
    instant("instant async", "async_runs", 0.55, FLOOR, OURS, "official_v1", "aiohttp"),
    instant("tls warm", "async_runs", 3.0, "aiohttp", OURS, FLOOR, is_tls=True),
    *concurrent(500, 1.8, 1.2, "raw_httpx", is_tls=True),
    Row("typed", "typed_runs", "ratio", 1.05, ("2000",), (OURS,), is_ratio=False),
    Row(
        "pages",
        "pages",
        "cpu",
        1.05,
        ("5000",),
        (FLOOR, OURS, "official_v1", "generated", "javascript"),
        seconds=25,
    ),
    requests("owner/name", "official_v1"),
    requests(f"owner/name:{VERSION}", "official_v1"),
    requests(VERSION),
    requests("deployments/owner/name"),
    *concurrent(500, 1.8, 1.2, FLOOR, "official_v1", "javascript"),
    *concurrent(2000, 1.9, 1.5, "javascript"),
    *MANY,
    replace(MANY[0], name="concurrent 10000 kB/run", metric="memory", budget=20, is_ratio=False),
    *streams(1000),
    # A delay of 0.1 s is always allowed: half of the length of the shortest run.
    *polling(50, "0.2", "0.21", "0.22", "0.23", "0.24"),
    *polling(12, "1.3", "1.26", "1.22", "1.18", "1.14"),
    *polling(12, "3", "2.9", "2.8", "2.7", "2.6"),
    *file_rows("data-uri 50 MB", "inline_and_run", files.MB_50, (1.1, 1.1), 4, "httpx_base64"),
    Row(
        "files 10,000 inline",
        "small_files",
        "wall",
        0.25,
        ("10000",),
        (FLOOR, OURS),
        is_ratio=False,
    ),
    *file_rows("upload 200 MB", "upload", files.MB_200, (0.70, 0.55), 2),
    *file_rows("upload+run 200 MB", "upload_and_run", files.MB_200, (0.70, 0.55), 2),
    *file_rows("download 200 MB", "download", files.MB_200, (0.95, 0.95), 2),
    *stream_rows("bulk", 0.55, "httpx_sse", FLOOR),
    *stream_rows("each", 1.20, FLOOR, "httpx_sse"),
    Row(
        "stream 10 MB",
        "stream",
        "cpu",
        1.10,
        ("large-1", str(10_000_000 + len("{}"))),
        ("httpx_sse", OURS, FLOOR, "openai", "official_v1"),
        repeats=15,
    ),
    Row(
        "webhook 10 kB",
        "webhooks",
        "cpu",
        1.2,
        ("20000", "10000"),
        ("bare_hmac", OURS, "standardwebhooks", "svix", "official_v1"),
        repeats=21,
        seconds=20,
    ),
    sandbox("start", "start", "process", 0.25),
    # 1,500 predictions for each second of CPU time.
    sandbox("run", "runs", "each", 0.67, "2000"),
    sandbox("page", "pages", "each", 5.0, "100"),
)
