"""Closing streams: while another thread or task reads them, and after nobody waits for them."""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Callable

    import httpx


def shut_down(response: httpx.Response) -> None:
    """End what another thread or task is reading, where there is a socket below the answer.

    The socket is not closed: its reader does that, and until then nothing may get its number.
    """
    network_stream = response.extensions.get("network_stream")
    connected = None if network_stream is None else network_stream.get_extra_info("socket")
    with suppress(OSError):  # it may be shut down already
        if isinstance(connected, socket.socket):
            # Not the TLS socket's own method, which lets the reader take ciphertext for text.
            socket.socket.shutdown(connected, socket.SHUT_RDWR)
        elif connected is not None:  # asyncio lends its sockets in a wrapper
            connected.shutdown(socket.SHUT_RDWR)


async def shut_down_async(response: httpx.Response) -> None:
    """End what another task is reading, on any event loop."""
    try:
        shut_down(response)
    except TypeError:  # uvloop's wrapper refuses
        with suppress(Exception):
            await response.extensions["network_stream"].aclose()


_unfinished: set[asyncio.Task[None]] = set()  # event loops have only weak references to tasks


def finish_soon(work: Callable[[], Awaitable[None]]) -> None:
    """Let the event loop of this thread do what is left to do; do nothing where none runs."""
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
    """Do the work, in a coroutine that is begun before it becomes a task.

    ``asyncio.run`` cancels the tasks that are left at its end. One that has not begun would never
    run; this one goes on.
    """
    import asyncio

    with suppress(asyncio.CancelledError):
        await asyncio.sleep(0)
    await work()
