"""The httpx clients of a client: one per process, or one per event loop."""

from __future__ import annotations

import os
import weakref
from contextlib import suppress
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeAlias, TypeVar

import httpx

from replicate_ext._network.async_lent_transport import AsyncLentTransport
from replicate_ext._network.lent_transport import LentTransport

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Hashable

    from replicate_ext._network.access import Access

ClientT = TypeVar("ClientT")
TransportT = TypeVar("TransportT")


class Opened(NamedTuple, Generic[ClientT, TransportT]):
    """An httpx client and its transport.

    Only the transport is ever closed, as threads and tasks may still be using the client.

    Args:
        client: The client.
        transport: Its transport.
    """

    client: ClientT
    transport: TransportT


class Clients:
    """The blocking httpx clients of a client, one per process: a fork must not share connections.

    Args:
        access: How the API is reached.
        timeout: Timeouts of one request.
    """

    def __init__(
        self, access: Access[httpx.Client, httpx.BaseTransport], timeout: httpx.Timeout
    ) -> None:
        self._access = access
        self._timeout = timeout
        self._opened: dict[int, _Opened] = {}
        # Closes the connections of a client that nobody closed, also at the interpreter's end.
        weakref.finalize(self, _close_own, self._opened)

    def sender(self) -> httpx.Client:
        """Return the client that requests are sent with: the caller's own, or this process's."""
        return self._access.http_client or self._own()

    def lent(
        self, access: Access[httpx.Client, httpx.BaseTransport], timeout: httpx.Timeout
    ) -> httpx.Client:
        """Return a client that adds the token, for code that borrows the connections.

        Args:
            access: How the borrower reaches the API: perhaps with other headers.
            timeout: Timeouts of one request.
        """
        if access is self._access and timeout == self._timeout and access.http_client is None:
            return self._own()
        return self._client(access, timeout, LentTransport(self.sender()))

    def _own(self) -> httpx.Client:
        process = os.getpid()
        opened = self._opened.get(process)
        if opened is None:
            # Without a lock, which a fork could leave locked: of two, one is kept.
            made = self._open()
            opened = self._opened.setdefault(process, made)
            if opened is not made:
                made.transport.close()
        return opened.client

    def _open(self) -> _Opened:
        transport = self._access.transport
        if transport is None:
            # Imported late: httpcore brings anyio, and trio where that is installed.
            from replicate_ext._network.route import Route
            from replicate_ext._network.transports import PooledTransport

            route = Route(self._access.secrets.proxy, verify=self._access.certificates)
            transport = PooledTransport(route)
        return Opened(self._client(self._access, self._timeout, transport), transport)

    @staticmethod
    def _client(
        access: Access[httpx.Client, httpx.BaseTransport],
        timeout: httpx.Timeout,
        transport: httpx.BaseTransport,
    ) -> httpx.Client:
        hooks = [access.keep_private] if access.has_private_headers else []
        options = access.client_options(timeout)
        return httpx.Client(**options, event_hooks={"request": hooks}, transport=transport)

    def close(self) -> None:
        """Close this process's connections; those in use are closed when they are returned."""
        _close_own(self._opened)


_Opened: TypeAlias = Opened[httpx.Client, httpx.BaseTransport]


def _close_own(opened: dict[int, _Opened]) -> None:
    own = opened.get(os.getpid())
    if own is not None:
        own.transport.close()


_AsyncOpened: TypeAlias = Opened[httpx.AsyncClient, httpx.AsyncBaseTransport]


class AsyncClients:
    """The async httpx clients of a client, one per event loop, closed when the loop ends.

    Args:
        access: How the API is reached.
        timeout: Timeouts of one request.
    """

    def __init__(
        self, access: Access[httpx.AsyncClient, httpx.AsyncBaseTransport], timeout: httpx.Timeout
    ) -> None:
        self._access = access
        self._timeout = timeout
        self._opened: dict[_Key, _AsyncOpened] = {}
        self._keepers: dict[_Key, AsyncGenerator[None, None]] = {}

    def sender(self) -> httpx.AsyncClient:
        """Return the client that requests are sent with: the caller's own, or this loop's."""
        return self._access.http_client or self._own()

    def lent(
        self, access: Access[httpx.AsyncClient, httpx.AsyncBaseTransport], timeout: httpx.Timeout
    ) -> httpx.AsyncClient:
        """Return a client that adds the token, for code that borrows the connections.

        Args:
            access: How the borrower reaches the API: perhaps with other headers.
            timeout: Timeouts of one request.
        """
        if access is self._access and timeout == self._timeout and access.http_client is None:
            return self._own()
        return self._client(access, timeout, AsyncLentTransport(self.sender()))

    def _own(self) -> httpx.AsyncClient:
        key = _running_loop()
        opened = self._opened.get(key)
        if opened is None:
            self._forget_idle_loops()
            opened = self._opened[key] = self._open()
            self._keepers[key] = keeper = self._keep(key, opened)
            # Runs to its yield, which needs no await: from there on the loop knows it.
            with suppress(StopIteration):
                keeper.asend(None).send(None)
        return opened.client

    def _open(self) -> _AsyncOpened:
        transport = self._access.transport
        if transport is None:
            from replicate_ext._network.route import Route
            from replicate_ext._network.transports import AsyncPooledTransport

            route = Route(self._access.secrets.proxy, verify=self._access.certificates)
            transport = AsyncPooledTransport(route)
        return Opened(self._client(self._access, self._timeout, transport), transport)

    @staticmethod
    def _client(
        access: Access[httpx.AsyncClient, httpx.AsyncBaseTransport],
        timeout: httpx.Timeout,
        transport: httpx.AsyncBaseTransport,
    ) -> httpx.AsyncClient:
        async def keep_private(request: httpx.Request) -> None:
            access.keep_private(request)

        hooks = [keep_private] if access.has_private_headers else []
        options = access.client_options(timeout)
        return httpx.AsyncClient(**options, event_hooks={"request": hooks}, transport=transport)

    def _forget_idle_loops(self) -> None:
        """Forget the connections of loops that do not run, which may never run again.

        Python does not report that a loop was closed by hand or garbage collected. A loop that runs
        again closes the connections that were forgotten here, and gets new ones.
        """
        for key in list(self._opened):
            is_running = getattr(key.loop, "is_running", None)  # trio's lack it, and always end
            if is_running is not None and not is_running():
                self._opened.pop(key, None)
                self._keepers.pop(key, None)

    async def _keep(self, key: _Key, opened: _AsyncOpened) -> AsyncGenerator[None, None]:
        """Close the client when the loop ends.

        asyncio.run and trio.run finalize async generators that were started in them. A library has
        no other way to learn that a loop ends, after which its connections cannot be closed.
        """
        try:
            yield
        finally:
            import anyio

            if self._opened.get(key) is opened:
                del self._opened[key], self._keepers[key]
            # trio finalizes in a canceled scope: unshielded, closing ends at the first connection.
            with anyio.CancelScope(shield=True):
                await opened.transport.aclose()

    async def aclose(self) -> None:
        """Close the running event loop's connections."""
        keeper = self._keepers.get(_running_loop())
        if keeper is not None:
            await keeper.aclose()


class _Key(NamedTuple):
    """An event loop, of asyncio or trio, and the process that it runs in."""

    process: int
    loop: Hashable


def _running_loop() -> _Key:
    import asyncio

    loop: Hashable
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        import trio

        loop = trio.lowlevel.current_trio_token()
    return _Key(os.getpid(), loop)
