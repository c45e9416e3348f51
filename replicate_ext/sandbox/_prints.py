"""Collecting what models print, without taking it away from where it goes."""

import asyncio
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TextIO

_STREAMS = ("stdout", "stderr")
_lock = threading.Lock()
_collecting = 0


class _Lines:
    """Takes text as it is printed and gives it on in whole lines.

    Args:
        take: receives one or more lines with their ends, or what was flushed of one.
    """

    def __init__(self, take: Callable[[str], None]) -> None:
        self._take = take
        self._begun = ""

    def write(self, text: str) -> None:
        """Take the next piece of text."""
        # Progress bars end their lines with a carriage return.
        end = max(text.rfind("\n"), text.rfind("\r")) + 1
        if end:
            self._take(self._begun + text[:end])
            self._begun = ""
        self._begun += text[end:]

    def flush(self) -> None:
        """Give on what there is of a line."""
        if self._begun:
            self._take(self._begun)
            self._begun = ""


_lines: ContextVar[_Lines | None] = ContextVar("lines", default=None)


class _Tee:
    """Stands before a stream and lets those who collect see what is written to it.

    Args:
        stream: where everything goes, as it would without this.
    """

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)

    def write(self, text: str) -> int:
        """Write."""
        lines = _lines.get()
        if lines is not None:
            lines.write(text)
        return self.stream.write(text)

    def flush(self) -> None:
        """Flush."""
        lines = _lines.get()
        if lines is not None:
            lines.flush()
        self.stream.flush()


@contextmanager
def collected(take: Callable[[str], None]) -> Iterator[None]:
    """Collect what is printed in here, and in tasks and threads that run with this context.

    Args:
        take: receives it line by line; called in the event loop that this is called in.
    """
    lines = _Lines(_in_loop(take))
    token = _lines.set(lines)
    _count(1)
    try:
        yield
    finally:
        _count(-1)
        _lines.reset(token)
        lines.flush()


def _in_loop(take: Callable[[str], None]) -> Callable[[str], None]:
    loop = asyncio.get_running_loop()
    thread = threading.get_ident()

    def hand_over(text: str) -> None:
        if threading.get_ident() == thread:
            # At once, so that it comes before what the same coroutine does next.
            take(text)
        else:
            loop.call_soon_threadsafe(take, text)

    return hand_over


def _count(change: int) -> None:
    """Stand before the streams while anybody collects, wherever they lead at that time."""
    global _collecting  # noqa: PLW0603 - the streams are the process's own
    with _lock:
        _collecting += change
        for name in _STREAMS:
            stream = getattr(sys, name)
            if isinstance(stream, _Tee):
                if _collecting == 0:
                    setattr(sys, name, stream.stream)
            elif _collecting > 0 and stream is not None:
                setattr(sys, name, _Tee(stream))
