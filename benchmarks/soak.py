"""Show that memory and open files stay flat over many runs, and that few files are enough.

`make soak` makes 50,000 runs with each client, and 2,000 concurrent runs of 1 s in a process that
may open 256 files. Every part is a process of its own. The command fails if a run fails, if memory
grows, or if files stay open.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import resource
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from meter import resident

from replicate_ext import AsyncReplicate, Replicate

if TYPE_CHECKING:
    from collections.abc import Callable

RUNS = 50_000
CONCURRENT = 2_000
OPEN_FILES = 256
SAMPLES = 10
# Megabytes that a client may grow after its first fifth, in which pools and caches fill.
GROWTH = 2.0
INPUTS = {"prompt": "two otters in a canoe", "seed": 1234}
SLOW = {**INPUTS, "run_time": 1.0}


def main() -> None:
    """Start the fake API and each part, and fail if a part does."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=RUNS, help=f"per client; default: {RUNS}")
    parser.add_argument("--part", choices=PARTS, help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part:
        PARTS[options.part](options.url, options.runs)
        return
    here = Path(__file__)
    command = [sys.executable, str(here.with_name("server.py"))]
    pipe = subprocess.PIPE
    with subprocess.Popen(  # noqa: S603 - our own script
        command, stdin=pipe, stdout=pipe, text=True
    ) as server:
        url = server.stdout.readline().strip() if server.stdout else ""
        for part in PARTS:
            arguments = ["--part", part, "--url", url, "--runs", str(options.runs)]
            subprocess.run([sys.executable, str(here), *arguments], check=True)  # noqa: S603 - the same
        # Leaving closes its standard input, which ends the server.


def soak_sync(url: str, count: int) -> None:
    """Make runs with the blocking client and watch memory and files."""
    with Replicate("t", f"{url}/v1") as client:
        watch = _Watch("sync", count)
        for _ in range(SAMPLES):
            for _ in range(count // SAMPLES):
                _check(client.run("owner/name", INPUTS))
            watch.sample()
        watch.verify()


def soak_async(url: str, count: int) -> None:
    """Make runs with the async client, ten at a time, and watch memory and files."""

    async def runs(client: AsyncReplicate, number: int) -> None:
        for _ in range(number):
            _check(await client.run("owner/name", INPUTS))

    async def main() -> None:
        async with AsyncReplicate("t", f"{url}/v1") as client:
            watch = _Watch("async", count)
            for _ in range(SAMPLES):
                await asyncio.gather(*(runs(client, count // SAMPLES // 10) for _ in range(10)))
                watch.sample()
            watch.verify()

    asyncio.run(main())


def few_files_sync(url: str, _count: int) -> None:
    """Make concurrent runs in threads, with few open files."""
    _limit_files()
    started = time.perf_counter()
    with Replicate("t", f"{url}/v1") as client, ThreadPoolExecutor(CONCURRENT) as threads:
        for output in threads.map(lambda _: client.run("owner/name", SLOW), range(CONCURRENT)):
            _check(output)
    _report_few_files("sync", started)


def few_files_async(url: str, _count: int) -> None:
    """Make concurrent runs in tasks, with few open files."""
    _limit_files()

    async def main() -> None:
        async with AsyncReplicate("t", f"{url}/v1") as client:
            runs = (client.run("owner/name", SLOW) for _ in range(CONCURRENT))
            for output in await asyncio.gather(*runs):
                _check(output)

    started = time.perf_counter()
    asyncio.run(main())
    _report_few_files("async", started)


PARTS: dict[str, Callable[[str, int], None]] = {
    "few-files-async": few_files_async,
    "few-files-sync": few_files_sync,
    "soak-sync": soak_sync,
    "soak-async": soak_async,
}


class _Watch:
    """Samples memory and open files, and checks that they stay flat."""

    def __init__(self, name: str, count: int) -> None:
        self._name, self._step = name, count // SAMPLES
        self._samples: list[tuple[float, int]] = []

    def sample(self) -> None:
        gc.collect()
        megabytes, files = resident(), len([*Path("/proc/self/fd").iterdir()])
        self._samples.append((megabytes, files))
        done = self._step * len(self._samples)
        print(f"{self._name:6}{done:>8,} runs {megabytes:7.1f} MB {files:4} files", flush=True)

    def verify(self) -> None:
        (before, files_before), *later = self._samples[1:]
        growth = max(megabytes for megabytes, _ in later) - before
        if growth > GROWTH or any(files > files_before for _, files in later):
            sys.exit(f"{self._name}: memory or files grew: {growth:+.1f} MB")
        print(f"{self._name}: flat, {growth:+.1f} MB", flush=True)


def _limit_files() -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))


def _report_few_files(name: str, started: float) -> None:
    seconds = time.perf_counter() - started
    work = f"{CONCURRENT:,} concurrent runs of 1 s with {OPEN_FILES} open files"
    print(f"{name}: {work}: none failed, {seconds:.0f} s", flush=True)


def _check(output: object) -> None:
    if output != "done":
        sys.exit(f"expected 'done', not {output!r}")


if __name__ == "__main__":
    main()
