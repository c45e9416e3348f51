"""Block the real API for every HTTP library in this process."""

import socket
import ssl
from collections.abc import Callable
from functools import wraps
from typing import Any

import pytest

REAL_HOST = "api.replicate.com"

_ADVICE = (
    f"blocked a connection to {REAL_HOST}: this test uses the local sandbox of Replicate. "
    "Create the client without base_url, so that it reads REPLICATE_BASE_URL, or pass "
    "base_url=replicate_sandbox.base_url. To use the real API, mark the test with "
    "@pytest.mark.replicate_live."
)


class RealAPIBlocked(RuntimeError):
    """A test that uses the sandbox tried to connect to the real API; nothing was sent."""


def block_real_api(patch: pytest.MonkeyPatch) -> None:
    """Raise RealAPIBlocked when code of this process connects to the real API.

    Args:
        patch: undoes the patches.
    """
    # Most libraries look up the host name before they open a connection.
    for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex"):
        patch.setattr(socket, name, _without(getattr(socket, name), _first))
    # TLS is patched for code that does not use these functions: proxies, uvloop, other resolvers.
    for name in ("wrap_bio", "wrap_socket"):
        patch.setattr(ssl.SSLContext, name, _without(getattr(ssl.SSLContext, name), _server))


def _without(
    function: Callable[..., Any], host_of: Callable[[tuple[Any, ...], dict[str, Any]], object]
) -> Callable[..., Any]:
    @wraps(function)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if _is_real(host_of(args, kwargs)):
            raise RealAPIBlocked(_ADVICE)
        return function(*args, **kwargs)

    return guarded


def _first(args: tuple[Any, ...], kwargs: dict[str, Any]) -> object:
    return args[0] if args else kwargs.get("host")


def _server(_args: tuple[Any, ...], kwargs: dict[str, Any]) -> object:
    return kwargs.get("server_hostname")


def _is_real(host: object) -> bool:
    text = host.decode("latin-1") if isinstance(host, bytes | bytearray) else host
    return isinstance(text, str) and text.lower().rstrip(".") == REAL_HOST
