"""The client's own transports: one request, one connection of the pool, one deadline.

A connection goes back to the pool only after its response was read to the end and closed without an
error. Anything else discards it: after a cancellation or Ctrl-C nobody knows what state it is in.
"""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING, Any, TypeAlias

import httpcore
import httpx

from replicate_ext._pool import STUCK_SECONDS, Lease, Pool, max_connections
from replicate_ext._route import Connection, core_request, is_patched

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    import anyio

    from replicate_ext._pool import Target
    from replicate_ext._route import Route

_Lease: TypeAlias = Lease[Connection]

_NAMES = (
    "ConnectError",
    "ConnectTimeout",
    "LocalProtocolError",
    "NetworkError",
    "PoolTimeout",
    "ProtocolError",
    "ProxyError",
    "ReadError",
    "ReadTimeout",
    "RemoteProtocolError",
    "TimeoutException",
    "UnsupportedProtocol",
    "WriteError",
    "WriteTimeout",
)
_ERRORS: dict[type[Exception], type[httpx.TransportError]] = {
    getattr(httpcore, name): getattr(httpx, name) for name in _NAMES
}
_CORE_ERRORS = tuple(_ERRORS)


def _translated(error: Exception, request: httpx.Request) -> httpx.TransportError:
    return _ERRORS[type(error)](str(error), request=request)


def _pool_timeout(request: httpx.Request) -> float:
    """Return how many seconds a request waits for a connection before it looks for the reason."""
    timeouts: dict[str, Any] = request.extensions.get("timeout", {})
    seconds: float | None = timeouts.get("pool")
    left = request.extensions.get("seconds_left")
    if left is not None:
        seconds = left() if seconds is None else min(seconds, left())
    return STUCK_SECONDS if seconds is None else min(max(seconds, 0.0), STUCK_SECONDS)


def _no_room(request: httpx.Request) -> httpx.PoolTimeout:
    message = (
        "all connections were in use: close streams and responses that are not read, or run fewer "
        "at once (a higher limit of open files, ulimit -n, allows more)"
    )
    return httpx.PoolTimeout(message, request=request)


class PooledTransport(httpx.BaseTransport):
    """Sends each request over a connection of the pool, for blocking clients.

    Args:
        route: Where requests go.
    """

    def __init__(self, route: Route) -> None:
        self._route = route
        self._pool: Pool[Connection] = Pool(max_connections())
        self._freed: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._waiting = 0
        self._usual: dict[str | None, httpx.HTTPTransport] = {}
        self._lock = threading.Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request when there is room for it.

        Raises:
            httpx.TransportError: There is no response.
        """
        target = self._route.target(request)
        if is_patched():
            return self._through_httpx(target).handle_request(request)
        lease = self._admit(target, request)
        try:
            if lease.connection is None:
                lease.connection = self._route.connection(target)
            connection, left = lease.connection
            response = connection.handle_request(core_request(request, left))
        except BaseException as error:
            self.give_back(lease, is_whole=False)
            if isinstance(error, _CORE_ERRORS):
                raise _translated(error, request) from error
            raise
        return httpx.Response(
            response.status,
            headers=response.headers,
            stream=_Body(response.stream, lease, self, request),
            extensions=response.extensions,
        )

    def close(self) -> None:
        """Close every idle connection now, and those in use when their responses are closed."""
        for connection in self._pool.close():
            connection.carrier.close()
        for transport in list(self._usual.values()):
            transport.close()

    def give_back(self, lease: _Lease, *, is_whole: bool) -> None:
        """End a lease, and keep its connection for another request if it is fit for one.

        Args:
            lease: The lease.
            is_whole: Whether the response was read to its end and closed without an error.
        """
        connection = lease.connection
        kept = connection if is_whole and connection and connection.is_idle() else None
        try:
            if connection is not None and kept is None:
                connection.carrier.close()
        finally:
            old = self._pool.give_back(lease, kept)
            if self._waiting > self._freed.qsize():
                self._freed.put(None)
        for expired in old:
            expired.carrier.close()

    def _admit(self, target: Target, request: httpx.Request) -> _Lease:
        while (admission := self._pool.admit(target)) is None:
            self._wait(request)
        lease, evicted = admission
        for connection in evicted:
            connection.carrier.close()
        if lease.connection is not None and lease.connection.has_expired():
            lease.connection.carrier.close()
            lease.connection = None
        return lease

    def _wait(self, request: httpx.Request) -> None:
        timeout = _pool_timeout(request)
        self._waiting += 1
        try:
            self._freed.get(timeout=timeout)
        except queue.Empty:
            if timeout < STUCK_SECONDS or self._pool.is_stuck():
                raise _no_room(request) from None
        finally:
            self._waiting -= 1

    def _through_httpx(self, target: Target) -> httpx.HTTPTransport:
        with self._lock:
            if target.proxy not in self._usual:
                options = self._route.transport_options(target)
                self._usual[target.proxy] = httpx.HTTPTransport(**options)
            return self._usual[target.proxy]


class _Body(httpx.SyncByteStream):
    """A body that gives its connection back when it is closed."""

    def __init__(
        self, body: Any, lease: _Lease, transport: PooledTransport, request: httpx.Request
    ) -> None:
        self._body = body
        self._lease: _Lease | None = lease
        self._transport = transport
        self._request = request
        self._is_whole = False

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._body
        except _CORE_ERRORS as error:
            raise _translated(error, self._request) from error
        self._is_whole = True

    def close(self) -> None:
        lease, self._lease = self._lease, None
        if lease is None:
            return
        try:
            self._body.close()
        except BaseException:
            self._is_whole = False
            raise
        finally:
            self._transport.give_back(lease, is_whole=self._is_whole)


class AsyncPooledTransport(httpx.AsyncBaseTransport):
    """Sends each request over a connection of the pool, on one event loop.

    Args:
        route: Where requests go.
    """

    def __init__(self, route: Route) -> None:
        self._route = route
        self._pool: Pool[Connection] = Pool(max_connections())
        self._waiting: dict[anyio.Event, None] = {}  # in the order of their coming
        self._usual: dict[str | None, httpx.AsyncHTTPTransport] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request when there is room for it.

        Raises:
            httpx.TransportError: There is no response.
        """
        target = self._route.target(request)
        if is_patched():
            return await self._through_httpx(target).handle_async_request(request)
        lease = await self._admit(target, request)
        try:
            if lease.connection is None:
                lease.connection = self._route.async_connection(target)
            connection, left = lease.connection
            response = await connection.handle_async_request(core_request(request, left))
        except BaseException as error:
            await self.give_back(lease, is_whole=False)
            if isinstance(error, _CORE_ERRORS):
                raise _translated(error, request) from error
            raise
        return httpx.Response(
            response.status,
            headers=response.headers,
            stream=_AsyncBody(response.stream, lease, self, request),
            extensions=response.extensions,
        )

    async def aclose(self) -> None:
        """Close every idle connection now, and those in use when their responses are closed."""
        await _close_all(self._pool.close())
        for transport in list(self._usual.values()):
            await transport.aclose()

    async def give_back(self, lease: _Lease, *, is_whole: bool) -> None:
        """End a lease, and keep its connection for another request if it is fit for one.

        Args:
            lease: The lease.
            is_whole: Whether the response was read to its end and closed without an error.
        """
        connection = lease.connection
        kept = connection if is_whole and connection and connection.is_idle() else None
        # Without an await in between: a canceled task must not keep its place.
        closing = self._pool.give_back(lease, kept)
        self._wake_next()
        if connection is not None and kept is None and connection not in closing:
            closing.append(connection)
        if closing:
            await _close_all(closing)

    async def _admit(self, target: Target, request: httpx.Request) -> _Lease:
        if self._waiting:  # who came first goes first
            await self._wait(request)
        while (admission := self._pool.admit(target)) is None:
            await self._wait(request)
        lease, closing = admission
        if lease.connection is not None and lease.connection.has_expired():
            closing.append(lease.connection)
            lease.connection = None
        if closing:
            try:
                await _close_all(closing)
            except BaseException:
                await self.give_back(lease, is_whole=False)
                raise
        return lease

    async def _wait(self, request: httpx.Request) -> None:
        import anyio

        timeout = _pool_timeout(request)
        event = anyio.Event()
        self._waiting[event] = None
        try:
            with anyio.move_on_after(timeout):
                await event.wait()
        except BaseException:
            if event.is_set():
                self._wake_next()
            raise
        finally:
            self._waiting.pop(event, None)
        if not event.is_set() and (timeout < STUCK_SECONDS or self._pool.is_stuck()):
            raise _no_room(request)

    def _wake_next(self) -> None:
        """Give the free place to whoever waits longest."""
        if self._waiting:
            first = next(iter(self._waiting))
            del self._waiting[first]
            first.set()

    def _through_httpx(self, target: Target) -> httpx.AsyncHTTPTransport:
        if target.proxy not in self._usual:
            options = self._route.transport_options(target)
            self._usual[target.proxy] = httpx.AsyncHTTPTransport(**options)
        return self._usual[target.proxy]


class _AsyncBody(httpx.AsyncByteStream):
    """A body that gives its connection back when it is closed."""

    def __init__(
        self, body: Any, lease: _Lease, transport: AsyncPooledTransport, request: httpx.Request
    ) -> None:
        self._body = body
        self._lease: _Lease | None = lease
        self._transport = transport
        self._request = request
        self._is_whole = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._body:
                yield chunk
        except _CORE_ERRORS as error:
            raise _translated(error, self._request) from error
        self._is_whole = True

    async def aclose(self) -> None:
        lease, self._lease = self._lease, None
        if lease is None:
            return
        try:
            await self._body.aclose()
        except BaseException:
            self._is_whole = False
            raise
        finally:
            await self._transport.give_back(lease, is_whole=self._is_whole)


async def _close_all(connections: list[Connection]) -> None:
    """Close connections, all of them, even while being canceled."""
    import anyio

    canceled: BaseException | None = None
    for connection in connections:
        try:
            with anyio.CancelScope(shield=True):
                await connection.carrier.aclose()
        except anyio.get_cancelled_exc_class() as error:
            canceled = error
    if canceled is not None:
        raise canceled
