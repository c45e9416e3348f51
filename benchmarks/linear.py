"""Print how the time of the decoder grows: four times the bytes should take four times as long.

Run with the project's own environment: `.venv/bin/python benchmarks/linear.py`. What is quadratic
shows as 16.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from replicate_ext._streams.sse import Decoder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def long_line(size: int) -> Iterator[bytes]:
    """One event of one line, in 64 kB chunks."""
    yield b"data: "
    yield from (b"x" * (1 << 16) for _ in range(size >> 16))
    yield b"\n\n"


def single_bytes(size: int) -> Iterator[bytes]:
    """One event of one line, a byte at a time."""
    yield b"data: "
    yield from (b"x" for _ in range(size))
    yield b"\n\n"


def many_lines(size: int) -> Iterator[bytes]:
    """One event of many lines, in 1 kB chunks."""
    yield from (b"data: word word\n" * 64 for _ in range(size >> 10))
    yield b"\n"


def seconds(make: Callable[[int], Iterator[bytes]], size: int) -> float:
    """Return the processor's time for decoding a stream."""
    decoder = Decoder()
    started = time.process_time()
    for chunk in make(size):
        for _ in decoder.feed(chunk):
            pass
    return time.process_time() - started


if __name__ == "__main__":
    for shape, bytes_ in ((long_line, 100 << 20), (single_bytes, 4 << 20), (many_lines, 16 << 20)):
        quarter, whole = seconds(shape, bytes_ // 4), seconds(shape, bytes_)
        print(f"{shape.__name__:14} {bytes_:>11,} bytes {whole:6.3f} s  {whole / quarter:4.1f}")
