"""Which proxy a URL goes through, and which certificates are trusted: arguments and environment."""

from __future__ import annotations

import ipaddress
import logging
import os
import re
import ssl
import urllib.request
from typing import TYPE_CHECKING, NamedTuple

import httpx

from replicate_ext._http.credentials import certificates
from replicate_ext._http.urls import checked_proxy
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
        domain: A domain, which stands for its subdomains too; empty for any host.
        network: The addresses, where the entry has these.
        port: The port, None for any.
        scheme: The scheme, empty for any.
    """

    domain: str = ""
    network: ipaddress.IPv4Network | ipaddress.IPv6Network | None = None
    port: int | None = None
    scheme: str = ""

    def covers(self, url: httpx.URL) -> bool:
        """Say whether a URL's host is excluded."""
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
    """The proxies that the environment names, as httpx and curl read them.

    Args:
        environment: The proxies by scheme, ``no`` for the exceptions; by default the system's.
    """

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        named = urllib.request.getproxies() if environment is None else environment
        self._named = {name: named[name] for name in ("http", "https", "all") if named.get(name)}
        entries = named.get("no", "").replace(",", " ").split() if self._named else []
        self._excluded = [_excluded(text) for text in entries]

    def of(self, url: httpx.URL) -> tuple[str, str] | None:
        """Return the proxy of a URL and the name of the variable, None where there is no proxy.

        Args:
            url: Where a request goes.
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
    """Read an entry of NO_PROXY; what cannot be read excludes nothing."""
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
    log.warning("NO_PROXY has an entry that cannot be read and is ignored: %r", text[:100])
    return None


def proxy_of(text: str, name: str) -> httpx.Proxy:
    """Return a proxy.

    Args:
        text: Its URL, which may hold a password.
        name: The variable that it comes from, for messages.

    Raises:
        InvalidInputError: It cannot be a proxy.
    """
    proxy, problem = checked_proxy(text)
    if proxy is None:
        raise InvalidInputError(f"{name} {problem}")
    return proxy


def tls_context(*, verify: ssl.SSLContext | bool) -> ssl.SSLContext:
    """Return the TLS context that checks servers' certificates.

    Args:
        verify: A context; True trusts the certificates of SSL_CERT_FILE or SSL_CERT_DIR, else those
            of certifi; False trusts any server.

    Raises:
        InvalidInputError: The certificates that a variable names cannot be read.
    """
    for variable in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        if verify is True and (path := os.environ.get(variable)):
            verify = certificates(path, variable)
    return verify if isinstance(verify, ssl.SSLContext) else httpx.create_ssl_context(verify)
