"""The way to a host: its proxy, its certificates, and the connections of httpcore that take it."""

from __future__ import annotations

import operator
from types import FunctionType
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import httpcore
import httpx
from replicate_api.client import origin

from replicate_ext._http.backends import AsyncBackend, Backend, TimeLeft
from replicate_ext._http.pool import MAX_CONNECTIONS, MAX_IDLE_SECONDS, Target
from replicate_ext._http.proxies import Proxies, proxy_of, tls_context

if TYPE_CHECKING:
    import ssl

_MAX_PORT = 65535
_LIMITS = httpx.Limits(max_connections=MAX_CONNECTIONS, keepalive_expiry=MAX_IDLE_SECONDS)


class Route:
    """Where requests go and what they trust, for blocking and async connections alike.

    Args:
        proxy: A proxy for every request; None for those of the environment.
        verify: Whether servers are verified, or the TLS context that does.
    """

    def __init__(self, proxy: httpx.Proxy | None, *, verify: ssl.SSLContext | bool) -> None:
        self._verify = verify
        self._proxies = Proxies() if proxy is None else None
        self._proxy = proxy
        self._checked: dict[str, httpx.Proxy] = {}
        self._context: ssl.SSLContext | None = None

    def target(self, request: httpx.Request) -> Target:
        """Return what the connection of a request leads to.

        Args:
            request: The request.

        Raises:
            InvalidInputError: Its proxy is not one.
            httpx.UnsupportedProtocol: Its URL is not one of http or https, or has no valid port.
        """
        url = request.url
        if url.scheme not in ("http", "https"):
            raise httpx.UnsupportedProtocol(f"the scheme is {url.scheme!r}", request=request)
        if url.port is not None and not 0 < url.port <= _MAX_PORT:
            raise httpx.UnsupportedProtocol(f"there is no port {url.port}", request=request)
        if self._proxies is None:
            return Target(*origin(url), proxy=self._proxy)
        named = self._proxies.of(url)
        if named is None:
            return Target(*origin(url))
        text, name = named
        if text not in self._checked:
            self._checked[text] = proxy_of(text, name)
        # Targets are equal where this object is the same one. Unlike the text, its repr has no
        # password.
        return Target(*origin(url), proxy=self._checked[text])

    def context(self) -> ssl.SSLContext:
        """Return the TLS context, which takes as long to make as many runs: only when needed."""
        if self._context is None:
            self._context = tls_context(verify=self._verify)
        return self._context

    def connection(self, target: Target) -> Connection:
        """Return a new blocking connection, which opens with its first request."""
        left = TimeLeft()
        options: dict[str, Any] = {**self._options(target), "network_backend": Backend(left)}
        if target.proxy is None:
            return Connection(httpcore.HTTPConnection(**options), left)
        kind = httpcore.SOCKSProxy if _is_socks(target.proxy) else httpcore.HTTPProxy
        return Connection(kind(**options), left)

    def async_connection(self, target: Target) -> Connection:
        """Return a new async connection, which opens with its first request."""
        left = TimeLeft()
        options: dict[str, Any] = {**self._options(target), "network_backend": AsyncBackend(left)}
        if target.proxy is None:
            return Connection(httpcore.AsyncHTTPConnection(**options), left)
        kind = httpcore.AsyncSOCKSProxy if _is_socks(target.proxy) else httpcore.AsyncHTTPProxy
        return Connection(kind(**options), left)

    def transport_options(self, target: Target) -> dict[str, Any]:
        """Return what httpx's own transports take."""
        proxy = target.proxy
        if proxy is not None and proxy.url.scheme == "https":
            proxy = httpx.Proxy(
                proxy.url, ssl_context=self.context(), auth=proxy.auth, headers=proxy.headers
            )
        return {"verify": self.context(), "proxy": proxy, "limits": _LIMITS}

    def _options(self, target: Target) -> dict[str, Any]:
        options: dict[str, Any] = {"keepalive_expiry": MAX_IDLE_SECONDS}
        proxy = target.proxy
        if target.scheme == "https":
            options["ssl_context"] = self.context()
        if proxy is None:
            port = target.port or (443 if target.scheme == "https" else 80)
            return options | {"origin": httpcore.Origin(target.scheme.encode(), target.host, port)}
        options |= {"proxy_url": _core_url(proxy.url), "proxy_auth": proxy.raw_auth}
        options["max_connections"] = 1
        if not _is_socks(proxy):
            options["proxy_headers"] = proxy.headers.raw
        if proxy.url.scheme == "https":
            options["proxy_ssl_context"] = self.context()
        return options


def _is_socks(proxy: httpx.Proxy) -> bool:
    return proxy.url.scheme.startswith("socks")


def _core_url(url: httpx.URL) -> httpcore.URL:
    return httpcore.URL(
        scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
    )


class _CoreConnection(Protocol):
    """What can be asked of a connection of httpcore."""

    def is_idle(self) -> bool: ...

    def has_expired(self) -> bool: ...


class Connection(NamedTuple):
    """A connection, and the time that is left for the request it carries.

    Args:
        carrier: A connection of httpcore, or its pool of one connection through a proxy.
        left: The time that is left.
    """

    carrier: Any
    left: TimeLeft

    def is_idle(self) -> bool:
        """Say whether the connection is open and carries nothing."""
        parts = self._parts()
        return bool(parts) and all(part.is_idle() for part in parts)

    def has_expired(self) -> bool:
        """Say whether the connection was idle too long, or the server closed it."""
        return any(part.has_expired() for part in self._parts())

    def _parts(self) -> list[_CoreConnection]:
        return list(getattr(self.carrier, "connections", (self.carrier,)))


def core_request(request: httpx.Request, body: Any, left: TimeLeft) -> httpcore.Request:
    """Return a request as httpcore takes it.

    Args:
        request: The request; its extension ``seconds_left`` returns the seconds until the deadline.
        body: Iterates over the body, blocking or awaited.
        left: The time left on the connection that carries it.
    """
    left.seconds = request.extensions.get("seconds_left")
    return httpcore.Request(
        method=request.method,
        url=_core_url(request.url),
        headers=request.headers.raw,
        content=body,
        extensions=request.extensions,
    )


def is_patched() -> bool:
    """Say whether somebody replaced a function of httpx or httpcore that sends requests.

    vcrpy, pytest-httpx, respx and OpenTelemetry do. Past a test's mock, requests would reach the
    real API and cost money: then they go through httpx's own transports.
    """
    return not _are_own(
        (
            httpx.HTTPTransport.handle_request,
            httpx.AsyncHTTPTransport.handle_async_request,
            httpcore.ConnectionPool.handle_request,
            httpcore.AsyncConnectionPool.handle_async_request,
            httpcore.HTTPProxy.handle_request,
            httpcore.AsyncHTTPProxy.handle_async_request,
            httpcore.HTTPConnection.handle_request,
            httpcore.AsyncHTTPConnection.handle_async_request,
            httpcore.HTTP11Connection.handle_request,
            httpcore.AsyncHTTP11Connection.handle_async_request,
        )
    )


_own: tuple[object, ...] = ()
"""The functions that were last found to be the libraries' own."""


def _are_own(functions: tuple[object, ...]) -> bool:
    global _own  # noqa: PLW0603 - what was checked once is not checked with every request
    # By identity: a wrapper of wrapt equals what it wraps.
    if len(functions) == len(_own) and all(map(operator.is_, functions, _own)):
        return True
    if all(map(_is_own, functions)):
        _own = functions
        return True
    return False


def _is_own(function: object) -> bool:
    # Wrappers of wrapt claim the class and the globals of what they wrap, those of functools the
    # name of its module.
    if type(function) is not FunctionType:
        return False
    return str(function.__globals__.get("__name__")).partition(".")[0] in ("httpx", "httpcore")
