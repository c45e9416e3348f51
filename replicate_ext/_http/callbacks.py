"""Functions of the caller's that a client calls, checked when they are given. No I/O."""

from __future__ import annotations

import inspect
from functools import partial
from typing import TYPE_CHECKING

from replicate_ext._messages import shown
from replicate_ext.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable


def check_callback(name: str, function: object, *, is_async: bool) -> None:
    """Check a function that is called with a prediction, or None for no function.

    Args:
        name: The option's name, for the message.
        function: The function.
        is_async: Whether the client is the async one, which also takes async functions.

    Raises:
        InvalidInputError: It cannot be called, is a generator, or is async and the client is not.
    """
    if function is None:
        return
    if not callable(function):
        raise InvalidInputError(f"{name} must be a function or None, got {shown(function)}")
    kind = unusual_kind(function)
    if kind is None or (kind == "an async function" and is_async):
        return
    advice = "AsyncReplicate takes async functions" if kind == "an async function" else "no yield"
    raise InvalidInputError(f"{name} is {kind}: expected a plain function ({advice})")


def refuse_awaitable(name: str, result: object) -> None:
    """Check that a function of the blocking client's caller returned a value to use at once.

    Args:
        name: The option whose function it was, for the message.
        result: What it returned; a coroutine is closed, so that Python does not warn of it.

    Raises:
        InvalidInputError: It has to be awaited.
    """
    if inspect.isawaitable(result):
        if inspect.iscoroutine(result):
            result.close()
        raise InvalidInputError(
            f"{name} returned something to await: expected a plain function (AsyncReplicate takes "
            "async functions)"
        )


def unusual_kind(function: Callable[..., object]) -> str | None:
    """Say what a function is whose call only makes a coroutine or a generator; None for others."""
    while isinstance(function, partial):
        function = function.func
    # An object with __call__ is what its __call__ is; a class has that of its metaclass.
    for form in (function, type(function).__call__):
        if inspect.iscoroutinefunction(form):
            return "an async function"
        if inspect.isgeneratorfunction(form) or inspect.isasyncgenfunction(form):
            return "a generator function"
    return None
