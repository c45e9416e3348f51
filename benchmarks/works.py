"""What a worker can be told to do.

Each function takes a peer's name, the fake API's URL and a row's own arguments. It returns what it
measured, or None where the driver measures the whole process.
"""

from __future__ import annotations

import sys
import time
from importlib import import_module
from typing import Any, Protocol, Self

INPUTS = {"prompt": "a watercolour of two otters in a canoe", "width": 768, "seed": 1234}


class Sync(Protocol):
    """What a peer's blocking class has; one that lacks a method takes no part in its rows."""

    def run(self, reference: str, inputs: dict[str, Any]) -> Any:
        """Run a model with a held request and return its output."""

    def models(self) -> Any:
        """Give the models of all pages."""


class Async(Protocol):
    """What a peer's async class has."""

    async def run(self, reference: str, inputs: dict[str, Any]) -> Any:
        """Run a model with a held request and return its output."""


class Stopwatch:
    """Takes the time of a block, on the wall and of this process's processors."""

    def __enter__(self) -> Self:
        self._wall, self._cpu = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *_: object) -> None:
        self._wall = time.perf_counter() - self._wall
        self._cpu = time.process_time() - self._cpu

    def per(self, count: int) -> dict[str, float]:
        """Return the seconds that each of so many took."""
        return {"wall": self._wall / count, "cpu": self._cpu / count}


def load(peer: str, _url: str) -> None:
    """Import a peer, and end."""
    import_module(f"peers.{peer}")


def cold(peer: str, url: str) -> None:
    """Import a peer, make its client, run once, and end."""
    _check(_sync(peer, url).run("owner/name", INPUTS), "done")


def runs(peer: str, url: str, count: str, reference: str) -> dict[str, float]:
    """Run a model many times, one after the other."""
    client = _sync(peer, url)
    client.run(reference, INPUTS)  # opens the connection, and imports what was put off
    with Stopwatch() as watch:
        for _ in range(int(count)):
            output = client.run(reference, INPUTS)
    _check(output, "done")
    return watch.per(int(count))


def async_runs(peer: str, url: str, count: str, reference: str) -> dict[str, float]:
    """Run a model many times, one after the other, in an event loop."""
    import asyncio

    async def measured() -> dict[str, float]:
        client: Async = import_module(f"peers.{peer}").Async(url)
        await client.run(reference, INPUTS)
        with Stopwatch() as watch:
            for _ in range(int(count)):
                output = await client.run(reference, INPUTS)
        _check(output, "done")
        return watch.per(int(count))

    return asyncio.run(measured())


def pages(peer: str, url: str, models: str) -> dict[str, float]:
    """Go through all pages of models, keeping none."""
    client = _sync(peer, url)
    with Stopwatch() as watch:
        count = sum(1 for _ in client.models())
    _check(count, int(models))
    return watch.per(1)


def _sync(peer: str, url: str) -> Sync:
    client: Sync = import_module(f"peers.{peer}").Sync(url)
    return client


def _check(value: object, expected: object) -> None:
    """A peer that does something else is fast in vain."""
    if value != expected:
        sys.exit(f"expected {expected!r}, not {value!r}")
