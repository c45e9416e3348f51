"""Network backends for httpcore with one deadline for a whole request and response.

A timeout of httpcore applies to a single read or write: a server that sends one byte every few
seconds can keep a request open forever. These backends limit each step to the time that is left, so
connecting, TLS, upload, headers and body together end by the deadline. Only name resolution cannot
be interrupted.
"""

from __future__ import annotations

import socket
import ssl
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar, cast

import httpcore

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable

T = TypeVar("T")

_SLICE = 1 << 16
"""Number of bytes to read or write at a time."""


class Unsent:
    """Buffer that joins small writes, so that the head and body of a request take one send.

    The buffer is sent before a response is read, and when it has enough data for one send.
    """

    def __init__(self) -> None:
        self._held = bytearray()
        self.timeout: float | None = None

    def add(self, data: bytes, timeout: float | None) -> list[bytes | memoryview]:
        """Buffer the data, and return the chunks to send now; none while the buffer is small.

        Args:
            data: The data to write.
            timeout: Seconds in which to send the data; None for no limit.
        """
        self.timeout = timeout
        if len(self._held) + len(data) < _SLICE:
            self._held += data
            return []
        if not self._held:
            return [data]
        view = memoryview(data)
        return [self.take() + view[:_SLICE], view[_SLICE:]]

    def take(self) -> bytes:
        """Return the buffered data, and empty the buffer."""
        held = bytes(self._held)
        self._held.clear()
        return held


class TimeLeft:
    """The time that is left for the request on a connection.

    Each connection has one; the transport sets ``seconds`` before each request.
    """

    seconds: Callable[[], float] | None = None

    def within(self, timeout: float | None, error: type[Exception]) -> float | None:
        """Return a timeout that does not go beyond the deadline.

        Args:
            timeout: Seconds for this step; None for no limit.
            error: Exception class to raise if no time is left.
        """
        if self.seconds is None:
            return timeout
        left = self.seconds()
        if left <= 0:
            raise error("the deadline has passed")
        return left if timeout is None else min(timeout, left)


class Backend(httpcore.NetworkBackend):
    """Open blocking connections.

    Args:
        left: The time that is left for the request.
    """

    def __init__(self, left: TimeLeft) -> None:
        self._left = left
        self._backend = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address of the host that accepts the connection."""
        failure: Exception = httpcore.ConnectError(f"no address found for {host}")
        # httpcore would use the whole timeout for each address.
        for address in _addresses(host, port):
            within = self._left.within(timeout, httpcore.ConnectTimeout)
            try:
                stream = self._backend.connect_tcp(
                    address, port, within, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return Stream(stream, self._left)
        raise failure


def _addresses(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:  # UnicodeError: a label is empty or too long
        raise httpcore.ConnectError(str(error)) from error
    return [str(address[0]) for *_, address in found]


class Stream(httpcore.NetworkStream):
    """A blocking connection.

    Args:
        stream: The connection of httpcore.
        left: The time that is left for the request.
    """

    def __init__(self, stream: httpcore.NetworkStream, left: TimeLeft) -> None:
        self._stream = stream
        self._left = left
        self._unsent = Unsent()

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Send the buffered data, then read some bytes."""
        if held := self._unsent.take():
            # The server may have responded before it closed the connection.
            with suppress(httpcore.WriteError):
                self._send(held, self._unsent.timeout)
        return self._stream.read(max_bytes, self._left.within(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write all bytes; a few are kept until there are more or a response is read."""
        for data in self._unsent.add(buffer, timeout):
            self._send(data, timeout)

    def _send(self, data: bytes | memoryview, timeout: float | None) -> None:
        # httpcore uses the whole timeout for each send, and a slow server needs many of them.
        connection: socket.socket = self._stream.get_extra_info("socket")
        rest = memoryview(data)
        while rest:
            within = self._left.within(timeout, httpcore.WriteTimeout)
            with _translating(httpcore.WriteTimeout, httpcore.WriteError):
                connection.settimeout(within)
                rest = rest[connection.send(rest) :]

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        """Start TLS on the connection, and return the encrypted connection."""
        if self._stream.get_extra_info("ssl_object") is not None:
            return _TlsInTls(self, ssl_context, server_hostname, timeout)
        within = self._left.within(timeout, httpcore.ConnectTimeout)
        return Stream(self._stream.start_tls(ssl_context, server_hostname, within), self._left)

    def get_extra_info(self, info: str) -> Any:
        """Return information about the connection, such as its socket."""
        return self._stream.get_extra_info(info)


@contextmanager
def _translating(late: type[Exception], failed: type[Exception]) -> Generator[None, None, None]:
    try:
        yield
    except (TimeoutError, httpcore.TimeoutException) as error:
        raise late(str(error)) from error
    except (OSError, httpcore.NetworkError) as error:
        raise failed(str(error)) from error


class _TlsInTls(httpcore.NetworkStream):
    """A TLS connection inside the TLS connection to an https proxy.

    A socket cannot be wrapped in TLS twice. The httpcore class for this is not used, because it
    applies the timeout to each read and write of the socket, not to the step as a whole.

    Args:
        proxy: The TLS connection to the proxy.
        context: The TLS context for the host behind the proxy.
        host: Name of that host.
        timeout: Seconds for each step of the handshake.
    """

    def __init__(
        self, proxy: Stream, context: ssl.SSLContext, host: str | None, timeout: float | None
    ) -> None:
        self._proxy = proxy
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)
        try:
            with _translating(httpcore.ConnectTimeout, httpcore.ConnectError):
                self._perform(self._tls.do_handshake, timeout)
        except BaseException:
            self.close()
            raise

    def _perform(self, step: Callable[[], T], timeout: float | None) -> T:
        while True:
            try:
                result = step()
            except ssl.SSLWantReadError:
                self._proxy.write(self._outgoing.read(), timeout)
                if data := self._proxy.read(_SLICE, timeout):
                    self._incoming.write(data)
                else:
                    self._incoming.write_eof()
            else:
                self._proxy.write(self._outgoing.read(), timeout)
                return result

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read some bytes."""
        try:
            with _translating(httpcore.ReadTimeout, httpcore.ReadError):
                return self._perform(partial(self._tls.read, max_bytes), timeout)
        except httpcore.ReadError as error:
            if isinstance(
                error.__cause__, ssl.SSLZeroReturnError
            ):  # the host closed the TLS session
                return b""
            raise

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write all bytes."""
        rest = memoryview(buffer)
        while rest:
            part = rest[:_SLICE]
            with _translating(httpcore.WriteTimeout, httpcore.WriteError):
                rest = rest[self._perform(partial(self._tls.write, part), timeout) :]

    def close(self) -> None:
        """Close the connection."""
        self._proxy.close()

    def get_extra_info(self, info: str) -> Any:
        """Return information about the connection, such as its socket."""
        return self._tls if info == "ssl_object" else self._proxy.get_extra_info(info)


class AsyncBackend(httpcore.AsyncNetworkBackend):
    """Open connections on asyncio or trio.

    Args:
        left: The time that is left for the request.
    """

    def __init__(self, left: TimeLeft) -> None:
        self._left = left

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address of the host that accepts the connection."""
        within = self._left.within(timeout, httpcore.ConnectTimeout)
        try:
            stream = await _backend().connect_tcp(host, port, within, local_address, socket_options)
        except UnicodeError as error:  # a label of the host name is empty or too long
            raise httpcore.ConnectError(str(error)) from error
        return AsyncStream(stream, self._left)


def _backend() -> httpcore.AsyncNetworkBackend:
    import sniffio

    if sniffio.current_async_library() == "trio":
        return cast("httpcore.AsyncNetworkBackend", httpcore.TrioBackend())
    import asyncio

    if isinstance(asyncio.get_running_loop(), asyncio.BaseEventLoop):
        from replicate_ext._network.loop_backend import LoopBackend

        return LoopBackend()
    # Another loop, such as that of uvloop, lacks options that are needed here.
    # Without anyio, httpcore has another class of this name; here anyio is always installed.
    return cast("httpcore.AsyncNetworkBackend", httpcore.AnyIOBackend())


class AsyncStream(httpcore.AsyncNetworkStream):
    """A connection on asyncio or trio.

    Args:
        stream: The connection of httpcore.
        left: The time that is left for the request.
    """

    def __init__(self, stream: httpcore.AsyncNetworkStream, left: TimeLeft) -> None:
        self._stream = stream
        self._left = left
        self._unsent = Unsent()

    async def read(
        self,
        max_bytes: int,
        timeout: float | None = None,
    ) -> bytes:
        """Send the buffered data, then read some bytes."""
        if held := self._unsent.take():
            # The server may have responded before it closed the connection.
            with suppress(httpcore.WriteError):
                await self._send(held, self._unsent.timeout)
        return await self._stream.read(max_bytes, self._left.within(timeout, httpcore.ReadTimeout))

    async def write(
        self,
        buffer: bytes,
        timeout: float | None = None,
    ) -> None:
        """Write all bytes; a few are kept until there are more or a response is read."""
        for data in self._unsent.add(buffer, timeout):
            await self._send(data, timeout)

    async def _send(self, data: bytes | memoryview, timeout: float | None) -> None:
        within = self._left.within(timeout, httpcore.WriteTimeout)
        await self._stream.write(cast("bytes", data), within)  # a memoryview is as good

    async def aclose(self) -> None:
        """Close the connection."""
        await self._stream.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Start TLS on the connection, and return the encrypted connection."""
        within = self._left.within(timeout, httpcore.ConnectTimeout)
        stream = await self._stream.start_tls(ssl_context, server_hostname, within)
        return AsyncStream(stream, self._left)

    def get_extra_info(self, info: str) -> Any:
        """Return information about the connection, such as its socket."""
        return self._stream.get_extra_info(info)
