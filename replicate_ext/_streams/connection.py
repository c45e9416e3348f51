"""Connection of a stream, which another thread or task may close while it is read.

Threads and tasks need different means for that, so both classes are written by hand. They have the
same methods.
"""

from __future__ import annotations

import socket
import threading
from contextlib import AsyncExitStack, ExitStack, nullcontext, suppress
from typing import TYPE_CHECKING

from replicate_ext._http.async_response_body import async_body_chunks
from replicate_ext._http.generators import unwind
from replicate_ext._http.response_body import body_chunks

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from contextlib import AbstractContextManager

    import anyio
    import httpx

    from replicate_ext._http.drivers import AsyncDriver, Driver
    from replicate_ext._streams.reading import Connect

_CLOSE_SECONDS = 5.0
"""Time limit for closing a connection whose reader is being canceled."""


class Connection:
    """Connection that one thread reads and any thread may shut down.

    Args:
        driver: Opens the connection.
    """

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._cleanup = ExitStack()
        self._response: httpx.Response | None = None
        # Reentrant: a signal handler may close the stream at any moment.
        self._hold = threading.RLock()
        self.chunks: Iterator[bytes] | None = None
        """Body of the open event stream; None while no stream is open."""

    def step(self) -> AbstractContextManager[None]:
        """Return a context for one step, which ``shut_down`` may end early."""
        return nullcontext()

    def open(self, step: Connect) -> httpx.Response:
        """Send the request and return the response; sets ``chunks`` if it is an event stream.

        Args:
            step: The request.

        Raises:
            httpx.TransportError: The connection failed.
            httpx.DecodingError: The body cannot be decoded.
        """
        opening = self._driver.stream(step.url, step.headers, step.timeout, deadline=step.deadline)
        response = self._cleanup.enter_context(opening)
        if _is_event_stream(response):
            self._response, self.chunks = response, body_chunks(response)
        else:
            response.read()
        return response

    def close(self) -> None:
        """Close the connection, as its reader."""
        with self._hold:  # once released, the socket may serve another request
            self.chunks = self._response = None
        with suppress(Exception):  # a connection that fails to close is closed too
            self._cleanup.close()

    def shut_down(self) -> None:
        """End a read of another thread."""
        with self._hold:
            if self._response is not None:
                _shut_down(self._response)


class AsyncConnection:
    """Connection that one task reads and any task of its event loop may shut down.

    Args:
        driver: Opens the connection.
    """

    def __init__(self, driver: AsyncDriver) -> None:
        self._driver = driver
        self._cleanup = AsyncExitStack()
        self._response: httpx.Response | None = None
        self._step: anyio.CancelScope | None = None
        self.chunks: AsyncIterator[bytes] | None = None
        """Body of the open event stream; None while no stream is open."""

    def step(self) -> anyio.CancelScope:
        """Return a context for one step, which ``shut_down`` may end early."""
        import anyio

        self._step = anyio.CancelScope()
        return self._step

    async def open(self, step: Connect) -> httpx.Response:
        """Send the request and return the response; sets ``chunks`` if it is an event stream.

        Args:
            step: The request.

        Raises:
            httpx.TransportError: The connection failed.
            httpx.DecodingError: The body cannot be decoded.
        """
        opening = self._driver.stream(step.url, step.headers, step.timeout, deadline=step.deadline)
        response = await self._cleanup.enter_async_context(opening)
        if _is_event_stream(response):
            self._response, self.chunks = response, async_body_chunks(response)
        else:
            await response.aread()
        return response

    async def aclose(self) -> None:
        """Close the connection, as its reader."""
        import anyio

        chunks, self.chunks, self._response = self.chunks, None, None
        with anyio.move_on_after(_CLOSE_SECONDS, shield=True):
            if chunks is not None:
                await unwind(chunks)
            with suppress(Exception):  # a connection that fails to close is closed too
                await self._cleanup.aclose()

    async def shut_down(self) -> None:
        """End a read of another task."""
        if self._step is not None:
            self._step.cancel()
        if self._response is None:
            return
        try:
            _shut_down(self._response)
        except TypeError:  # the socket wrapper of uvloop does not shut down
            with suppress(Exception):
                await self._response.extensions["network_stream"].aclose()


def _shut_down(response: httpx.Response) -> None:
    """Shut down the socket of a response, if it has one.

    The socket is not closed: its reader does that, and until then its number must not be reused.
    """
    network_stream = response.extensions.get("network_stream")
    connected = None if network_stream is None else network_stream.get_extra_info("socket")
    with suppress(OSError):  # it may be shut down already
        if isinstance(connected, socket.socket):
            # The method of a TLS socket would let the reader take ciphertext for text.
            socket.socket.shutdown(connected, socket.SHUT_RDWR)
        elif connected is not None:  # asyncio lends its sockets in a wrapper
            connected.shutdown(socket.SHUT_RDWR)


def _is_event_stream(response: httpx.Response) -> bool:
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return response.is_success and kind == "text/event-stream"
