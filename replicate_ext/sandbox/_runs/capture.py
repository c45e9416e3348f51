"""Capture of the text that models print, which still goes to stdout and stderr."""

import asyncio
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import TextIO

_lock = threading.Lock()
_captures = 0


class _Lines:
    """A buffer of printed text, which passes on complete lines.

    Args:
        take: receives one or more complete lines, or an incomplete line at a flush.
    """

    def __init__(self, take: Callable[[str], None]) -> None:
        self._take = take
        self._line = ""

    def write(self, text: str) -> None:
        """Add text, and pass on the lines that are complete."""
        # Progress bars end their lines with a carriage return.
        end = max(text.rfind("\n"), text.rfind("\r")) + 1
        if end:
            self._take(self._line + text[:end])
            self._line = ""
        self._line += text[end:]

    def flush(self) -> None:
        """Pass on an incomplete line."""
        if self._line:
            self._take(self._line)
            self._line = ""


_lines: ContextVar[_Lines | None] = ContextVar("lines", default=None)


class _Patch:
    """A patch of a stream's `write` and `flush` that copies the text to the current capture.

    The methods are patched, and the stream itself stays in `sys`: replacing `sys.stdout` while
    another thread prints can crash the process. https://github.com/python/cpython/issues/130163

    Args:
        stream: the stream to patch.

    Raises:
        AttributeError, TypeError: the stream's methods cannot be patched.
    """

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        own = vars(stream)
        self._before = {name: own[name] for name in ("write", "flush") if name in own}
        self._write, self._flush = stream.write, stream.flush
        own.update(write=self.write, flush=self.flush)

    def write(self, text: str) -> int:
        """Write text, and copy it to the current capture."""
        lines = _lines.get()
        if lines is None:
            return self._write(text)
        lines.write(text)
        # If this stream writes to another patched one, the text must not be captured twice.
        token = _lines.set(None)
        try:
            return self._write(text)
        finally:
            _lines.reset(token)

    def flush(self) -> None:
        """Flush the stream and the current capture."""
        lines = _lines.get()
        if lines is not None:
            lines.flush()
        self._flush()

    def undo(self) -> None:
        """Restore the methods, unless other code has patched them since."""
        own = vars(self.stream)
        for name in ("write", "flush"):
            if own.get(name) == getattr(self, name):
                del own[name]
                own.update({name: self._before[name]} if name in self._before else {})


_patches: list[_Patch] = []


@contextmanager
def captured(take: Callable[[str], None]) -> Generator[None, None, None]:
    """Capture what is printed in this context, including its tasks and threads.

    Args:
        take: receives the text in whole lines; called in the current event loop.
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
            # Called directly, so that the text arrives before the coroutine's next step.
            take(text)
        else:
            loop.call_soon_threadsafe(take, text)

    return hand_over


def _count(change: int) -> None:
    """Change the number of captures, and patch the current streams while there is one."""
    global _captures  # noqa: PLW0603 - the streams are global too
    with _lock:
        _captures += change
        if _captures == 0:
            for patch in _patches:
                patch.undo()
            _patches.clear()
            return
        for stream in (sys.stdout, sys.stderr):
            if stream is not None and all(patch.stream is not stream for patch in _patches):
                # A stream that cannot be patched is not captured.
                with suppress(AttributeError, TypeError):
                    _patches.append(_Patch(stream))
