"""Errors of httpcore and their counterparts in httpx."""

from __future__ import annotations

import httpcore
import httpx

_NAMES = (
    "ConnectError",
    "ConnectTimeout",
    "LocalProtocolError",
    "NetworkError",
    "PoolTimeout",
    "ProtocolError",
    "ProxyError",
    "ReadError",
    "ReadTimeout",
    "RemoteProtocolError",
    "TimeoutException",
    "UnsupportedProtocol",
    "WriteError",
    "WriteTimeout",
)
_ERRORS: dict[type[Exception], type[httpx.TransportError]] = {
    getattr(httpcore, name): getattr(httpx, name) for name in _NAMES
}
CORE_ERRORS = tuple(_ERRORS)


def translated(error: Exception, request: httpx.Request) -> httpx.TransportError:
    """Return the error of httpx for an error of httpcore.

    Args:
        error: One of CORE_ERRORS.
        request: The request that failed.
    """
    return _ERRORS[type(error)](str(error), request=request)
