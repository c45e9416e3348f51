"""Check the URLs that are passed to a client. No I/O."""

from __future__ import annotations

import re
from importlib.util import find_spec

import httpx
from replicate_api.client import DEFAULT_BASE_URL

from replicate_ext._messages import shown

_NOT_PRINTABLE = re.compile(r"[\s\x00-\x1f\x7f]")
_VERSION = "/v1"
_PROXY_SCHEMES = ("http", "https", "socks5", "socks5h")


def checked_base_url(base_url: object) -> tuple[str, str]:
    """Return the base URL and "", or "" and a description of what is wrong with it.

    A URL without a path gets the version of the API. The description does not show the value, which
    may be a token that was passed as the URL.

    Args:
        base_url: The base URL.
    """
    problem = url_problem(base_url)
    if problem:
        return "", f"{problem} (the token is the first argument: Replicate(api_token, base_url))"
    text = str(base_url)
    url = httpx.URL(text)
    if url.userinfo:
        return "", (
            "has a user name or password, which would be visible but never sent: pass the "
            "credentials of a gateway as headers"
        )
    if "?" in text or "#" in text:
        return "", "has a query or a fragment: it must end with the path, as in " + DEFAULT_BASE_URL
    return (text if url.path.strip("/") else text.rstrip("/") + _VERSION), ""


def checked_proxy(proxy: str | None) -> tuple[httpx.Proxy | None, str]:
    """Return a proxy, or None and a description of what is wrong with its URL.

    The description does not show the URL; it is empty if nothing is wrong.

    Args:
        proxy: The URL of the proxy, with or without a user name and a password; None for no proxy.
    """
    if proxy is None:
        return None, ""
    problem = url_problem(proxy, _PROXY_SCHEMES)
    if problem:
        return None, f"{problem}: expected a URL like http://host:port"
    made = httpx.Proxy(proxy)
    # With a slash or "#" in the password, the rest of the URL becomes a path or a fragment.
    if "@" in f"{made.url.path}{made.url.fragment}":
        return None, (
            "has special characters in its password, which must be percent-encoded: expected a URL "
            "like http://host:port"
        )
    if made.url.scheme.startswith("socks") and find_spec("socksio") is None:
        return None, "is a SOCKS proxy, which needs another package: pip install 'httpx[socks]'"
    return made, ""


def url_problem(url: object, schemes: tuple[str, ...] = ("http", "https")) -> str:
    """Return a description of what is wrong with an absolute URL, without the URL; "" if valid.

    Args:
        url: The URL.
        schemes: The schemes that are allowed.
    """
    if not isinstance(url, str):
        return f"must be a string, got {type(url).__name__}"
    if _NOT_PRINTABLE.search(url):
        return "contains spaces or control characters"
    parsed = _parsed(url)
    if parsed is None or parsed.scheme not in schemes or not parsed.host:
        *others, last = schemes
        return f"is not a valid URL: it needs a host, and the scheme {', '.join(others)} or {last}"
    if parsed.port is not None and not 0 < parsed.port < 65536:
        return "has an invalid port: use a number from 1 to 65535"
    return ""


def _parsed(url: str) -> httpx.URL | None:
    try:
        return httpx.URL(url)
    except (httpx.InvalidURL, ValueError):  # ValueError: a lone surrogate
        return None


def has_userinfo(url: str) -> bool:
    """Return whether a URL has a user name or password.

    Args:
        url: An absolute URL.
    """
    return _USERINFO.search(url) is not None


_USERINFO = re.compile(r"(?<=://)[^/?#]*@")


def shown_url(url: object) -> str:
    """Return a URL for a message, without user name and password.

    Args:
        url: The URL; it may be invalid.
    """
    return shown(_USERINFO.sub("[hidden]@", url) if isinstance(url, str) else url)


def wrong_base_url_hint(base_url: str) -> str:
    """Return advice for a 404 if the path of the base URL is not that of the API, else "".

    Args:
        base_url: The base URL of the client.
    """
    path = httpx.URL(base_url).path.rstrip("/")
    if path.endswith(_VERSION):
        return ""
    return (
        f"Check base_url: it has the path {shown(path)}; the path should end with {_VERSION}, "
        f"as in {DEFAULT_BASE_URL}"
    )
