"""Measure replicate-ext and its peers side by side, and print a table.

Every measurement is a process of its own. In each repeat, all peers are measured one after the
other, in rotated order, and ratios are taken within the repeat: a busy machine then slows all of
them down.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import replace
from math import inf
from resource import RLIM_INFINITY, RLIMIT_NOFILE, RUSAGE_CHILDREN, getrlimit, getrusage, setrlimit
from typing import TYPE_CHECKING

import files
import growth
import results
import runtimes
import table
from rows import ROWS, Row

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

# Without the caller's variables: proxies, tokens and PYTHON* settings would be measured too.
ENVIRONMENT = {"PATH": os.defpath}
TIMEOUT = 120
OPEN_FILES = 20_000


class WorkerError(Exception):
    """A worker failed or took too long."""


def main() -> None:
    """Measure the rows that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    names = [*dict.fromkeys(_group(row) for row in ROWS), growth.NAME]
    parser.add_argument("rows", nargs="*", metavar="row", help=f"{', '.join(names)}; default: all")
    parser.add_argument("-r", "--repeats", type=int, help="instead of the number of each row")
    parser.add_argument("--write", action="store_true", help="write RESULTS.md and growth.svg too")
    options = parser.parse_args()
    if unknown := set(options.rows) - set(names):
        parser.error(f"no such row: {', '.join(sorted(unknown))}")
    started = time.monotonic()
    raise_open_files()
    files.make()
    with fake_api() as urls:
        text = _table(options, urls)
        if not options.rows or growth.NAME in options.rows:
            text += f"\n\n{_growth(urls[0], is_drawn=options.write)}"
    print(text.strip())
    if options.write:
        results.write(text.strip(), (time.monotonic() - started) / 60)


def _table(options: argparse.Namespace, urls: list[str]) -> str:
    """Measure the chosen rows, and return their table and what could not be measured."""
    named = [row for row in ROWS if not options.rows or _group(row) in options.rows]
    places = dict.fromkeys((peer, row.environment) for row in named for peer in row.peers)
    reasons = {place: reason for place in places if (reason := runtimes.missing(*place))}
    notes = [f"{peer} is not measured: {reason}." for (peer, _), reason in reasons.items()]
    for peer, environment in places.keys() - reasons.keys():
        # So that no first repeat reads from a cold disk.
        spawn(*runtimes.command(peer, environment), "load", peer, urls[0])
    measured: dict[tuple[object, ...], list[table.Repeat]] = {}
    shown = []
    for row in (_without(row, reasons) for row in named):
        is_measurable = len(row.peers) > 1 or not row.is_ratio
        if row.measurement not in measured and is_measurable:
            try:
                measured[row.measurement] = measure(row, urls, options.repeats)
            except WorkerError as error:
                measured[row.measurement] = []
                notes.append(f"{row.name} is not measured: {error}")
        if repeats := measured.get(row.measurement):
            shown.append((row, repeats))
    return "\n".join([*([table.render(shown)] if shown else []), *notes])


def _growth(url: str, *, is_drawn: bool) -> str:
    """Measure how cost grows, draw it, and return the table."""
    try:
        curves = growth.measure(spawn, url)
    except WorkerError as error:
        return f"{growth.NAME} is not measured: {error}"
    if is_drawn:
        growth.draw(curves)
    return growth.render(curves)


def _without(row: Row, reasons: Container[tuple[str, str]]) -> Row:
    """Return a row without the peers that cannot be measured."""
    peers = tuple(peer for peer in row.peers if (peer, row.environment) not in reasons)
    return replace(row, peers=peers)


def _group(row: Row) -> str:
    return row.name.partition(" ")[0]


def raise_open_files() -> None:
    """Let the fake API and the workers open a socket for each of thousands of runs."""
    soft, hard = getrlimit(RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft not in (RLIM_INFINITY, wanted):
        setrlimit(RLIMIT_NOFILE, (max(soft, wanted), hard))


@contextmanager
def fake_api() -> Iterator[list[str]]:
    """Start the fake API in its own process, out of Ctrl-C's reach, and give its two URLs."""
    command = [sys.executable, str(runtimes.HERE / "server.py"), str(files.CERTIFICATE)]
    pipe = subprocess.PIPE
    with subprocess.Popen(  # noqa: S603 - our own script
        command, env=ENVIRONMENT, stdin=pipe, stdout=pipe, text=True, start_new_session=True
    ) as server:
        yield server.stdout.readline().split() if server.stdout else []
        # Leaving closes its standard input, which ends the server.


def measure(row: Row, urls: list[str], repeats: int | None) -> list[table.Repeat]:
    """Return the measurements of each peer for each repeat.

    Args:
        row: The row.
        urls: The http and the https URL of the fake API.
        repeats: How many; by default, as many as the row has, if its time is enough.
    """
    repeated: list[table.Repeat] = []
    began = time.monotonic()
    end = began + (inf if repeats else row.seconds)
    for repeat in range(repeats or row.repeats):
        _progress(f"{row.name} {repeat + 1}/{repeats or row.repeats}")
        first = repeat % len(row.peers)
        order = row.peers[first:] + row.peers[:first]
        repeated.append({peer: _measure_once(row, peer, urls) for peer in order})
        if time.monotonic() > end:
            break
    _progress("")
    taken = time.monotonic() - began
    print(
        f"{row.name}: {len(repeated)} of {row.repeats} repeats, {taken:.0f} s",
        file=sys.stderr,
        flush=True,
    )
    return repeated


def _progress(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def _measure_once(row: Row, peer: str, urls: list[str]) -> dict[str, float]:
    command = runtimes.command(peer, row.environment)
    arguments = (row.work, peer, urls[row.is_tls], *row.arguments)
    if row.metric == "process":
        return {"process": _process_time(*command, *arguments) - _process_time(*command)}
    measured: dict[str, float] = json.loads(spawn(*command, *arguments, is_tls=row.is_tls))
    return measured


def _process_time(*command: str) -> float:
    before = getrusage(RUSAGE_CHILDREN)  # of those that ended: the fake API is not among them
    spawn(*command)
    after = getrusage(RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def spawn(*command: str, is_tls: bool = False) -> str:
    """Run a worker and return what it prints."""
    environment = ENVIRONMENT | ({"SSL_CERT_FILE": str(files.AUTHORITIES)} if is_tls else {})
    try:
        done = subprocess.run(  # noqa: S603 - our own script
            command, env=environment, capture_output=True, text=True, timeout=TIMEOUT, check=True
        )
    except subprocess.CalledProcessError as error:
        raise WorkerError(f"{' '.join(command[2:])} failed:\n{error.stderr}") from None
    except subprocess.TimeoutExpired as error:
        raise WorkerError(f"{' '.join(command[2:])} took over {TIMEOUT} s") from error
    return done.stdout


if __name__ == "__main__":
    main()
