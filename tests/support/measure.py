"""Measure the memory and the open files of a call."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest


def peak_of(call: Callable[[], object]) -> int:
    """Return the peak memory of a call in bytes."""
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def open_files() -> int:
    """Return how many files this process has open."""
    try:
        return sum(1 for _ in Path("/proc/self/fd").iterdir())
    except OSError:
        pytest.skip("only Linux lists the open files of a process")
