"""Connection of a stream, which another thread or task may close while it is read.

Threads and tasks are interrupted in different ways, so both classes are written by hand. They have
the same methods.
"""

from __future__ import annotations

import socket
import threading
from contextlib import AsyncExitStack, ExitStack, nullcontext, suppress
from typing import TYPE_CHECKING

from replicate_ext._http.generators import unwind

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from contextlib import AbstractContextManager

    import anyio
    import httpx

_CLOSE_SECONDS = 5.0
"""Time limit for closing a connection whose reader is being canceled."""


class Connection:
    """Connection that one thread reads and any thread may shut down.

    ``response`` and ``chunks``, its body, are set while an event stream is open. ``cleanup`` closes
    the response.
    """

    def __init__(self) -> None:
        self.cleanup = ExitStack()
        self.response: httpx.Response | None = None
        self.chunks: Iterator[bytes] | None = None
        # Reentrant: a signal handler may close the stream at any moment.
        self._hold = threading.RLock()

    def step(self) -> AbstractContextManager[None]:
        """Return a context for one step, which ``shut_down`` may end early."""
        return nullcontext()

    def close(self) -> None:
        """Close the connection, as its reader."""
        with self._hold:  # once released, the socket may serve another request
            self.chunks = self.response = None
        with suppress(Exception):  # the connection is closed even if this raises
            self.cleanup.close()

    def shut_down(self) -> None:
        """Interrupt a read in another thread."""
        with self._hold:
            if self.response is not None:
                _shut_down(self.response)


class AsyncConnection:
    """Connection that one task reads and any task of its event loop may shut down.

    ``response`` and ``chunks``, its body, are set while an event stream is open. ``cleanup`` closes
    the response.
    """

    def __init__(self) -> None:
        self.cleanup = AsyncExitStack()
        self.response: httpx.Response | None = None
        self.chunks: AsyncIterator[bytes] | None = None
        self._step: anyio.CancelScope | None = None

    def step(self) -> anyio.CancelScope:
        """Return a context for one step, which ``shut_down`` may end early."""
        import anyio

        self._step = anyio.CancelScope()
        return self._step

    async def aclose(self) -> None:
        """Close the connection, as its reader."""
        import anyio

        chunks, self.chunks, self.response = self.chunks, None, None
        with anyio.move_on_after(_CLOSE_SECONDS, shield=True):
            if chunks is not None:
                await unwind(chunks)
            with suppress(Exception):  # the connection is closed even if this raises
                await self.cleanup.aclose()

    async def shut_down(self) -> None:
        """Interrupt a read in another task."""
        if self._step is not None:
            self._step.cancel()
        if self.response is None:
            return
        try:
            _shut_down(self.response)
        except TypeError:  # the socket wrapper of uvloop does not shut down
            with suppress(Exception):
                await self.response.extensions["network_stream"].aclose()


def _shut_down(response: httpx.Response) -> None:
    """Shut down the socket of a response, if it has one.

    The socket is not closed: the reader closes it, and its number must not be reused before that.
    """
    network_stream = response.extensions.get("network_stream")
    connected = None if network_stream is None else network_stream.get_extra_info("socket")
    with suppress(OSError):  # it may be shut down already
        if isinstance(connected, socket.socket):
            # Not the method of a TLS socket: after that, the reader would get encrypted bytes.
            socket.socket.shutdown(connected, socket.SHUT_RDWR)
        elif connected is not None:  # asyncio lends its sockets in a wrapper
            connected.shutdown(socket.SHUT_RDWR)
