"""The route to a host: proxy, TLS context, and the httpcore connection that uses them."""

from __future__ import annotations

import operator
from types import FunctionType
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import httpcore
import httpx
from replicate_api.client import origin

from replicate_ext._network.backends import AsyncBackend, Backend, TimeLeft
from replicate_ext._network.pool import MAX_CONNECTIONS, MAX_IDLE_SECONDS, Target
from replicate_ext._network.proxies import Proxies, proxy_of, tls_context

if TYPE_CHECKING:
    import ssl

_MAX_PORT = 65535
_LIMITS = httpx.Limits(max_connections=MAX_CONNECTIONS, keepalive_expiry=MAX_IDLE_SECONDS)


class Route:
    """Proxy and TLS settings of a client, for blocking and async connections.

    Args:
        proxy: The proxy for every request; None to use the proxies of the environment.
        verify: Whether to verify server certificates, or a TLS context.
    """

    def __init__(self, proxy: httpx.Proxy | None, *, verify: ssl.SSLContext | bool) -> None:
        self._verify = verify
        self._proxies = Proxies() if proxy is None else None
        self._proxy = proxy
        self._checked: dict[str, httpx.Proxy] = {}
        self._context: ssl.SSLContext | None = None

    def target(self, request: httpx.Request) -> Target:
        """Return the destination of a request's connection.

        Args:
            request: The request.

        Raises:
            InvalidInputError: The proxy URL from the environment is invalid.
            httpx.UnsupportedProtocol: The scheme is not http or https, or the port is invalid.
        """
        url = request.url
        if url.scheme not in ("http", "https"):
            raise httpx.UnsupportedProtocol(
                f"the URL scheme must be http or https, got {url.scheme!r}", request=request
            )
        if url.port is not None and not 0 < url.port <= _MAX_PORT:
            raise httpx.UnsupportedProtocol(
                f"the port must be between 1 and {_MAX_PORT}, got {url.port}", request=request
            )
        if self._proxies is None:
            return Target(*origin(url), proxy=self._proxy)
        named = self._proxies.of(url)
        if named is None:
            return Target(*origin(url))
        text, name = named
        if text not in self._checked:
            self._checked[text] = proxy_of(text, name)
        # A cached object, because proxies compare by identity. Not the URL, whose repr would show
        # the password.
        return Target(*origin(url), proxy=self._checked[text])

    def context(self) -> ssl.SSLContext:
        """Return the TLS context; it is created on first use, because that takes milliseconds."""
        if self._context is None:
            self._context = tls_context(verify=self._verify)
        return self._context

    def connection(self, target: Target) -> Connection:
        """Return a new blocking connection; its first request opens it."""
        left = TimeLeft()
        options: dict[str, Any] = {**self._options(target), "network_backend": Backend(left)}
        if target.proxy is None:
            return Connection(httpcore.HTTPConnection(**options), left)
        kind = httpcore.SOCKSProxy if _is_socks(target.proxy) else httpcore.HTTPProxy
        return Connection(kind(**options), left)

    def async_connection(self, target: Target) -> Connection:
        """Return a new async connection; its first request opens it."""
        left = TimeLeft()
        options: dict[str, Any] = {**self._options(target), "network_backend": AsyncBackend(left)}
        if target.proxy is None:
            return Connection(httpcore.AsyncHTTPConnection(**options), left)
        kind = httpcore.AsyncSOCKSProxy if _is_socks(target.proxy) else httpcore.AsyncHTTPProxy
        return Connection(kind(**options), left)

    def transport_options(self, target: Target) -> dict[str, Any]:
        """Return the keyword arguments for the transports of httpx."""
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
    """The methods of an httpcore connection that are used here."""

    def is_idle(self) -> bool: ...

    def has_expired(self) -> bool: ...


class Connection(NamedTuple):
    """A connection and the time that is left for its current request.

    Args:
        carrier: The httpcore connection; for a proxy, an httpcore pool with one connection.
        left: The time that is left.
    """

    carrier: Any
    left: TimeLeft

    def is_idle(self) -> bool:
        """Return whether the connection is open and not in use."""
        parts = self._parts()
        return bool(parts) and all(part.is_idle() for part in parts)

    def has_expired(self) -> bool:
        """Return whether the connection was idle for too long, or was closed by the server."""
        return any(part.has_expired() for part in self._parts())

    def _parts(self) -> list[_CoreConnection]:
        return list(getattr(self.carrier, "connections", (self.carrier,)))


def core_request(request: httpx.Request, body: Any, left: TimeLeft) -> httpcore.Request:
    """Convert a request to a request of httpcore.

    Args:
        request: The request; its extension ``seconds_left`` returns the seconds until the deadline.
        body: The body as an iterable or async iterable of bytes.
        left: The time left for the request on its connection; set from the request.
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
    """Return whether a function of httpx or httpcore that sends requests has been replaced.

    vcrpy, pytest-httpx, respx and OpenTelemetry replace such functions. The client then uses the
    transports of httpx, because a request that bypasses the mock of a test would reach the real
    API and cost money.
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
"""The functions that the last check found to be unchanged."""


def _are_own(functions: tuple[object, ...]) -> bool:
    global _own  # noqa: PLW0603 - a cache: most requests need no new check
    # By identity: a wrapper made by wrapt is equal to the function that it wraps.
    if len(functions) == len(_own) and all(map(operator.is_, functions, _own)):
        return True
    if all(map(_is_own, functions)):
        _own = functions
        return True
    return False


def _is_own(function: object) -> bool:
    # wrapt copies the class and the globals of the wrapped function, and functools.wraps copies the
    # name of its module.
    if type(function) is not FunctionType:
        return False
    return str(function.__globals__.get("__name__")).partition(".")[0] in ("httpx", "httpcore")
