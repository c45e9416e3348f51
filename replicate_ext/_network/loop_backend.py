"""Network backend for httpcore on the transports of asyncio.

The anyio backend, which httpcore uses by default, copies each read into pieces of 64 kB and yields
to the event loop in every step. Here, `read` returns the chunks that the event loop has received.
"""

from __future__ import annotations

import asyncio
import ipaddress
import select
from collections import deque
from typing import TYPE_CHECKING, Any

import httpcore

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable

_MAX_UNREAD = 1 << 18
"""Unread bytes at which receiving pauses; the event loop receives as many at once."""
_MAX_UNSENT = 1 << 18
"""Bytes that are passed to the event loop at a time."""
_STAGGER = 0.25
"""Seconds before the next address of a host is tried in parallel (RFC 8305, "happy eyeballs")."""


class LoopBackend(httpcore.AsyncNetworkBackend):
    """Opens connections on an event loop of asyncio."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> LoopStream:
        """Connect to a host."""
        import anyio

        loop = asyncio.get_running_loop()
        try:
            with anyio.fail_after(timeout):
                _, stream = await loop.create_connection(
                    LoopStream,
                    host,
                    port,
                    local_addr=None if local_address is None else (local_address, 0),
                    happy_eyeballs_delay=None if _is_address(host) else _STAGGER,
                )
        except TimeoutError as error:  # from fail_after, or from the system
            raise httpcore.ConnectTimeout(str(error)) from error
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error
        for option in socket_options or ():
            stream.get_extra_info("socket").setsockopt(*option)
        return stream


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


class LoopStream(asyncio.Protocol, httpcore.AsyncNetworkStream):
    """A connection over a transport of asyncio, for one task that reads and writes in turn."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport: Any = None
        self._is_tls = False
        self._unread: deque[bytes] = deque()
        self._size = 0
        self._is_ended = False
        self._is_lost = False
        self._is_closed = False
        self._failure: Exception | None = None
        self._is_full = False
        self._reader: asyncio.Future[None] | None = None
        self._writer: asyncio.Future[None] | None = None

    # Called by the event loop:

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Keep bytes for the reader, and receive no more if there are enough."""
        self._unread.append(data)
        self._size += len(data)
        if self._size >= _MAX_UNREAD:
            self._transport.pause_reading()
        _wake(self._reader)

    def eof_received(self) -> bool:
        """Note the end of the data. The other direction stays open, except with TLS."""
        self._is_ended = True
        _wake(self._reader)
        return not self._is_tls

    def connection_lost(self, exc: Exception | None) -> None:
        """Note that the connection is lost, and wake the reader and the writer."""
        self._is_lost = True
        self._failure = exc
        _wake(self._reader)
        _wake(self._writer)

    def pause_writing(self) -> None:
        """Note that the peer reads more slowly than this side writes."""
        self._is_full = True

    def resume_writing(self) -> None:
        """Let the writer continue."""
        self._is_full = False
        _wake(self._writer)

    # Called by httpcore:

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - the loop decides how many
        """Return the next chunk, as it was received; b"" at the end."""
        if not (self._unread or self._is_ended or self._is_lost):
            self._reader = self._loop.create_future()
            await self._woken(self._reader, timeout, httpcore.ReadTimeout)
        if self._is_closed:
            raise httpcore.ReadError("the connection was closed")
        if self._unread:
            data = self._unread.popleft()
            if self._size >= _MAX_UNREAD > self._size - len(data):
                self._transport.resume_reading()
            self._size -= len(data)
            return data
        if self._failure is not None:
            raise httpcore.ReadError(str(self._failure)) from self._failure
        return b""

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write all bytes, and wait while the peer reads too slowly."""
        rest = memoryview(buffer)
        while rest:
            if self._is_lost or self._transport.is_closing():
                raise httpcore.WriteError("the connection is closed") from self._failure
            self._transport.write(rest[:_MAX_UNSENT])
            rest = rest[_MAX_UNSENT:]
            if self._is_full:
                self._writer = self._loop.create_future()
                await self._woken(self._writer, timeout, httpcore.WriteTimeout)

    async def aclose(self) -> None:
        """Close the connection at once; with TLS, send close_notify first."""
        self._is_closed = True
        # close sends the close_notify of TLS, but then waits for the peer; abort does not wait.
        # After a second close, abort has no effect on a TLS transport.
        if not self._transport.is_closing():
            self._transport.close()
        self._transport.abort()
        await asyncio.sleep(0)  # the loop closes the socket in its next step

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> LoopStream:
        """Start TLS on the connection, or close it if that fails."""
        import anyio

        plain = self._transport
        try:
            with anyio.fail_after(timeout):
                encrypted = await self._loop.start_tls(
                    plain, self, ssl_context, server_hostname=server_hostname
                )
        except BaseException as error:
            await self.aclose()
            if isinstance(error, TimeoutError):
                raise httpcore.ConnectTimeout(str(error)) from error
            if isinstance(error, OSError):  # includes TLS errors
                raise httpcore.ConnectError(str(error)) from error
            raise
        if encrypted is None:  # the connection was closed right after the handshake
            await self.aclose()
            raise httpcore.ConnectError("the connection was closed in the TLS handshake")
        self._transport, self._is_tls = encrypted, True
        return self

    def get_extra_info(self, info: str) -> Any:
        """Return information about the connection."""
        if info == "is_readable":
            return self._is_ended or self._is_lost or bool(self._unread) or self._has_pending()
        return self._transport.get_extra_info(_NAMES.get(info, info))

    def _has_pending(self) -> bool:
        """Return whether the socket has received something that the loop has not read yet."""
        number = self._transport.get_extra_info("socket").fileno()
        if number < 0:
            return True
        if not hasattr(select, "poll"):  # Windows
            return bool(select.select([number], [], [], 0)[0])
        poll = select.poll()
        poll.register(number, select.POLLIN)
        return bool(poll.poll(0))

    async def _woken(
        self, waiter: asyncio.Future[None], timeout: float | None, late: type[Exception]
    ) -> None:
        timer = None if timeout is None else self._loop.call_later(timeout, _fail, waiter, late)
        try:
            await waiter
        finally:
            if timer is not None:
                timer.cancel()


_NAMES = {"client_addr": "sockname", "server_addr": "peername"}
"""Names that httpcore defines, and the names of asyncio for the same information."""


def _wake(waiter: asyncio.Future[None] | None) -> None:
    if waiter is not None and not waiter.done():
        waiter.set_result(None)


def _fail(waiter: asyncio.Future[None], late: type[Exception]) -> None:
    if not waiter.done():
        waiter.set_exception(late())
