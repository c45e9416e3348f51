"""The transports of the clients: each request uses a connection of the pool, with one deadline.

A connection is returned to the pool only after its response was read to the end and closed without
an error. Otherwise it is closed: after a cancellation or Ctrl-C, its state is unknown.
"""

from __future__ import annotations

import threading
import time
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, TypeAlias, cast

import httpx

from replicate_ext._network.async_pooled_body import AsyncPooledBody
from replicate_ext._network.core_errors import CORE_ERRORS, translated
from replicate_ext._network.outgoing import Outgoing
from replicate_ext._network.pool import STUCK_SECONDS, Lease, Pool, max_connections
from replicate_ext._network.pooled_body import PooledBody
from replicate_ext._network.pooled_response import PooledResponse
from replicate_ext._network.route import Connection, core_request
from replicate_ext._network.shortcut import is_patched

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator

    from replicate_ext._network.pool import Admission, Target, Waiter
    from replicate_ext._network.route import Route

_Lease: TypeAlias = Lease[Connection]
_Admission: TypeAlias = "Admission[Connection]"


class _Patience:
    """The time that a request waits for a free connection.

    Args:
        outgoing: The request; its pool timeout is the limit.
    """

    def __init__(self, outgoing: Outgoing) -> None:
        seconds: float | None = outgoing.extensions.get("timeout", {}).get("pool")
        self._until = None if seconds is None else time.monotonic() + seconds

    def seconds(self) -> float:
        """Return the seconds to wait before checking again whether the pool is stuck."""
        left = STUCK_SECONDS
        if self._until is not None:
            left = min(left, self._until - time.monotonic())
        return max(left, 0.0)


def _no_room(outgoing: Outgoing) -> httpx.PoolTimeout:
    message = (
        "all connections are in use: close streams and responses that you no longer read, start "
        "fewer requests at once, or raise the limit of open files (ulimit -n)"
    )
    return httpx.PoolTimeout(message, request=outgoing.request)


class PooledTransport(httpx.BaseTransport):
    """Send each request on a connection of the pool, for blocking clients.

    Args:
        route: Proxy and TLS settings.
    """

    def __init__(self, route: Route) -> None:
        self._route = route
        self._pool: Pool[Connection] = Pool(max_connections())
        self._usual: dict[httpx.Proxy | None, httpx.HTTPTransport] = {}
        self._lock = threading.Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request of an httpx client as soon as a connection is free.

        Raises:
            httpx.TransportError: No response was received.
        """
        outgoing = Outgoing.of(request)
        if is_patched():
            return self._through_httpx(self._route.target(outgoing)).handle_request(request)
        return self.respond(outgoing)

    def respond(self, outgoing: Outgoing) -> httpx.Response:
        """Send a request as soon as a connection is free, and return the response, unread.

        Args:
            outgoing: The request.

        Raises:
            httpx.TransportError: No response was received.
        """
        target = self._route.target(outgoing)
        lease = self._admit(target, outgoing)
        try:
            if lease.connection is None:
                lease.connection = self._route.connection(target)
            carrier, left = lease.connection
            response = carrier.handle_request(core_request(outgoing, outgoing.content, left))
        except BaseException as error:
            self.give_back(lease, is_whole=False)
            if isinstance(error, CORE_ERRORS):
                raise translated(error, outgoing.request) from error
            raise
        body = PooledBody(response.stream, lease, self, outgoing)
        return PooledResponse(response, body, outgoing)

    def close(self) -> None:
        """Close all idle connections now, and the others as soon as their responses are closed."""
        for connection in self._pool.close():
            connection.carrier.close()
        for transport in list(self._usual.values()):
            transport.close()

    def give_back(self, lease: _Lease, *, is_whole: bool) -> None:
        """End a lease, and keep its connection for another request if it can be reused.

        Args:
            lease: The lease.
            is_whole: Whether the response was read to the end and closed without an error.
        """
        connection = lease.connection
        kept = connection if is_whole and connection and connection.is_idle() else None
        try:
            if connection is not None and kept is None:
                connection.carrier.close()
        finally:
            old = self._pool.give_back(lease, kept)
        for expired in old:
            expired.carrier.close()

    def _admit(self, target: Target, outgoing: Outgoing) -> _Lease:
        lease, closing = self._pool.admit(target) or self._wait(target, outgoing)
        if lease.connection is not None and lease.connection.has_expired():
            closing.append(lease.connection)
            lease.connection = None
        for connection in closing:
            connection.carrier.close()
        return lease

    def _wait(self, target: Target, outgoing: Outgoing) -> _Admission:
        patience = _Patience(outgoing)
        turn = threading.Lock()  # not an Event, whose set() can deadlock in the thread that waits
        turn.acquire()
        waiter = self._pool.wait(target, turn.release)
        try:
            while not turn.acquire(timeout=(seconds := patience.seconds())):
                if seconds < STUCK_SECONDS or self._pool.is_stuck():
                    break
        except BaseException:
            self._give_up(waiter)
            raise
        admission = self._pool.leave(waiter)
        if admission is None:
            raise _no_room(outgoing)
        return admission

    def _give_up(self, waiter: Waiter[Connection]) -> None:
        """Let the next waiting request use the place of an interrupted one."""
        admission = self._pool.leave(waiter)
        if admission is not None:
            lease, closing = admission
            try:
                for connection in closing:
                    connection.carrier.close()
            finally:
                self.give_back(lease, is_whole=False)

    def _through_httpx(self, target: Target) -> httpx.HTTPTransport:
        with self._lock:
            if target.proxy not in self._usual:
                options = self._route.transport_options(target)
                self._usual[target.proxy] = httpx.HTTPTransport(**options)
            return self._usual[target.proxy]


class AsyncPooledTransport(httpx.AsyncBaseTransport):
    """Send each request on a connection of the pool, on one event loop.

    Args:
        route: Proxy and TLS settings.
    """

    def __init__(self, route: Route) -> None:
        self._route = route
        self._pool: Pool[Connection] = Pool(max_connections())
        self._usual: dict[httpx.Proxy | None, httpx.AsyncHTTPTransport] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request of an httpx client as soon as a connection is free.

        Raises:
            httpx.TransportError: No response was received.
        """
        outgoing = Outgoing.of(request)
        if is_patched():
            usual = self._through_httpx(self._route.target(outgoing))
            return await usual.handle_async_request(request)
        return await self.respond(outgoing)

    async def respond(self, outgoing: Outgoing) -> httpx.Response:
        """Send a request as soon as a connection is free, and return the response, unread.

        Args:
            outgoing: The request.

        Raises:
            httpx.TransportError: No response was received.
        """
        target = self._route.target(outgoing)
        lease = await self._admit(target, outgoing)
        upload = _Upload(outgoing)
        try:
            if lease.connection is None:
                lease.connection = self._route.async_connection(target)
            carrier, left = lease.connection
            sent = core_request(outgoing, upload.chunks, left)
            response = await carrier.handle_async_request(sent)
        except BaseException as error:
            try:
                await upload.aclose()
            finally:
                await self.give_back(lease, is_whole=False)
            if isinstance(error, CORE_ERRORS):
                raise translated(error, outgoing.request) from error
            raise
        body = AsyncPooledBody(response.stream, lease, self, outgoing)
        return PooledResponse(response, body, outgoing)

    async def aclose(self) -> None:
        """Close all idle connections now, and the others as soon as their responses are closed."""
        await _close_all(self._pool.close())
        for transport in list(self._usual.values()):
            await transport.aclose()

    async def give_back(self, lease: _Lease, *, is_whole: bool) -> None:
        """End a lease, and keep its connection for another request if it can be reused.

        Args:
            lease: The lease.
            is_whole: Whether the response was read to the end and closed without an error.
        """
        connection = lease.connection
        kept = connection if is_whole and connection and connection.is_idle() else None
        # No await before this line: a canceled task must not keep its place in the pool.
        closing = self._pool.give_back(lease, kept)
        if connection is not None and kept is None and connection not in closing:
            closing.append(connection)
        if closing:
            await _close_all(closing)

    async def _admit(self, target: Target, outgoing: Outgoing) -> _Lease:
        lease, closing = self._pool.admit(target) or await self._wait(target, outgoing)
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

    async def _wait(self, target: Target, outgoing: Outgoing) -> _Admission:
        import anyio

        patience = _Patience(outgoing)
        turn = anyio.Event()
        waiter = self._pool.wait(target, turn.set)
        try:
            while not turn.is_set():
                seconds = patience.seconds()
                with anyio.move_on_after(seconds):
                    await turn.wait()
                if seconds < STUCK_SECONDS or self._pool.is_stuck():
                    break
        except BaseException:
            await self._give_up(waiter)
            raise
        admission = self._pool.leave(waiter)
        if admission is None:
            raise _no_room(outgoing)
        return admission

    async def _give_up(self, waiter: Waiter[Connection]) -> None:
        """Let the next waiting request use the place of a canceled one."""
        admission = self._pool.leave(waiter)
        if admission is not None:
            lease, closing = admission
            try:
                await _close_all(closing)
            finally:
                await self.give_back(lease, is_whole=False)

    def _through_httpx(self, target: Target) -> httpx.AsyncHTTPTransport:
        if target.proxy not in self._usual:
            options = self._route.transport_options(target)
            self._usual[target.proxy] = httpx.AsyncHTTPTransport(**options)
        return self._usual[target.proxy]


class _Upload:
    """The body of a request, which can be closed: httpcore leaves it open after an error.

    Args:
        outgoing: The request.
    """

    def __init__(self, outgoing: Outgoing) -> None:
        content = outgoing.content
        if isinstance(content, bytes):
            self.chunks: AsyncIterator[bytes] = _BytesBody(content)
        else:
            self.chunks = aiter(cast("AsyncIterable[bytes]", content))

    async def aclose(self) -> None:
        if isinstance(self.chunks, AsyncGenerator):
            await self.chunks.aclose()


class _BytesBody:
    """A body of bytes. Unlike a generator, it does not have to be closed.

    Args:
        content: The body.
    """

    def __init__(self, content: bytes) -> None:
        self._rest = [content] if content else []

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        if not self._rest:
            raise StopAsyncIteration
        return self._rest.pop()


async def _close_all(connections: list[Connection]) -> None:
    """Close all of the connections, even if the task is canceled meanwhile."""
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
