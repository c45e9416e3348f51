"""Protection against web pages: programs may use the sandbox, pages in a browser may not.

The token is public, and a browser lets any page send requests to 127.0.0.1. Pages of other sites
are recognized by their `Origin`, and names that resolve to this machine (DNS rebinding) by `Host`.
"""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from replicate_ext.sandbox._http.loopback import is_loopback
from replicate_ext.sandbox._http.problems import not_allowed

_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\[\]:/?#@*,\s]+)(?::[0-9]{1,5})?")


class AllowedHosts:
    """Host names that requests may use.

    Args:
        names: host names or IP addresses in addition to those of the loopback interface.

    Raises:
        ValueError: a name is not a plain host name or IP address, or has a scheme or port.
    """

    def __init__(self, names: Iterable[str] = ()) -> None:
        if isinstance(names, str):
            raise ValueError(f"allowed_hosts must be a list of host names, got {names!r}")  # noqa: TRY004 - as for a bad name
        self._names = frozenset(map(_normalized, names))

    def __contains__(self, name: str) -> bool:
        """Return whether a host name or IP address (without port) is allowed."""
        name = name.strip("[]").removesuffix(".").lower()
        # Browsers resolve names under .localhost without a name server (RFC 6761, 6.3).
        return is_loopback(name) or name.endswith(".localhost") or name in self._names


def _normalized(name: str) -> str:
    bare = name.strip("[]").removesuffix(".").lower()
    match = _HOST.fullmatch(f"[{bare}]" if ":" in bare else bare)
    if match is None:
        raise ValueError(
            f"invalid host in allowed_hosts: {name!r}; expected a host name or an IP address, "
            "without scheme and port"
        )
    return bare


class Guard:
    """ASGI middleware that responds with 403 to requests from pages of other sites.

    The guard rejects their requests for the page at `/` and for paths below `/v1`. They may load
    output files, as from the real API, since the URLs of output files cannot be guessed.

    Args:
        app: the application.
        allowed: accepted host names in `Host` and `Origin`.
    """

    def __init__(self, app: ASGIApp, allowed: AllowedHosts) -> None:
        self._app = app
        self._allowed = allowed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request, or respond with 403."""
        refusal = self._refusal(Headers(scope=scope), scope["path"])
        app = self._app if refusal is None else not_allowed(refusal).response()
        await app(scope, receive, send)

    def _refusal(self, headers: Headers, path: str) -> str | None:
        host = headers.get("host", "")
        match = _HOST.fullmatch(host)
        if match is None or match[1] not in self._allowed:
            return (
                f"The host {host[:100]!r} is not allowed. The sandbox accepts loopback names, such "
                "as 127.0.0.1 and localhost; allow other names with Sandbox(allowed_hosts=[...]) "
                "or --allow-host."
            )
        origin = headers.get("origin")
        is_foreign = origin is not None and _host(origin) not in self._allowed
        is_private = path == "/" or path.startswith("/v1")
        if is_foreign or (is_private and headers.get("sec-fetch-site") == "cross-site"):
            return "The sandbox does not accept requests from web pages of other sites."
        return None


def _host(origin: str) -> str:
    try:
        return urlsplit(origin).hostname or ""
    except ValueError:
        return ""
