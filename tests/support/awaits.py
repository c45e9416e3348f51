"""Awaiting a coroutine step by step."""

from __future__ import annotations

import types
from collections.abc import Callable, Coroutine, Generator
from typing import Any


@types.coroutine
def driven(
    coroutine: Coroutine[Any, Any, Any], at: Callable[[int, Any], None]
) -> Generator[Any, Any, Any]:
    """Await a coroutine, and call a function each time the coroutine suspends.

    Args:
        coroutine: The coroutine.
        at: Called with the number of the suspension, from 0, and the object that is waited for.
    """
    steps = coroutine.__await__()
    number = 0
    resume: Callable[[], Any] = steps.__next__
    while True:
        try:
            waited = resume()
        except StopIteration as ended:
            return ended.value
        at(number, waited)
        number += 1
        try:
            value = yield waited
        except BaseException as error:  # noqa: BLE001 - the coroutine decides
            resume = _throwing(steps, error)
        else:
            resume = _sending(steps, value)


def _throwing(steps: Generator[Any, Any, Any], error: BaseException) -> Callable[[], Any]:
    return lambda: steps.throw(error)


def _sending(steps: Generator[Any, Any, Any], value: Any) -> Callable[[], Any]:
    return lambda: steps.send(value)
