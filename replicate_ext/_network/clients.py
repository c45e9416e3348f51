"""The httpx clients of a client: one per process, or one per event loop."""

from __future__ import annotations

import os
import weakref
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeAlias, TypeVar, cast

import httpx

from replicate_ext._network.async_lent_transport import AsyncLentTransport
from replicate_ext._network.lent_transport import LentTransport

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Hashable

    from replicate_api.types import RequestArguments

    from replicate_ext._network.access import Access
    from replicate_ext._network.composer import Composer
    from replicate_ext._network.transports import AsyncPooledTransport, PooledTransport

ClientT = TypeVar("ClientT")
TransportT = TypeVar("TransportT")


class Opened(Generic[ClientT, TransportT]):
    """A transport, with an httpx client for each Replicate client that shares its connections.

    Only the transport is ever closed, as threads and tasks may still be using the clients.

    Args:
        transport: The transport.
    """

    def __init__(self, transport: TransportT) -> None:
        self.transport = transport
        self._clients: weakref.WeakKeyDictionary[_User, ClientT] = weakref.WeakKeyDictionary()

    def client(self, user: _User, make: Callable[[TransportT], ClientT]) -> ClientT:
        """Return the httpx client of a user; it is made on the first call.

        Args:
            user: The user.
            make: Makes the client.
        """
        made = self._clients.get(user)
        return self._clients.setdefault(user, make(self.transport)) if made is None else made


class _User:
    """A client that uses connections, which other clients may share."""


class Clients:
    """The blocking httpx clients of a client, one per process: a fork must not share connections.

    Args:
        access: How the API is reached.
        timeout: Timeouts of one request.
        owner: The clients whose connections are used; None for connections of its own.
    """

    def __init__(
        self,
        access: Access[httpx.Client, httpx.BaseTransport],
        timeout: httpx.Timeout,
        owner: Clients | None = None,
    ) -> None:
        self._access = access
        self._timeout = timeout
        self._owner = owner  # kept alive: its finalizer closes the connections
        self._user = _User()
        self._is_lent = False
        self.opened: dict[int, _Opened] = {} if owner is None else owner.opened
        if owner is None:
            # Closes the connections of a client that was not closed, at the latest at exit.
            weakref.finalize(self, _close_own, self.opened)

    @cached_property
    def composer(self) -> Composer:
        """Makes the requests that do not come from an httpx client."""
        from replicate_ext._network.composer import Composer

        return Composer(self._access.secrets, self._access.user_agent)

    def sender(self) -> httpx.Client:
        """Return the client that requests are sent with: the caller's own, or this process's."""
        return self._access.http_client or self._client()

    def pool(self, arguments: RequestArguments) -> PooledTransport | None:
        """Return this process's pool if a request can bypass httpx; else None.

        Args:
            arguments: The request.
        """
        from replicate_ext._network.shortcut import is_direct

        if not is_direct(self._access, arguments, is_lent=self._is_lent):
            return None
        return cast("PooledTransport", self._own().transport)

    def lent(self) -> httpx.Client:
        """Return a client that adds the token, for code that borrows the connections.

        That code may change the client, so later requests go through it.
        """
        self._is_lent = True
        return self.get_httpx_client()

    def get_httpx_client(self) -> httpx.Client:
        """Return a client that adds the token, for downloads, which do not change it."""
        own = self._access.http_client
        return self._client() if own is None else self._over(LentTransport(own))

    def _own(self) -> _Opened:
        process = os.getpid()
        opened = self.opened.get(process)
        if opened is None:
            # No lock: a fork could leave it locked. If two threads get here, one result is kept.
            made = self._open()
            opened = self.opened.setdefault(process, made)
            if opened is not made:
                made.transport.close()
        return opened

    def _open(self) -> _Opened:
        transport = self._access.transport
        if transport is None:
            # Imported late: httpcore imports anyio, and trio if it is installed.
            from replicate_ext._network.route import Route
            from replicate_ext._network.transports import PooledTransport

            route = Route(self._access.secrets.proxy, verify=self._access.certificates)
            transport = PooledTransport(route)
        return Opened(transport)

    def _client(self) -> httpx.Client:
        return self._own().client(self._user, self._over)

    def _over(self, transport: httpx.BaseTransport) -> httpx.Client:
        access = self._access
        hooks = [access.keep_private] if access.has_private_headers else []
        options = access.client_options(self._timeout)
        return httpx.Client(**options, event_hooks={"request": hooks}, transport=transport)

    def close(self) -> None:
        """Close this process's connections; those in use are closed when they are returned."""
        _close_own(self.opened)


_Opened: TypeAlias = Opened[httpx.Client, httpx.BaseTransport]


def _close_own(opened: dict[int, _Opened]) -> None:
    own = opened.get(os.getpid())
    if own is not None:
        own.transport.close()


_Keepers: TypeAlias = "dict[_Key, AsyncGenerator[None, None]]"
_AsyncOpened: TypeAlias = Opened[httpx.AsyncClient, httpx.AsyncBaseTransport]


class AsyncClients:
    """The async httpx clients of a client, one per event loop, closed when the loop ends.

    Args:
        access: How the API is reached.
        timeout: Timeouts of one request.
        owner: The clients whose connections are used; None for connections of its own.
    """

    def __init__(
        self,
        access: Access[httpx.AsyncClient, httpx.AsyncBaseTransport],
        timeout: httpx.Timeout,
        owner: AsyncClients | None = None,
    ) -> None:
        self._access = access
        self._timeout = timeout
        self._user = _User()
        self._is_lent = False
        self.opened: dict[_Key, _AsyncOpened] = {} if owner is None else owner.opened
        self.keepers: _Keepers = {} if owner is None else owner.keepers

    @cached_property
    def composer(self) -> Composer:
        """Makes the requests that do not come from an httpx client."""
        from replicate_ext._network.composer import Composer

        return Composer(self._access.secrets, self._access.user_agent)

    def sender(self) -> httpx.AsyncClient:
        """Return the client that requests are sent with: the caller's own, or this loop's."""
        return self._access.http_client or self._client()

    def pool(self, arguments: RequestArguments) -> AsyncPooledTransport | None:
        """Return this loop's pool if a request can bypass httpx; else None.

        Args:
            arguments: The request.
        """
        from replicate_ext._network.shortcut import is_direct

        if not is_direct(self._access, arguments, is_lent=self._is_lent):
            return None
        return cast("AsyncPooledTransport", self._own().transport)

    def lent(self) -> httpx.AsyncClient:
        """Return a client that adds the token, for code that borrows the connections.

        That code may change the client, so later requests go through it.
        """
        self._is_lent = True
        return self.get_async_httpx_client()

    def get_async_httpx_client(self) -> httpx.AsyncClient:
        """Return a client that adds the token, for downloads, which do not change it."""
        own = self._access.http_client
        return self._client() if own is None else self._over(AsyncLentTransport(own))

    def _own(self) -> _AsyncOpened:
        key = _running_loop()
        opened = self.opened.get(key)
        if opened is None:
            self._forget_idle_loops()
            opened = self.opened[key] = self._open()
            self.keepers[key] = keeper = self._keep(key, opened)
            # Advanced to its yield, which needs no await, so that the loop finalizes it.
            with suppress(StopIteration):
                keeper.asend(None).send(None)
        return opened

    def _open(self) -> _AsyncOpened:
        transport = self._access.transport
        if transport is None:
            from replicate_ext._network.route import Route
            from replicate_ext._network.transports import AsyncPooledTransport

            route = Route(self._access.secrets.proxy, verify=self._access.certificates)
            transport = AsyncPooledTransport(route)
        return Opened(transport)

    def _client(self) -> httpx.AsyncClient:
        return self._own().client(self._user, self._over)

    def _over(self, transport: httpx.AsyncBaseTransport) -> httpx.AsyncClient:
        access = self._access

        async def keep_private(request: httpx.Request) -> None:
            access.keep_private(request)

        hooks = [keep_private] if access.has_private_headers else []
        options = access.client_options(self._timeout)
        return httpx.AsyncClient(**options, event_hooks={"request": hooks}, transport=transport)

    def _forget_idle_loops(self) -> None:
        """Forget the connections of loops that are not running: they may never run again.

        Python does not report that a loop was closed by hand or garbage collected. If a loop
        runs again, it closes the forgotten connections and opens new ones.
        """
        for key in list(self.opened):
            # The loops of trio lack it, but they always end.
            is_running = getattr(key.loop, "is_running", None)
            if is_running is not None and not is_running():
                self.opened.pop(key, None)
                self.keepers.pop(key, None)

    async def _keep(self, key: _Key, opened: _AsyncOpened) -> AsyncGenerator[None, None]:
        """Close the client when the loop ends.

        asyncio.run and trio.run finalize async generators that were started in them. A library has
        no other way to learn that a loop ends, after which its connections cannot be closed.
        """
        try:
            yield
        finally:
            import anyio

            if self.opened.get(key) is opened:
                del self.opened[key], self.keepers[key]
            # trio finalizes in a canceled scope: without a shield, closing would stop early.
            with anyio.CancelScope(shield=True):
                await opened.transport.aclose()

    async def aclose(self) -> None:
        """Close the running event loop's connections."""
        keeper = self.keepers.get(_running_loop())
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
