"""Whether a request goes directly to the pool (the short way) or through httpx (the long way).

``httpx.Client`` and the objects that it makes take half of the time of a request. The client does
not need them, but other code may: the hooks of the caller's own client, mocks, tracing. A request
that bypassed a mock would reach the real API and cost money. So the short way is taken only if

- the client uses its own connections (no ``http_client``, no ``transport``),
- ``get_httpx_client`` was not called, as its caller may have changed the hooks, the transport or
  the methods of the httpx client,
- the functions of httpx and httpcore that send requests have not been replaced,
- the body is JSON, bytes, or has a known length, and there are no query parameters to encode.
"""

from __future__ import annotations

import operator
from types import FunctionType
from typing import TYPE_CHECKING, Any

import httpcore
import httpx

if TYPE_CHECKING:
    from replicate_api.types import RequestArguments

    from replicate_ext._network.access import Access


def is_direct(access: Access[Any, Any], arguments: RequestArguments, *, is_lent: bool) -> bool:
    """Return whether a request can take the short way.

    Args:
        access: How the client reaches the API.
        arguments: The request.
        is_lent: Whether ``get_httpx_client`` has returned the httpx client to the caller.
    """
    if is_lent or access.http_client is not None or access.transport is not None:
        return False
    if not _SIMPLE.issuperset(arguments):
        return False
    content = arguments.get("content")
    if content is not None and not isinstance(content, str | bytes):
        names = {name.lower() for name in arguments.get("headers", ())}
        if "content-length" not in names:
            return False
    return _are_own(_CLIENTS, _client_functions()) and not is_patched()


_SIMPLE = frozenset({"method", "url", "headers", "json", "content", "timeout"})


def is_patched() -> bool:
    """Return whether a function of httpx or httpcore below the clients has been replaced.

    vcrpy, pytest-httpx, respx and OpenTelemetry replace such functions. Requests then use the
    transports of httpx instead of the pool.
    """
    return not _are_own(
        _TRANSPORTS,
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
        ),
    )


def _client_functions() -> tuple[object, ...]:
    """Return the classes and functions that Sentry, pook, old vcrpy, OpenTelemetry etc. replace."""
    own, own_async = httpx.Client, httpx.AsyncClient
    return (
        own,
        own_async,
        own.send,
        own_async.send,
        getattr(own, "_send_single_request", None),
        getattr(own_async, "_send_single_request", None),
        getattr(own, "_transport_for_url", None),
        getattr(own_async, "_transport_for_url", None),
    )


class _Known:
    """Functions that the last check found unchanged, so that most requests need no new check."""

    functions: tuple[object, ...] = ()


_CLIENTS, _TRANSPORTS = _Known(), _Known()


def _are_own(known: _Known, functions: tuple[object, ...]) -> bool:
    # By identity: a wrapper made by wrapt is equal to the function that it wraps.
    if len(functions) == len(known.functions) and all(
        map(operator.is_, functions, known.functions)
    ):
        return True
    if all(map(_is_own, functions)):
        known.functions = functions
        return True
    return False


def _is_own(function: object) -> bool:
    if function is None:
        return True
    if isinstance(function, type):
        return function.__module__.partition(".")[0] == "httpx"
    # wrapt copies the class and the globals of the wrapped function, and functools.wraps copies the
    # name of its module.
    if type(function) is not FunctionType:
        return False
    return str(function.__globals__.get("__name__")).partition(".")[0] in ("httpx", "httpcore")
