"""The httpx clients of a client: one for each process, or each event loop in it."""

from __future__ import annotations

import os
import weakref
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeAlias, TypeVar, cast

import httpx
from replicate_api.client import origin

from replicate_ext._route import Route
from replicate_ext._transports import AsyncPooledTransport, PooledTransport

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncGenerator, Callable, Hashable

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
        given = cast("httpx.BaseTransport | None", self._transport)
        transport = given or PooledTransport(self._route())
        return Opened(self.client(transport), transport)

    def async_opened(self) -> Opened[httpx.AsyncClient, httpx.AsyncBaseTransport]:
        """Return a new async client with connections of its own."""
        given = cast("httpx.AsyncBaseTransport | None", self._transport)
        transport = given or AsyncPooledTransport(self._route())
        return Opened(self.async_client(transport), transport)

    def _route(self) -> Route:
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


class _Loop:
    """What belongs to one event loop: its client, and the generator that its end finalizes."""

    def __init__(self, opened: _AsyncOpened) -> None:
        self.opened = opened
        self.process = os.getpid()
        self.keeper: AsyncGenerator[None, None] | None = None


class LoopClients:
    """One httpx client for each event loop of asyncio or trio, which ends with its loop.

    Args:
        make: Makes a client.
    """

    def __init__(self, make: Callable[[], _AsyncOpened]) -> None:
        self._make = make
        self._loops: weakref.WeakKeyDictionary[Hashable, weakref.ref[_Loop]] = (
            weakref.WeakKeyDictionary()
        )
        self._on_trio: dict[Hashable, _Loop] = {}

    def __call__(self) -> httpx.AsyncClient:
        """Return the running event loop's client, made on first use."""
        token, loop = self._running()
        if loop is None:
            loop = _Loop(self._make())
            self._loops[token] = weakref.ref(loop)
            self._anchor(token, loop)
            loop.keeper = self._keep(token, weakref.ref(loop))
            # Runs to its yield, which needs no await: from there on the loop knows it.
            with suppress(StopIteration):
                loop.keeper.asend(None).send(None)
        return loop.opened.client

    def _running(self) -> tuple[Hashable, _Loop | None]:
        token = _event_loop()
        found = self._loops.get(token)
        loop = None if found is None else found()
        return token, loop if loop is not None and loop.process == os.getpid() else None

    def _anchor(self, token: Hashable, loop: _Loop) -> None:
        """Have the event loop alone hold what belongs to it, until it is closed or dropped.

        Connections refer to their loop: held from here, neither would ever be collected.
        """
        if hasattr(token, "call_later"):
            token.call_later(_FOREVER, _hold, loop)
        else:  # trio's, which always finalizes the generator
            self._on_trio[token] = loop

    async def _keep(
        self, token: Hashable, reference: weakref.ref[_Loop]
    ) -> AsyncGenerator[None, None]:
        """Close the client when the loop ends.

        asyncio.run and trio.run finalize the async generators that they saw started. Nothing else
        tells a library that a loop ends, and connections left open then can never be closed.
        """
        try:
            yield
        finally:
            import anyio

            loop = reference()
            self._on_trio.pop(token, None)
            self._loops.pop(token, None)
            # trio finalizes in a canceled scope: unshielded, closing ends at the first connection.
            with anyio.CancelScope(shield=True):
                if loop is not None:
                    await loop.opened.transport.aclose()

    async def aclose(self) -> None:
        """Close the running event loop's connections."""
        _, loop = self._running()
        if loop is not None:
            await loop.opened.transport.aclose()


_FOREVER = 1e8
"""Seconds, some years."""


def _hold(_: _Loop) -> None:
    """Do nothing: who waits to be called with an object holds it."""


def _event_loop() -> Hashable:
    import asyncio

    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        import trio

        return trio.lowlevel.current_trio_token()
