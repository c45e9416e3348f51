"""Measure replicate-ext and its peers side by side, and print a table.

Every measurement is a process of its own. Repeats are interleaved in rotated order, and a ratio is
taken within its repeat: the machine's moods then meet every peer alike.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from math import inf
from pathlib import Path
from resource import RLIM_INFINITY, RLIMIT_NOFILE, RUSAGE_CHILDREN, getrlimit, getrusage, setrlimit
from typing import TYPE_CHECKING

import files
import results
import table
from rows import ROWS, Row

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
# Nothing of the caller's: proxies, tokens and PYTHON* settings would be measured too.
ENVIRONMENT = {"PATH": os.defpath}
TIMEOUT = 60
OPEN_FILES = 10_000


def main() -> None:
    """Measure the rows that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    names = list(dict.fromkeys(_group(row) for row in ROWS))
    parser.add_argument("rows", nargs="*", metavar="row", help=f"of {', '.join(names)}; else all")
    parser.add_argument("-r", "--repeats", type=int, help="in place of each row's own")
    parser.add_argument("--write", action="store_true", help="write the table to RESULTS.md too")
    options = parser.parse_args()
    if unknown := set(options.rows) - set(names):
        parser.error(f"no such row: {', '.join(sorted(unknown))}")
    chosen = [row for row in ROWS if not options.rows or _group(row) in options.rows]
    _raise_open_files()
    files.make()
    measured: dict[tuple[object, ...], list[table.Repeat]] = {}
    with fake_api() as url:
        for peer in dict.fromkeys(peer for row in chosen for peer in row.peers):
            _spawn("load", peer, url)  # so that no first repeat reads from a cold disk
        for row in chosen:
            if row.measurement not in measured:
                measured[row.measurement] = measure(row, url, options.repeats)
    text = table.render((row, measured[row.measurement]) for row in chosen)
    print(text)
    if options.write:
        results.write(text)


def _group(row: Row) -> str:
    return row.name.partition(" ")[0]


def _raise_open_files() -> None:
    """Let the fake API and the workers open a socket for each of thousands of runs."""
    soft, hard = getrlimit(RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft not in (RLIM_INFINITY, wanted):
        setrlimit(RLIMIT_NOFILE, (max(soft, wanted), hard))


@contextmanager
def fake_api() -> Iterator[str]:
    """Start the fake API in its own process, out of Ctrl-C's reach, and give its URL."""
    command = [sys.executable, str(HERE / "server.py")]
    pipe = subprocess.PIPE
    with subprocess.Popen(  # noqa: S603 - our own script
        command, env=ENVIRONMENT, stdin=pipe, stdout=pipe, text=True, start_new_session=True
    ) as server:
        yield server.stdout.readline().strip() if server.stdout else ""
        # Leaving closes its standard input, and with it the server.


def measure(row: Row, url: str, repeats: int | None) -> list[table.Repeat]:
    """Return for each repeat what each peer took; without a number, as often as there is time."""
    repeated = []
    end = time.monotonic() + (inf if repeats else row.seconds)
    for repeat in range(repeats or row.repeats):
        _progress(f"{row.name} {repeat + 1}/{repeats or row.repeats}")
        first = repeat % len(row.peers)
        order = row.peers[first:] + row.peers[:first]
        bare = _process_time() if row.metric == "process" else 0.0
        repeated.append({peer: _measure_once(row, peer, url, bare) for peer in order})
        if time.monotonic() > end:
            break
    _progress("")
    return repeated


def _progress(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def _measure_once(row: Row, peer: str, url: str, bare: float) -> dict[str, float]:
    command = (row.work, peer, url, *row.arguments)
    if row.metric == "process":
        return {"process": _process_time(*command) - bare}
    measured: dict[str, float] = json.loads(_spawn(*command))
    return measured


def _process_time(*arguments: str) -> float:
    before = getrusage(RUSAGE_CHILDREN)  # of those that ended: the fake API is not among them
    _spawn(*arguments)
    after = getrusage(RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def _spawn(*arguments: str) -> str:
    command = [sys.executable, str(HERE / "worker.py"), *arguments]
    done = subprocess.run(  # noqa: S603 - our own script
        command, env=ENVIRONMENT, capture_output=True, text=True, timeout=TIMEOUT, check=False
    )
    if done.returncode:
        sys.exit(f"\n{' '.join(arguments)} failed:\n{done.stderr}")
    return done.stdout


if __name__ == "__main__":
    main()
