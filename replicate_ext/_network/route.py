"""The route to a host: proxy, TLS context, and the httpcore connection that uses them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import httpcore
import httpx

from replicate_ext._network.backends import AsyncBackend, Backend, TimeLeft
from replicate_ext._network.outgoing import core_url
from replicate_ext._network.pool import MAX_CONNECTIONS, MAX_IDLE_SECONDS, Target
from replicate_ext._network.proxies import Proxies, proxy_of, tls_context

if TYPE_CHECKING:
    import ssl

    from replicate_ext._network.outgoing import Outgoing

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

    def target(self, outgoing: Outgoing) -> Target:
        """Return the destination of a request's connection.

        Args:
            outgoing: The request.

        Raises:
            InvalidInputError: The proxy URL from the environment is invalid.
            httpx.UnsupportedProtocol: The scheme is not http or https, or the port is invalid.
        """
        url, origin, _ = outgoing.location
        if url.scheme not in ("http", "https"):
            raise httpx.UnsupportedProtocol(
                f"the URL scheme must be http or https, got {url.scheme!r}",
                request=outgoing.request,
            )
        if url.port is not None and not 0 < url.port <= _MAX_PORT:
            raise httpx.UnsupportedProtocol(
                f"the port must be between 1 and {_MAX_PORT}, got {url.port}",
                request=outgoing.request,
            )
        if self._proxies is None:
            return Target(*origin, proxy=self._proxy)
        named = self._proxies.of(url)
        if named is None:
            return Target(*origin)
        text, name = named
        if text not in self._checked:
            self._checked[text] = proxy_of(text, name)
        # One object for each URL, because proxies compare by identity. The URL itself is not
        # used, because the repr of a target would show its password.
        return Target(*origin, proxy=self._checked[text])

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
        options |= {"proxy_url": core_url(proxy.url), "proxy_auth": proxy.raw_auth}
        options["max_connections"] = 1
        if not _is_socks(proxy):
            options["proxy_headers"] = proxy.headers.raw
        if proxy.url.scheme == "https":
            options["proxy_ssl_context"] = self.context()
        return options


def _is_socks(proxy: httpx.Proxy) -> bool:
    return proxy.url.scheme.startswith("socks")


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


def core_request(outgoing: Outgoing, body: Any, left: TimeLeft) -> httpcore.Request:
    """Convert a request to a request of httpcore.

    Args:
        outgoing: The request.
        body: The body as bytes, or as an iterable or async iterable of bytes.
        left: The time left for the request on its connection; set from the request.
    """
    left.seconds = outgoing.extensions.get("seconds_left")
    return httpcore.Request(
        method=outgoing.method,
        url=outgoing.location.core,
        headers=outgoing.headers,
        content=body,
        extensions=outgoing.extensions,
    )
