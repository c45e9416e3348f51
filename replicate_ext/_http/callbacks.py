"""Check the callback functions that are passed to a client. No I/O."""

from __future__ import annotations

import inspect
from functools import partial
from typing import TYPE_CHECKING

from replicate_ext._messages import shown
from replicate_ext.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable


def check_callback(name: str, function: object, *, is_async: bool) -> None:
    """Check a callback function.

    Args:
        name: Name of the option, for the message.
        function: The function; None for no function.
        is_async: Whether the client is async; only then the function may be async.

    Raises:
        InvalidInputError: The value is not callable, is a generator function, or is an async
            function for the blocking client.
    """
    if function is None:
        return
    if not callable(function):
        raise InvalidInputError(f"{name} must be a function or None, got {shown(function)}")
    kind = unusual_kind(function)
    if kind is None or (kind == "an async function" and is_async):
        return
    advice = " (AsyncReplicate accepts async functions)" if kind == "an async function" else ""
    raise InvalidInputError(f"{name} must be a plain function, got {kind}{advice}")


def check_plain_callback(name: str, function: object) -> None:
    """Check a callback function that is never awaited.

    Args:
        name: Name of the option, for the message.
        function: The function; None for no function.

    Raises:
        InvalidInputError: The value is not callable, or is an async or generator function.
    """
    if function is None:
        return
    kind = unusual_kind(function) if callable(function) else shown(function)
    if kind is not None:
        raise InvalidInputError(f"{name} must be a plain function or None, got {kind}")


def close_callback(function: object) -> None:
    """Call the ``close`` method of a callback that has one, as progress bars do.

    Args:
        function: The callback, at the end of its operation.
    """
    close = getattr(function, "close", None)
    if callable(close):
        close()


def refuse_awaitable(name: str, result: object) -> None:
    """Check that a callback of the blocking client did not return an awaitable.

    Args:
        name: Name of the option, for the message.
        result: The value that the function returned. A coroutine is closed, to avoid a warning
            that it was never awaited.

    Raises:
        InvalidInputError: The value is awaitable.
    """
    if inspect.isawaitable(result):
        if inspect.iscoroutine(result):
            result.close()
        raise InvalidInputError(
            f"{name} must be a plain function, but it returned an awaitable (AsyncReplicate "
            "accepts async functions)"
        )


def unusual_kind(function: Callable[..., object]) -> str | None:
    """Return "an async function" or "a generator function" if a function is one, else None."""
    while isinstance(function, partial):
        function = function.func
    # A callable object has the kind of its __call__; the __call__ of a class is its metaclass's.
    for form in (function, type(function).__call__):
        if inspect.iscoroutinefunction(form):
            return "an async function"
        if inspect.isgeneratorfunction(form) or inspect.isasyncgenfunction(form):
            return "a generator function"
    return None
