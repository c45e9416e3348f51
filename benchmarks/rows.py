"""The rows of the table."""

from __future__ import annotations

from dataclasses import dataclass

VERSION = "5c7f9d2e" * 8
FLOOR = "raw_httpx"
OURS = "replicate_ext"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    Args:
        name: Its first word also chooses it on the command line.
        work: The function in works.py that a worker calls.
        metric: What is compared: seconds as the worker measured them ("wall", "cpu"), CPU seconds
            of the whole process without the bare interpreter's ("process"), or "requests" for
            each run as the fake API counted them.
        budget: What replicate-ext may take.
        arguments: What the work takes beyond a peer and a URL.
        peers: Modules in peers/; the first is the floor.
        is_ratio: Whether the floor is 1.00, or values stand as they are.
        repeats: How often each peer is measured.
    """

    name: str
    work: str
    metric: str
    budget: float
    arguments: tuple[str, ...] = ()
    peers: tuple[str, ...] = (FLOOR, OURS, "official_v1")
    is_ratio: bool = True
    repeats: int = 9


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


ROWS = (
    Row("import", "load", "process", 1.10, repeats=21),
    Row("cold", "cold", "process", 1.05, repeats=21),
    Row("instant sync", "runs", "cpu", 1.08, ("400", "owner/name"), repeats=21),
    Row("instant async", "async_runs", "cpu", 1.08, ("400", "owner/name"), repeats=21),
    Row("pages", "pages", "cpu", 1.15, ("5000",), (FLOOR, OURS, "official_v1", "generated")),
    requests("owner/name", "official_v1"),
    requests(f"owner/name:{VERSION}", "official_v1"),
    requests(VERSION),
    requests("deployments/owner/name"),
)
