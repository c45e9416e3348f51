"""Closing streams that their users left open."""

from __future__ import annotations

import atexit
import sys
from contextlib import suppress
from typing import TYPE_CHECKING
from weakref import WeakSet

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Callable

    from replicate_ext._streams.reading import Reading


class AutoClosing:
    """Base of a blocking stream: closes it when it is garbage collected or the interpreter exits.

    Args:
        reading: State of the stream.
    """

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        _open_streams.add(self)

    def __del__(self, is_finalizing: Callable[[], bool] = sys.is_finalizing) -> None:
        # A finalizing interpreter cannot send anything, and its modules lose their globals. The
        # exit handler below has already closed the stream.
        if not is_finalizing():
            with suppress(Exception):
                self.close()

    def close(self) -> None:
        """Close the stream."""
        raise NotImplementedError


_open_streams: WeakSet[AutoClosing] = WeakSet()


@atexit.register
def _close_open_streams() -> None:
    for stream in list(_open_streams):
        with suppress(Exception):  # an error must not keep the others open
            stream.close()


class AsyncAutoClosing:
    """Base of an async stream: its event loop closes it after it was garbage collected.

    Args:
        reading: State of the stream.
    """

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    def __del__(self, is_finalizing: Callable[[], bool] = sys.is_finalizing) -> None:
        with suppress(AttributeError):  # the constructor was interrupted
            if not is_finalizing() and self._reading.is_open:
                _finish_soon(self._abandon)

    async def _abandon(self) -> None:
        with suppress(Exception):  # there is no caller to raise it to
            await self.aclose()

    async def aclose(self) -> None:
        """Close the stream."""
        raise NotImplementedError


_unfinished: set[asyncio.Task[None]] = set()  # event loops have only weak references to tasks


def _finish_soon(work: Callable[[], Awaitable[None]]) -> None:
    """Do the work in the event loop of this thread; do nothing if no loop runs."""
    import asyncio

    import sniffio

    library = None
    with suppress(sniffio.AsyncLibraryNotFoundError):
        library = sniffio.current_async_library()
    with suppress(RuntimeError):  # no loop runs, or it is about to end
        if library == "trio":
            import trio

            trio.lowlevel.spawn_system_task(work)
            return
        loop = asyncio.get_running_loop()
        begun = _begin(work)
        begun.send(None)
        task = loop.create_task(begun)
        _unfinished.add(task)
        task.add_done_callback(_unfinished.discard)


async def _begin(work: Callable[[], Awaitable[None]]) -> None:
    """Do the work, in a coroutine that is started before it becomes a task.

    ``asyncio.run`` cancels the tasks that are left at its end. A task that has not started would
    never run; this one continues.
    """
    import asyncio

    with suppress(asyncio.CancelledError):
        await asyncio.sleep(0)
    await work()
