"""A pool of connections that costs the same for one request at a time as for a thousand.

httpcore's own pool looks at all its connections whenever a request starts, waits or ends: at 500
requests at once it does little else. Here each connection is an httpx transport of its own; an idle
one is taken from the end of a list, and a request waits, if it must, before it has one.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict, deque
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar, cast

import httpx
from replicate_api.client import origin

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

T = TypeVar("T")
Origin: TypeAlias = tuple[str, bytes, int | None]

MAX_CONNECTIONS = 1000
_MAX_IDLE_SECONDS = 15.0
ONE_CONNECTION = httpx.Limits(
    max_connections=1, max_keepalive_connections=1, keepalive_expiry=_MAX_IDLE_SECONDS
)
_SPARE_FILES = 100
"""Files that the rest of the process may open beside the connections."""
_NO_ROOM = "all connections were in use until the timeout"


def max_connections() -> int:
    """Return how many connections may be open at once: 1,000, or fewer where files are few."""
    try:
        import resource
    except ImportError:  # Windows, where sockets are no files
        return MAX_CONNECTIONS
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files == resource.RLIM_INFINITY:
        return MAX_CONNECTIONS
    return max(min(MAX_CONNECTIONS, files - _SPARE_FILES), 1)


class Connections(Generic[T]):
    """The connections that no request uses, the one used last at the end. No I/O.

    Args:
        make: Makes a transport of one connection.
        now: Returns the time in seconds.
    """

    def __init__(self, make: Callable[[], T], now: Callable[[], float] = time.monotonic) -> None:
        self._make = make
        self._now = now
        self._idle: defaultdict[Origin, deque[tuple[float, T]]] = defaultdict(deque)
        self._checked = now()
        self._lock = threading.Lock()

    def take(self, origin: Origin) -> T:
        """Return the connection to an origin that was used last, or a new one.

        Args:
            origin: Scheme, host and port.
        """
        with self._lock:
            idle = self._idle[origin]
            return idle.pop()[1] if idle else self._make()

    def give_back(self, origin: Origin, transport: T) -> list[T]:
        """Keep a connection for the next request, and return those idle too long, to be closed.

        Args:
            origin: Scheme, host and port.
            transport: The connection.
        """
        with self._lock:
            now = self._now()
            self._idle[origin].append((now, transport))
            old: list[T] = []
            if now - self._checked < 1:
                return old
            self._checked = now
            for idle in self._idle.values():
                while idle and now - idle[0][0] > _MAX_IDLE_SECONDS:
                    old.append(idle.popleft()[1])
            return old

    def take_all(self) -> list[T]:
        """Return every idle connection, to be closed."""
        with self._lock:
            every = [transport for idle in self._idle.values() for _, transport in idle]
            self._idle.clear()
            return every


class PooledTransport(httpx.BaseTransport):
    """Sends each request over a connection of its own, open already where one is.

    Args:
        make: Makes a transport of one connection.
    """

    def __init__(self, make: Callable[[], httpx.BaseTransport]) -> None:
        self._connections = Connections(make)
        self._room = threading.Semaphore(max_connections())

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request when there is room for it.

        Raises:
            httpx.PoolTimeout: There was none in time.
        """
        if not self._room.acquire(timeout=_pool_timeout(request)):
            raise httpx.PoolTimeout(_NO_ROOM, request=request)
        target = origin(request.url)
        transport = self._connections.take(target)

        def release() -> None:
            self._room.release()
            for old in self._connections.give_back(target, transport):
                old.close()

        try:
            response = transport.handle_request(request)
        except BaseException:
            release()
            raise
        response.stream = _Stream(cast("httpx.SyncByteStream", response.stream), release)
        return response

    def close(self) -> None:
        """Close every connection that is not in use."""
        for transport in self._connections.take_all():
            transport.close()


class AsyncPooledTransport(httpx.AsyncBaseTransport):
    """Sends each request over a connection of its own, open already where one is.

    Args:
        make: Makes a transport of one connection.
    """

    def __init__(self, make: Callable[[], httpx.AsyncBaseTransport]) -> None:
        import anyio

        self._connections = Connections(make)
        self._room = anyio.Semaphore(max_connections(), fast_acquire=True)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request when there is room for it.

        Raises:
            httpx.PoolTimeout: There was none in time.
        """
        await self._admit(request)
        target = origin(request.url)
        transport = self._connections.take(target)

        async def release() -> None:
            self._room.release()
            for old in self._connections.give_back(target, transport):
                await old.aclose()

        try:
            response = await transport.handle_async_request(request)
        except BaseException:
            await release()
            raise
        response.stream = _AsyncStream(cast("httpx.AsyncByteStream", response.stream), release)
        return response

    async def _admit(self, request: httpx.Request) -> None:
        import anyio

        try:
            self._room.acquire_nowait()
        except anyio.WouldBlock:
            try:
                with anyio.fail_after(_pool_timeout(request)):
                    await self._room.acquire()
            except TimeoutError:
                raise httpx.PoolTimeout(_NO_ROOM, request=request) from None

    async def aclose(self) -> None:
        """Close every connection that is not in use."""
        for transport in self._connections.take_all():
            await transport.aclose()


def _pool_timeout(request: httpx.Request) -> float | None:
    timeouts: dict[str, Any] = request.extensions.get("timeout", {})
    return timeouts.get("pool")


class _Stream(httpx.SyncByteStream):
    """A body that gives its connection back when it is closed."""

    def __init__(self, body: httpx.SyncByteStream, release: Callable[[], None]) -> None:
        self._body = body
        self._release: Callable[[], None] | None = release

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._body)

    def close(self) -> None:
        release, self._release = self._release, None
        try:
            self._body.close()
        finally:
            if release is not None:
                release()


class _AsyncStream(httpx.AsyncByteStream):
    """A body that gives its connection back when it is closed."""

    def __init__(self, body: httpx.AsyncByteStream, release: Callable[[], Awaitable[None]]) -> None:
        self._body = body
        self._release: Callable[[], Awaitable[None]] | None = release

    def __aiter__(self) -> AsyncIterator[bytes]:
        return aiter(self._body)

    async def aclose(self) -> None:
        release, self._release = self._release, None
        try:
            await self._body.aclose()
        finally:
            if release is not None:
                await release()
