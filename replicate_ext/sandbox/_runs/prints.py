"""Collecting what models print, without taking it away from where it goes."""

import asyncio
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import TextIO

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


class _Watch:
    """Lets those who collect see what is written to a stream.

    The stream stays where it is, and gets methods of its own that come before its class's: `print`
    only borrows `sys.stdout`, so that the process crashes when another thread puts something in its
    place and lets go of it. https://github.com/python/cpython/issues/130163

    Args:
        stream: where everything goes, as it would without this.

    Raises:
        AttributeError, TypeError: the stream cannot have methods of its own.
    """

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        own = vars(stream)
        self._before = {name: own[name] for name in ("write", "flush") if name in own}
        self._write, self._flush = stream.write, stream.flush
        own.update(write=self.write, flush=self.flush)

    def write(self, text: str) -> int:
        """Write."""
        lines = _lines.get()
        if lines is None:
            return self._write(text)
        lines.write(text)
        # A stream that gives on to another one that is watched is to be seen once.
        token = _lines.set(None)
        try:
            return self._write(text)
        finally:
            _lines.reset(token)

    def flush(self) -> None:
        """Flush."""
        lines = _lines.get()
        if lines is not None:
            lines.flush()
        self._flush()

    def end(self) -> None:
        """Leave the stream as it was, unless somebody else has come before this."""
        own = vars(self.stream)
        for name in ("write", "flush"):
            if own.get(name) == getattr(self, name):
                del own[name]
                own.update({name: self._before[name]} if name in self._before else {})


_watches: list[_Watch] = []


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
    """Watch the streams while anybody collects, wherever they lead at that time."""
    global _collecting  # noqa: PLW0603 - the streams are the process's own
    with _lock:
        _collecting += change
        if _collecting == 0:
            for watch in _watches:
                watch.end()
            _watches.clear()
            return
        for stream in (sys.stdout, sys.stderr):
            if stream is not None and all(watch.stream is not stream for watch in _watches):
                # One that takes no methods is left alone.
                with suppress(AttributeError, TypeError):
                    _watches.append(_Watch(stream))
