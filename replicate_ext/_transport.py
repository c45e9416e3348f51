"""The connections of a client: one pool for each process, or each event loop in it."""

from __future__ import annotations

import os
import ssl
import threading
import urllib.request
import weakref
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx
from replicate_api.client import origin

from replicate_ext._connections import (
    MAX_CONNECTIONS,
    ONE_CONNECTION,
    AsyncPooledTransport,
    PooledTransport,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Hashable


class Network(NamedTuple):
    """How to reach the API.

    Args:
        base_url: What relative URLs are relative to.
        headers: Sent with every request, whatever the host.
        timeout: For one exchange.
        auth: Adds the token to requests to the API's origin.
        private: Names of headers that no other origin may see, even where a redirect leads to it.
        proxy: A proxy's URL; None takes the environment's.
        verify: As httpx takes it.
        transport: What sends the requests, in place of httpx's own.
    """

    base_url: str
    headers: dict[str, str]
    timeout: httpx.Timeout
    auth: httpx.Auth
    private: frozenset[str] = frozenset()
    proxy: str | None = None
    verify: ssl.SSLContext | str | bool = True
    transport: httpx.BaseTransport | httpx.AsyncBaseTransport | None = None

    def client(self, through: httpx.BaseTransport | None = None) -> httpx.Client:
        """Return a new blocking client.

        Args:
            through: What sends its requests, in place of connections of its own.
        """
        common = {**self._common(), "event_hooks": {"request": self._hooks(self._scope)}}
        if through is not None:
            return httpx.Client(**common, transport=through)
        options = self._transports(httpx.HTTPTransport, PooledTransport, _LazyTransport)
        return httpx.Client(**common, **options)

    def async_client(self, through: httpx.AsyncBaseTransport | None = None) -> httpx.AsyncClient:
        """Return a new async client.

        Args:
            through: What sends its requests, in place of connections of its own.
        """
        common = {**self._common(), "event_hooks": {"request": self._hooks(self._async_scope)}}
        if through is not None:
            return httpx.AsyncClient(**common, transport=through)
        options = self._transports(
            httpx.AsyncHTTPTransport, AsyncPooledTransport, _LazyAsyncTransport
        )
        return httpx.AsyncClient(**common, **options)

    def _common(self) -> dict[str, Any]:
        return {
            "base_url": self.base_url,
            "headers": self.headers,
            "timeout": self.timeout,
            "auth": self.auth,
        }

    def _hooks(self, scope: Callable[..., Any]) -> list[Callable[..., Any]]:
        return [scope] if self.private else []

    def _scope(self, request: httpx.Request) -> None:
        """Take off what httpx copies into a request that a redirect leads elsewhere."""
        if origin(request.url) != origin(httpx.URL(self.base_url)):
            for name in self.private:
                request.headers.pop(name, None)

    async def _async_scope(self, request: httpx.Request) -> None:
        self._scope(request)

    def _transports(
        self, kind: Callable[..., Any], pooled: Callable[..., Any], lazy: Callable[..., Any]
    ) -> dict[str, Any]:
        if self.transport is not None:
            return {"transport": self.transport}
        if self.proxy is not None or urllib.request.getproxies():
            limits = httpx.Limits(max_connections=MAX_CONNECTIONS)
            return {"proxy": self.proxy, "verify": self.verify, "limits": limits}

        def pool(context: ssl.SSLContext) -> Any:
            return pooled(lambda: kind(verify=context, limits=ONE_CONNECTION))

        # A TLS context takes 20 ms to make, as long as many runs: none is made before an https URL
        # is asked for. The bare one trusts nobody, and http never asks it.
        return {
            "transport": pool(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)),
            "mounts": {"https://": lazy(lambda: pool(httpx.create_ssl_context(self.verify)))},
        }


class _LazyTransport(httpx.BaseTransport):
    """Makes the transport when the first request comes."""

    def __init__(self, make: Callable[[], httpx.BaseTransport]) -> None:
        self._make = make
        self._made: httpx.BaseTransport | None = None
        self._lock = threading.Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        with self._lock:
            if self._made is None:
                self._made = self._make()
        return self._made.handle_request(request)

    def close(self) -> None:
        if self._made is not None:
            self._made.close()


class _LazyAsyncTransport(httpx.AsyncBaseTransport):
    """Makes the transport when the first request comes."""

    def __init__(self, make: Callable[[], httpx.AsyncBaseTransport]) -> None:
        self._make = make
        self._made: httpx.AsyncBaseTransport | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self._made is None:
            self._made = self._make()
        return await self._made.handle_async_request(request)

    async def aclose(self) -> None:
        if self._made is not None:
            await self._made.aclose()


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


class SyncPool:
    """One client for each process: a fork must not share its parent's connections.

    Args:
        make: Makes a client.
    """

    def __init__(self, make: Callable[[], httpx.Client]) -> None:
        self._make = make
        self._clients: dict[int, httpx.Client] = {}
        # For who does not close: when the pool is collected, or the interpreter ends.
        weakref.finalize(self, _close_own, self._clients)

    def __call__(self) -> httpx.Client:
        """Return this process's client, made on first use."""
        process = os.getpid()
        client = self._clients.get(process)
        if client is None:
            # Without a lock, which a fork could leave locked: of two, one is kept.
            made = self._make()
            client = self._clients.setdefault(process, made)
            if client is not made:
                made.close()
        return client

    def close(self) -> None:
        """Close this process's client."""
        _close_own(self._clients)


def _close_own(clients: dict[int, httpx.Client]) -> None:
    client = clients.pop(os.getpid(), None)
    if client is not None:
        client.close()


class AsyncPool:
    """One client for each event loop, of asyncio or trio, closed when its loop ends.

    Args:
        make: Makes a client.
    """

    def __init__(self, make: Callable[[], httpx.AsyncClient]) -> None:
        self._make = make
        self._clients: dict[Hashable, httpx.AsyncClient] = {}
        self._keepers: dict[Hashable, AsyncGenerator[None, None]] = {}

    def __call__(self) -> httpx.AsyncClient:
        """Return the running event loop's client, made on first use."""
        loop = _event_loop()
        client = self._clients.get(loop)
        if client is None:
            client = self._clients[loop] = self._make()
            self._keepers[loop] = keeper = self._keep(loop, client)
            # Runs to its yield, which needs no await: from there on the loop knows it.
            with suppress(StopIteration):
                keeper.asend(None).send(None)
        return client

    async def _keep(self, loop: Hashable, client: httpx.AsyncClient) -> AsyncGenerator[None, None]:
        """Close the client when the loop ends.

        asyncio and trio finalise the async generators that they saw started. Nothing else tells a
        library that a loop ends, and connections left open then can never be closed.
        """
        try:
            yield
        finally:
            import anyio

            del self._clients[loop], self._keepers[loop]
            # trio finalises in a canceled scope: unshielded, closing ends at the first connection.
            with anyio.CancelScope(shield=True):
                await client.aclose()

    async def aclose(self) -> None:
        """Close the running event loop's client."""
        keeper = self._keepers.get(_event_loop())
        if keeper is not None:
            await keeper.aclose()


def _event_loop() -> Hashable:
    import anyio.lowlevel

    return os.getpid(), anyio.lowlevel.current_token()
