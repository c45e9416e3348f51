"""Read a stream in the background, so that its consumer can stop waiting without interrupting it.

A stream cannot be read after a read was interrupted. Therefore a thread or task reads the stream,
and the consumer waits for each event for a limited time. The code for threads differs from that
for tasks, so both classes are written by hand. They have the same methods.
"""

from __future__ import annotations

import _thread
import threading
from contextlib import suppress
from contextvars import copy_context
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from replicate_ext._streams.browser.protocols import Ended
from replicate_ext.errors import StreamError

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Callable

    import anyio

    from replicate_ext._streams.async_stream import AsyncStream
    from replicate_ext._streams.sse import ServerSentEvent
    from replicate_ext._streams.stream import Stream

    Item: TypeAlias = ServerSentEvent | Ended

_CLOSE_SECONDS = 5.0
"""Time limit for the end of a read that was interrupted, and for canceling the run."""


class Reader:
    """Reads a stream in a thread, at most one event ahead of its consumer. Closes the stream.

    Args:
        stream: The stream.
    """

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._thread: threading.Thread | None = None
        self._item: Item = Ended(None)
        self._has_item = threading.Event()
        self._was_read = threading.Event()
        self._is_closed = False

    def start(self) -> bool:
        """Start to read. Return False if reading was already started."""
        if self._thread is not None:
            return False
        self._thread = threading.Thread(
            target=copy_context().run,
            args=(self._read,),
            name="replicate_ext.event_stream",
            daemon=True,  # an open stream must not keep the interpreter from exiting
        )
        self._thread.start()
        return True

    def next(self, seconds: float) -> Item | None:
        """Return the next event or the end of the stream; None if nothing arrives in time."""
        if not self._has_item.wait(seconds):
            return None
        self._has_item.clear()
        item = self._item
        self._was_read.set()
        return item

    def close(self) -> None:
        """Close the stream, and wait for the thread to end."""
        if self._is_closed:
            return
        self._is_closed = True
        self._was_read.set()
        try:
            self._stream.close()
        finally:
            if self._thread is not None and self._thread is not threading.current_thread():
                self._thread.join(_CLOSE_SECONDS)

    def abandon(self) -> None:
        """Close the stream of a consumer that is garbage collected.

        This may run in any thread, including one with a running event loop, so it must not block.
        """
        if self._thread is not None and not self._is_closed:
            with suppress(RuntimeError):  # the interpreter exits, and has closed all streams
                # threading.Thread would need a lock, which the interrupted code may hold.
                _thread.start_new_thread(self._close_quietly, ())

    def _close_quietly(self) -> None:
        with suppress(Exception):  # there is no caller to raise it to
            self.close()

    def _read(self) -> None:
        error: BaseException | None = None
        try:
            with self._stream:
                for event in self._stream:
                    self._item = event
                    self._has_item.set()
                    self._was_read.wait()
                    self._was_read.clear()
                    if self._is_closed:
                        return
        except BaseException as caught:  # noqa: BLE001 - the consumer must not wait forever
            error = caught
        self._item = Ended(error)
        self._has_item.set()


class AsyncReader:
    """Reads a stream in a task, at most one event ahead of its consumer. Closes the stream.

    Args:
        stream: The stream.
    """

    def __init__(self, stream: AsyncStream) -> None:
        self._stream = stream
        self._scope: anyio.CancelScope | None = None
        self._item: Item = Ended(None)
        self._has_item: anyio.Event
        self._was_read: anyio.Event
        self._has_ended: anyio.Event
        self._call_soon: Callable[[Callable[[], object]], object]

    def start(self) -> bool:
        """Start to read. Return False if reading was already started."""
        import anyio

        if self._scope is not None:
            return False
        self._scope = anyio.CancelScope()
        self._has_item, self._has_ended = anyio.Event(), anyio.Event()
        self._call_soon = _start_task(partial(self._read, self._scope))
        return True

    async def next(self, seconds: float) -> Item | None:
        """Return the next event or the end of the stream; None if nothing arrives in time."""
        import anyio

        with anyio.move_on_after(seconds):
            await self._has_item.wait()
        if not self._has_item.is_set():
            return None
        self._has_item = anyio.Event()
        item = self._item
        self._was_read.set()
        return item

    async def aclose(self) -> None:
        """Close the stream, and wait for the task to end."""
        import anyio

        if self._scope is None:
            await self._stream.aclose()
            return
        self._scope.cancel()
        with anyio.move_on_after(_CLOSE_SECONDS, shield=True):
            await self._has_ended.wait()

    def abandon(self) -> None:
        """Close the stream of a consumer that is garbage collected, which may be in any thread."""
        if self._scope is not None:
            with suppress(RuntimeError):  # the event loop has ended
                self._call_soon(self._scope.cancel)

    async def _read(self, scope: anyio.CancelScope) -> None:
        import anyio

        error: Exception | None = StreamError("the stream was closed before it ended")
        self._was_read = anyio.Event()
        try:
            with scope:
                async with self._stream:
                    async for event in self._stream:
                        self._item = event
                        self._has_item.set()
                        await self._was_read.wait()
                        self._was_read = anyio.Event()
                error = None
        except Exception as caught:  # noqa: BLE001 - the consumer decides
            error = caught
        finally:
            self._item = Ended(error)
            self._has_item.set()
            self._has_ended.set()


_tasks: set[asyncio.Task[None]] = set()  # event loops have only weak references to tasks


def _start_task(
    work: Callable[[], Awaitable[None]],
) -> Callable[[Callable[[], object]], object]:
    """Start a task that may outlive its caller.

    Returns:
        Thread-safe function that makes the task's event loop call a function.
    """
    import sniffio

    if sniffio.current_async_library() == "trio":
        import trio

        trio.lowlevel.spawn_system_task(work, context=copy_context())
        return trio.lowlevel.current_trio_token().run_sync_soon
    import asyncio

    async def main() -> None:
        await work()

    loop = asyncio.get_running_loop()
    task = loop.create_task(main())
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)
    return loop.call_soon_threadsafe
