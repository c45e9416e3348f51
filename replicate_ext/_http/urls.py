"""URLs that a client is given, checked before anything is sent. No I/O."""

from __future__ import annotations

import re
from importlib.util import find_spec

import httpx
from replicate_api.client import DEFAULT_BASE_URL

from replicate_ext._messages import shown

_NOT_PRINTABLE = re.compile(r"[\s\x00-\x1f\x7f]")
_PROXY_SCHEMES = ("http", "https", "socks5", "socks5h")


def checked_base_url(base_url: object) -> tuple[str, str]:
    """Return the API's URL and what is wrong with it, of which one is an empty text.

    The problem quotes nothing, as it may be a token in the wrong place.

    Args:
        base_url: The URL with the API's version.
    """
    problem = url_problem(base_url)
    if problem:
        return "", f"{problem} (a client takes the token first: Replicate(api_token, base_url))"
    text = str(base_url)
    if httpx.URL(text).userinfo:
        return "", (
            "has a user name or password, which would be shown and never sent: pass what a gateway "
            "needs as headers"
        )
    if "?" in text or "#" in text:
        return "", "has a query or a fragment: end it with the path, as in " + DEFAULT_BASE_URL
    return text, ""


def checked_proxy(proxy: str | None) -> tuple[httpx.Proxy | None, str]:
    """Return a proxy, None without one, and what is wrong with its URL, not quoting it.

    Args:
        proxy: The URL, which may have a user name and a password.
    """
    if proxy is None:
        return None, ""
    problem = url_problem(proxy, _PROXY_SCHEMES)
    if problem:
        return None, f"{problem}: expected a URL like http://host:port"
    made = httpx.Proxy(proxy)
    # A slash or "#" in a password makes a path or a fragment of the rest.
    if "@" in f"{made.url.path}{made.url.fragment}":
        return None, (
            "has special characters in its password, which must be percent-encoded: expected a URL "
            "like http://host:port"
        )
    if made.url.scheme.startswith("socks") and find_spec("socksio") is None:
        return None, "is a SOCKS proxy, which needs another package: pip install 'httpx[socks]'"
    return made, ""


def url_problem(url: object, schemes: tuple[str, ...] = ("http", "https")) -> str:
    """Return what is wrong with an absolute URL, not quoting it; an empty text if nothing is.

    Args:
        url: The URL.
        schemes: Those it may have.
    """
    if not isinstance(url, str):
        return f"must be a string, got {type(url).__name__}"
    if _NOT_PRINTABLE.search(url):
        return "has spaces or control characters"
    parsed = _parsed(url)
    if parsed is None or parsed.scheme not in schemes or not parsed.host:
        *others, last = schemes
        return f"is not a valid URL: it needs a host, and the scheme {', '.join(others)} or {last}"
    if parsed.port is not None and not 0 < parsed.port < 65536:
        return "has a port that is not between 1 and 65535"
    return ""


def _parsed(url: str) -> httpx.URL | None:
    try:
        return httpx.URL(url)
    except (httpx.InvalidURL, ValueError):  # ValueError: half of a surrogate pair
        return None


def has_userinfo(url: str) -> bool:
    """Say whether a URL has a user name or password.

    Args:
        url: An absolute URL.
    """
    return _USERINFO.search(url) is not None


_USERINFO = re.compile(r"(?<=://)[^/?#]*@")


def shown_url(url: object) -> str:
    """Return a URL as a message may show it: without user name and password.

    Args:
        url: The URL, which need not be a valid one.
    """
    return shown(_USERINFO.sub("[hidden]@", url) if isinstance(url, str) else url)


def wrong_base_url_hint(base_url: str) -> str:
    """Return what to say of a 404 where the base URL's path is not the API's, else an empty text.

    Args:
        base_url: The client's base URL.
    """
    path = httpx.URL(base_url).path.rstrip("/")
    if path.endswith("/v1"):
        return ""
    has = f"has the path {shown(path)}" if path else "has no path"
    return f"Check base_url: it {has}, and the API's ends with /v1, as in {DEFAULT_BASE_URL}"
