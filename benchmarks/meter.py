"""Measure time, memory and requests of a block of code."""

from __future__ import annotations

import json
import resource
import time
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit


class Meter:
    """Measures a block.

    Args:
        url: The URL of the fake API, which returns its counters.
    """

    def __init__(self, url: str) -> None:
        self._scheme, self._address = urlsplit(url)[:2]
        self._counts: dict[str, Any] = {}

    def __enter__(self) -> Self:
        self._ask()
        self._memory = resident()
        self._wall, self._cpu = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *_: object) -> None:
        self._wall = time.perf_counter() - self._wall
        self._cpu = time.process_time() - self._cpu
        self._memory = _peak() - self._memory
        self._counts = self._ask()

    def per(self, count: int) -> dict[str, float]:
        """Return the measurements; seconds and requests are divided by a number of jobs."""
        return {
            **self._counts,
            "wall": self._wall / count,
            "cpu": self._cpu / count,
            "requests": self._counts["requests"] / count,
            "peak": self._memory,
        }

    def _ask(self) -> dict[str, Any]:
        """Return the counters of the fake API since the last call."""
        kind = HTTPSConnection if self._scheme == "https" else HTTPConnection
        connection = kind(self._address)
        connection.request("GET", "/counts")
        counts: dict[str, Any] = json.loads(connection.getresponse().read())
        connection.close()
        return counts


def resident() -> float:
    """Return the memory of this process in megabytes, and reset its peak."""
    try:
        # https://www.kernel.org/doc/html/latest/filesystems/proc.html#process-specific-subdirectories
        Path("/proc/self/clear_refs").write_text("5")
        return _status("VmRSS")
    except OSError:
        return _peak()


def _peak() -> float:
    """Return the peak memory of this process in megabytes, since its start if it has no reset."""
    try:
        return _status("VmHWM")
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def _status(field: str) -> float:
    line = Path("/proc/self/status").read_text().partition(f"{field}:")[2]
    return int(line.split(maxsplit=1)[0]) * 1024 / 1_000_000
