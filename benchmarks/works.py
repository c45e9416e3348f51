"""The jobs that a worker can run.

Each function gets the name of a peer, the URL of the fake API and the arguments of a row. It
returns its measurements, or None if the whole process is measured.
"""

from __future__ import annotations

import sys
import time
from importlib import import_module
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

INPUTS = {"prompt": "a watercolour of two otters in a canoe", "width": 768, "seed": 1234}


INPUT_SCHEMA = {
    "type": "object",
    "required": ["prompt"],
    "properties": {
        "prompt": {"type": "string"},
        "width": {"type": "integer", "minimum": 64, "maximum": 1536},
        "seed": {"type": "integer"},
        "scheduler": {"type": "string", "enum": ["DDIM", "K_EULER"], "default": "K_EULER"},
    },
}


class Sync(Protocol):
    """The methods of a peer's blocking class; without one, the peer is left out of its rows."""

    def run(self, reference: str, inputs: dict[str, Any]) -> Any:
        """Run a model with a held request and return its output."""

    def run_function(self, schema: dict[str, Any], inputs: dict[str, Any]) -> Any:
        """Run a typed function with a held request and return its output."""

    def poll(self, reference: str, inputs: dict[str, Any]) -> Any:
        """Run a model without holding the request and return its output."""

    def models(self) -> Any:
        """Give the models of all pages."""

    def inline_and_run(self, path: Path) -> Any:
        """Run a model with a file as a data URI."""

    def inline_many_and_run(self, contents: list[bytes]) -> Any:
        """Run a model with many small files as data URIs."""

    def upload(self, path: Path) -> Any:
        """Upload a file."""

    def upload_and_run(self, path: Path) -> Any:
        """Upload a file and run a model with it."""

    def download(self, url: str, path: Path) -> Any:
        """Download a file to disk."""

    def stream(self, name: str) -> int:
        """Read one of the fake API's streams and return the length of its events' data."""


class Async(Protocol):
    """The methods of a peer's async class: the async forms of those that its rows call."""

    async def run(self, reference: str, inputs: dict[str, Any]) -> Any:
        """Run a model with a held request and return its output."""


class Webhooks(Protocol):
    """The methods of a peer's class for webhooks."""

    def verify(self, headers: dict[str, str], body: bytes) -> None:
        """Raise an error unless the signature of a delivery is valid."""


def load(peer: str, _url: str) -> None:
    """Import a peer, and end."""
    import_module(f"peers.{peer}")


def cold(peer: str, url: str) -> None:
    """Import a peer, make its client, run once, and end."""
    _check(_sync(peer, url).run("owner/name", INPUTS), "done")


def runs(peer: str, url: str, count: str, reference: str) -> dict[str, float]:
    """Run a model many times, one after the other."""
    from meter import Meter

    client = _sync(peer, url)
    client.run(reference, INPUTS)  # opens the connection, and imports what was put off
    with Meter(url) as meter:
        for _ in range(int(count)):
            output = client.run(reference, INPUTS)
    _check(output, "done")
    return meter.per(int(count))


def typed_runs(peer: str, url: str, count: str) -> dict[str, float]:
    """Run a typed function many times, in turn with the same run unchecked, and compare them."""
    from statistics import median

    schema = {"components": {"schemas": {"Input": INPUT_SCHEMA}}}
    client = _sync(peer, url)
    runs: tuple[Callable[[], object], ...] = (
        lambda: client.run("owner/name", INPUTS),
        lambda: client.run_function(schema, INPUTS),
    )
    for run in runs:
        _check(run(), "done")
    taken: list[tuple[float, ...]] = [tuple(map(_cpu, runs)) for _ in range(int(count))]
    unchecked, checked = map(median, zip(*taken, strict=True))
    return {"cpu": checked, "ratio": checked / unchecked}


def async_runs(peer: str, url: str, count: str, reference: str) -> dict[str, float]:
    """Run a model many times, one after the other, in an event loop."""
    import asyncio

    from meter import Meter

    async def measured() -> dict[str, float]:
        client = _async(peer, url)
        await client.run(reference, INPUTS)
        with Meter(url) as meter:
            for _ in range(int(count)):
                output = await client.run(reference, INPUTS)
        _check(output, "done")
        return meter.per(int(count))

    return asyncio.run(measured())


def concurrent_runs(peer: str, url: str, count: str, seconds: str) -> dict[str, float]:
    """Run a model many times at once on a new client, and count the failures."""
    import asyncio

    from meter import Meter

    async def measured() -> dict[str, float]:
        client = _async(peer, url)
        inputs = {**INPUTS, "run_time": float(seconds)}
        with Meter(url) as meter:
            outcomes = await asyncio.gather(
                *(client.run("owner/name", inputs) for _ in range(int(count))),
                return_exceptions=True,
            )
        failed = sum(outcome != "done" for outcome in outcomes)
        return _per_job(meter.per(1), int(count), failed)

    return asyncio.run(measured())


def concurrent_streams(peer: str, url: str, count: str) -> dict[str, float]:
    """Run a model and read its stream, many times at once on a new client."""
    import asyncio

    from meter import Meter

    async def measured() -> dict[str, float]:
        client: Any = _async(peer, url)
        with Meter(url) as meter:
            sizes = await asyncio.gather(
                *(client.run_and_stream("paced") for _ in range(int(count))),
                return_exceptions=True,
            )
        failed = sum(size != 9 * 10 + len("{}") for size in sizes)
        return _per_job(meter.per(1), int(count), failed)

    return asyncio.run(measured())


def _per_job(measured: dict[str, float], count: int, failed: int) -> dict[str, float]:
    return {**measured, "failed": failed, "memory": 1000 * measured["peak"] / count}


def polls(peer: str, url: str, *lengths: str) -> dict[str, float]:
    """Poll runs of several lengths, as the delay depends on the moment of a poll."""
    from concurrent.futures import ThreadPoolExecutor

    from meter import Meter

    client = _sync(peer, url)
    client.run("owner/name", INPUTS)

    def late(index: int) -> float:
        time.sleep(0.013 * index)  # so that the polls do not all happen at once
        length = float(lengths[index])
        started = time.perf_counter()
        output = client.poll("owner/name", {**INPUTS, "run_time": length})
        taken = time.perf_counter() - started
        _check(output, "done")
        return 100 * (taken - length) / length

    with Meter(url) as meter, ThreadPoolExecutor(len(lengths)) as threads:
        lateness = list(threads.map(late, range(len(lengths))))
    return {**meter.per(1), "late": max(lateness)}


def pages(peer: str, url: str, models: str) -> dict[str, float]:
    """Go through pages of models, and keep none of them."""
    from meter import Meter

    client = _sync(peer, url)
    with Meter(url) as meter:
        count = sum(1 for _ in islice(client.models(), int(models)))
    _check(count, int(models))
    return meter.per(1)


def with_file(peer: str, url: str, kind: str, method: str, path: str) -> dict[str, float]:
    """Send or receive a file, after a small one that imports what was put off."""
    import asyncio
    from pathlib import Path

    import files
    from meter import Meter

    async def made() -> Any:
        return _async(peer, url)

    def transfer(file: Path) -> None:
        arguments = (f"{url}/blobs/{file.stat().st_size}", target) if is_download else (file,)
        result = getattr(client, method)(*arguments)
        if kind == "Async":
            runner.run(result)

    is_download, target, large = method == "download", files.target(), Path(path)
    with asyncio.Runner() as runner:
        client = runner.run(made()) if kind == "Async" else _sync(peer, url)
        try:
            transfer(files.SMALL)
            target.unlink(missing_ok=True)
            with Meter(url) as meter:
                transfer(large)
            measured = meter.per(1)
            moved = target.stat().st_size if is_download else measured["bytes"]
        finally:
            target.unlink(missing_ok=True)
    _check(moved >= large.stat().st_size, expected=True)
    return measured


def small_files(peer: str, url: str, count: str) -> dict[str, float]:
    """Run a model with many small files in one input, after a run with a few."""
    from meter import Meter

    contents = [b"file number %d" % number for number in range(int(count))]
    client = _sync(peer, url)
    client.inline_many_and_run(contents[:10])
    with Meter(url) as meter:
        output = client.inline_many_and_run(contents)
    _check(output, "done")
    return meter.per(1)


def stream(peer: str, url: str, name: str, length: str) -> dict[str, float]:
    """Read a stream, after a small one that opens the connection and imports what was put off."""
    from meter import Meter

    client = _sync(peer, url)
    client.stream("each-10")
    with Meter(url) as meter:
        size = client.stream(name)
    _check(size >= int(length), expected=True)  # the bytes alone are more than their data
    return meter.per(1)


def async_stream(peer: str, url: str, name: str, length: str) -> dict[str, float]:
    """Read a stream in an event loop, after a small one."""
    import asyncio

    from meter import Meter

    async def measured() -> dict[str, float]:
        client: Any = _async(peer, url)
        await client.stream("each-10")
        with Meter(url) as meter:
            size = await client.stream(name)
        _check(size >= int(length), expected=True)
        return meter.per(1)

    return asyncio.run(measured())


def webhooks(peer: str, url: str, count: str, size: str) -> dict[str, float]:
    """Verify a delivery many times."""
    import catalog
    from meter import Meter

    secret, headers, body = catalog.delivery(int(size))
    verifier: Webhooks = import_module(f"peers.{peer}").Webhooks(secret)
    _check(_refuses(verifier, headers, body[:-1]), expected=True)
    with Meter(url) as meter:
        for _ in range(int(count)):
            verifier.verify(headers, body)
    return meter.per(int(count))


def _refuses(verifier: Webhooks, headers: dict[str, str], body: bytes) -> bool:
    try:
        verifier.verify(headers, body)
    except Exception:  # noqa: BLE001 - each peer has its own
        return True
    return False


def show_help(peer: str, _url: str) -> None:
    """Print the help of a command, and end."""
    name = "replicate_ext.cli.app" if peer == "replicate_ext" else f"peers.{peer}"
    import_module(name).app(["--help"])


def _sync(peer: str, url: str) -> Sync:
    client: Sync = import_module(f"peers.{peer}").Sync(url)
    return client


def _async(peer: str, url: str) -> Async:
    client: Async = import_module(f"peers.{peer}").Async(url)
    return client


def _cpu(run: Callable[[], object]) -> float:
    """Return the CPU time of a call, in seconds."""
    start = time.process_time()
    run()
    return time.process_time() - start


def _check(value: object, expected: object) -> None:
    """Check that a peer did the same work: otherwise its speed says nothing."""
    if value != expected:
        sys.exit(f"expected {expected!r}, not {value!r}")
