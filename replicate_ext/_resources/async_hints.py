"""Advice for a keyword argument that was probably meant as an input of the model."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

P = ParamSpec("P")
T = TypeVar("T")


def async_hint(
    method: Callable[P, Coroutine[Any, Any, T]],
) -> Callable[P, Coroutine[Any, Any, T]]:
    """Decorate a method to give advice on keyword arguments that it does not have.

    Args:
        method: A method that takes the input of a model.
    """

    @wraps(method)
    async def call(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return await method(*args, **kwargs)
        except TypeError as error:
            from replicate_ext._resources.advice import advise

            advise(error, method)
            raise

    return call
