"""The proxy for a URL and the TLS context, from arguments and environment variables."""

from __future__ import annotations

import ipaddress
import logging
import os
import re
import ssl
import urllib.request
from typing import TYPE_CHECKING, NamedTuple

import httpx

from replicate_ext._network.credentials import certificates
from replicate_ext._network.urls import checked_proxy
from replicate_ext.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping

log = logging.getLogger("replicate_ext")

_ENTRY = re.compile(r"(?P<host>\[[^\]]+\]|[^:\[\]]+)(:(?P<port>\d{1,5}))?", re.ASCII)
_MAX_PORT = 65535
_DOMAIN = re.compile(r"(\*?\.)?(?P<name>[\w-]+(\.[\w-]+)*)\.?")


class Excluded(NamedTuple):
    """One entry of NO_PROXY.

    Args:
        domain: A domain and all its subdomains; empty for any host.
        network: The IP addresses, if the entry has addresses instead of a domain.
        port: The port; None for any port.
        scheme: The URL scheme; empty for any scheme.
    """

    domain: str = ""
    network: ipaddress.IPv4Network | ipaddress.IPv6Network | None = None
    port: int | None = None
    scheme: str = ""

    def covers(self, url: httpx.URL) -> bool:
        """Return whether the entry excludes a URL."""
        if self.scheme and self.scheme != url.scheme:
            return False
        if self.port is not None and self.port != (url.port or {"https": 443}.get(url.scheme, 80)):
            return False
        if self.network is not None:
            try:
                return ipaddress.ip_address(url.host) in self.network
            except ValueError:
                return False
        host = url.host.lower().rstrip(".")
        return not self.domain or host == self.domain or host.endswith(f".{self.domain}")


class Proxies:
    """The proxies of the environment, read as httpx and curl read them.

    Args:
        environment: Proxy URLs by scheme, and the entries of NO_PROXY as ``no``. Default: those of
            the process and the system.
    """

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        named = urllib.request.getproxies() if environment is None else environment
        self._named = {name: named[name] for name in ("http", "https", "all") if named.get(name)}
        entries = named.get("no", "").replace(",", " ").split() if self._named else []
        self._excluded = [_excluded(text) for text in entries]

    def of(self, url: httpx.URL) -> tuple[str, str] | None:
        """Return the proxy for a URL and the variable that sets it; None for a direct connection.

        Args:
            url: The URL of a request.
        """
        name = next((name for name in (url.scheme, "all") if name in self._named), None)
        if name is None or any(entry and entry.covers(url) for entry in self._excluded):
            return None
        text = self._named[name]
        return text if "://" in text else f"http://{text}", _variable(name)


def _variable(name: str) -> str:
    variable = f"{name}_proxy"
    return variable if variable in os.environ else variable.upper()


def _excluded(text: str) -> Excluded | None:
    """Parse an entry of NO_PROXY; an invalid entry is ignored, with a warning in the log."""
    scheme, _, rest = text.rpartition("://")
    entry = rest.rstrip("/")
    if entry == "*":
        return Excluded(scheme=scheme.lower())
    found = _ENTRY.fullmatch(entry)
    host = found["host"].strip("[]") if found else entry
    port = int(found["port"]) if found and found["port"] else None
    if port is None or port <= _MAX_PORT:
        read = Excluded(port=port, scheme=scheme.lower())
        try:
            return read._replace(network=ipaddress.ip_network(host, strict=False))
        except ValueError:
            if domain := _DOMAIN.fullmatch(host):
                return read._replace(domain=domain["name"].lower())
    log.warning("Ignored an invalid entry of NO_PROXY: %r", text[:100])
    return None


def proxy_of(text: str, name: str) -> httpx.Proxy:
    """Return the proxy for a URL.

    Args:
        text: The proxy's URL; it may contain a password.
        name: The variable that sets it, for messages.

    Raises:
        InvalidInputError: The URL is not a valid proxy URL.
    """
    proxy, problem = checked_proxy(text)
    if proxy is None:
        raise InvalidInputError(f"{name} {problem}")
    return proxy


def tls_context(*, verify: ssl.SSLContext | bool) -> ssl.SSLContext:
    """Return the TLS context for the connections of a client.

    Args:
        verify: A TLS context; True to verify servers with the certificates of SSL_CERT_FILE or
            SSL_CERT_DIR, else with those of certifi; False to accept any server.

    Raises:
        InvalidInputError: The certificates of SSL_CERT_FILE or SSL_CERT_DIR cannot be read.
    """
    for variable in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        if verify is True and (path := os.environ.get(variable)):
            verify = certificates(path, variable)
    return verify if isinstance(verify, ssl.SSLContext) else httpx.create_ssl_context(verify)
