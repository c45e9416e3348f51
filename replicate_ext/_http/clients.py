"""The httpx clients of a client: one for each process, or each event loop in it."""

from __future__ import annotations

import os
import weakref
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeAlias, TypeVar, cast

import httpx
from replicate_api.client import origin

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncGenerator, Callable, Hashable

    from replicate_ext._http.route import Route

ClientT = TypeVar("ClientT")
TransportT = TypeVar("TransportT")


class Opened(NamedTuple, Generic[ClientT, TransportT]):
    """A client of httpx and the transport below it.

    Closing the transport closes connections; the client stays fit for use, as threads and tasks may
    be using it.

    Args:
        client: The client.
        transport: The transport.
    """

    client: ClientT
    transport: TransportT


class Network:
    """How to reach the API.

    Args:
        base_url: What relative URLs are relative to.
        headers: Sent with every request, whatever the host.
        timeout: For one exchange.
        auth: Adds the token to requests to the API's origin.
        private: Names of headers that no other origin may see, even where a redirect leads to it.
        proxy: The proxy; None takes the environment's.
        verify: Whether servers are verified, or the TLS context that does.
        transport: What sends the requests, in place of connections of our own.
    """

    def __init__(
        self,
        base_url: str,
        headers: dict[str, str],
        timeout: httpx.Timeout,
        auth: httpx.Auth,
        *,
        private: frozenset[str] = frozenset(),
        proxy: httpx.Proxy | None = None,
        verify: ssl.SSLContext | bool = True,
        transport: httpx.BaseTransport | httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._common: dict[str, Any] = {
            "base_url": base_url,
            "headers": headers,
            "timeout": timeout,
            "auth": auth,
        }
        self._origin = origin(httpx.URL(base_url))
        self._private = private
        self._proxy = proxy
        self._verify = verify
        self._transport = transport

    def client(self, through: httpx.BaseTransport) -> httpx.Client:
        """Return a new blocking client.

        Args:
            through: What sends its requests.
        """
        return httpx.Client(**self._common, **self._hooks(self._scope), transport=through)

    def async_client(self, through: httpx.AsyncBaseTransport) -> httpx.AsyncClient:
        """Return a new async client.

        Args:
            through: What sends its requests.
        """
        hooks = self._hooks(self._async_scope)
        return httpx.AsyncClient(**self._common, **hooks, transport=through)

    def opened(self) -> Opened[httpx.Client, httpx.BaseTransport]:
        """Return a new blocking client with connections of its own."""
        from replicate_ext._http.transports import PooledTransport

        given = cast("httpx.BaseTransport | None", self._transport)
        transport = given or PooledTransport(self._route())
        return Opened(self.client(transport), transport)

    def async_opened(self) -> Opened[httpx.AsyncClient, httpx.AsyncBaseTransport]:
        """Return a new async client with connections of its own."""
        from replicate_ext._http.transports import AsyncPooledTransport

        given = cast("httpx.AsyncBaseTransport | None", self._transport)
        transport = given or AsyncPooledTransport(self._route())
        return Opened(self.async_client(transport), transport)

    def _route(self) -> Route:
        # Imported late: httpcore brings anyio, and trio where that is installed.
        from replicate_ext._http.route import Route

        return Route(self._proxy, verify=self._verify)

    def _hooks(self, scope: Callable[..., Any]) -> dict[str, Any]:
        return {"event_hooks": {"request": [scope] if self._private else []}}

    def _scope(self, request: httpx.Request) -> None:
        """Take off what httpx copies into a request that a redirect leads elsewhere."""
        if origin(request.url) != self._origin:
            for name in self._private:
                request.headers.pop(name, None)

    async def _async_scope(self, request: httpx.Request) -> None:
        self._scope(request)


class Borrowed(httpx.BaseTransport):
    """Sends requests through a client of the caller's own, with its hooks, and leaves it open.

    Args:
        client: The caller's client.
    """

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request as it is; who sends it reads the answer."""
        return self._client.send(request, stream=True, auth=None, follow_redirects=False)


class AsyncBorrowed(httpx.AsyncBaseTransport):
    """Sends requests through a client of the caller's own, with its hooks, and leaves it open.

    Args:
        client: The caller's client.
    """

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request as it is; who sends it reads the answer."""
        return await self._client.send(request, stream=True, auth=None, follow_redirects=False)


class ProcessClients:
    """One httpx client for each process: a fork must not share its parent's connections.

    Args:
        make: Makes a client.
    """

    def __init__(self, make: Callable[[], Opened[httpx.Client, httpx.BaseTransport]]) -> None:
        self._make = make
        self._opened: dict[int, Opened[httpx.Client, httpx.BaseTransport]] = {}
        # For who does not close: when this is collected, or the interpreter ends.
        weakref.finalize(self, _close_own, self._opened)

    def __call__(self) -> httpx.Client:
        """Return this process's client, made on first use."""
        process = os.getpid()
        opened = self._opened.get(process)
        if opened is None:
            # Without a lock, which a fork could leave locked: of two, one is kept.
            made = self._make()
            opened = self._opened.setdefault(process, made)
            if opened is not made:
                made.transport.close()
        return opened.client

    def close(self) -> None:
        """Close this process's connections; those in use are closed when they are given back."""
        _close_own(self._opened)


def _close_own(opened: dict[int, Opened[httpx.Client, httpx.BaseTransport]]) -> None:
    own = opened.get(os.getpid())
    if own is not None:
        own.transport.close()


_AsyncOpened: TypeAlias = Opened[httpx.AsyncClient, httpx.AsyncBaseTransport]


class LoopClients:
    """One httpx client for each event loop of asyncio or trio, closed when its loop ends.

    Args:
        make: Makes a client.
    """

    def __init__(self, make: Callable[[], _AsyncOpened]) -> None:
        self._make = make
        self._opened: dict[_Key, _AsyncOpened] = {}
        self._keepers: dict[_Key, AsyncGenerator[None, None]] = {}

    def __call__(self) -> httpx.AsyncClient:
        """Return the running event loop's client, made on first use."""
        key = _running_loop()
        opened = self._opened.get(key)
        if opened is None:
            self._forget_idle_loops()
            opened = self._opened[key] = self._make()
            self._keepers[key] = keeper = self._keep(key, opened)
            # Runs to its yield, which needs no await: from there on the loop knows it.
            with suppress(StopIteration):
                keeper.asend(None).send(None)
        return opened.client

    def _forget_idle_loops(self) -> None:
        """Drop what belongs to loops that do not run, which may never run again.

        Nothing tells that a loop was closed by hand, or dropped. One that runs again closes the
        connections that were dropped here, and gets new ones.
        """
        for key in list(self._opened):
            is_running = getattr(key.loop, "is_running", None)  # trio's have none, and always end
            if is_running is not None and not is_running():
                self._opened.pop(key, None)
                self._keepers.pop(key, None)

    async def _keep(self, key: _Key, opened: _AsyncOpened) -> AsyncGenerator[None, None]:
        """Close the client when the loop ends.

        asyncio.run and trio.run finalize the async generators that they saw started. Nothing else
        tells a library that a loop ends, and connections left open then can never be closed.
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
