"""Who may talk to the sandbox: programs on this machine, not the pages that a browser shows.

The token is well known, and a browser takes any page to a server on 127.0.0.1. A page of another
site is told by its `Origin`; one whose name was made to lead here (DNS rebinding) by the `Host`.
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
    """The names under which the sandbox may be called.

    Args:
        names: host names or addresses beside those of the loopback device.

    Raises:
        ValueError: one of them is not a host name alone.
    """

    def __init__(self, names: Iterable[str] = ()) -> None:
        if isinstance(names, str):
            raise ValueError(f"allowed_hosts must be a list of host names, got {names!r}")  # noqa: TRY004 - as for the names in it
        self._names = frozenset(map(_normalized, names))

    def __contains__(self, name: str) -> bool:
        """Say whether a host name or address, without its port, is one of them."""
        name = name.strip("[]").removesuffix(".").lower()
        # Browsers never ask a name server for what ends in .localhost (RFC 6761, 6.3).
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
    """ASGI middleware that answers 403 to what a page of another site sent.

    What is below `/v1` is closed to such pages altogether. Outputs may be shown in them, as those
    of the API may: their URLs cannot be guessed.

    Args:
        app: the application.
        allowed: the hosts that requests may be for and come from.
    """

    def __init__(self, app: ASGIApp, allowed: AllowedHosts) -> None:
        self._app = app
        self._allowed = allowed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer 403."""
        refusal = self._refusal(Headers(scope=scope), scope["path"])
        app = self._app if refusal is None else not_allowed(refusal).response()
        await app(scope, receive, send)

    def _refusal(self, headers: Headers, path: str) -> str | None:
        host = headers.get("host", "")
        match = _HOST.fullmatch(host)
        if match is None or match[1] not in self._allowed:
            return (
                f"The sandbox answers only to loopback names such as 127.0.0.1 and localhost, not "
                f"to {host[:100]!r}. Allow other names with Sandbox(allowed_hosts=[...]) or "
                "--allow-host."
            )
        origin = headers.get("origin")
        is_foreign = origin is not None and _host(origin) not in self._allowed
        if is_foreign or (path.startswith("/v1") and headers.get("sec-fetch-site") == "cross-site"):
            return "The sandbox does not answer pages of other sites. Call it from a program."
        return None


def _host(origin: str) -> str:
    try:
        return urlsplit(origin).hostname or ""
    except ValueError:
        return ""
