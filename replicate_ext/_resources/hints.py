"""Advice for arguments that cannot be right."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from replicate_api.types import RequestArguments

    from replicate_ext.errors import InvalidInputError

P = ParamSpec("P")
T = TypeVar("T")


def hint(method: Callable[P, T]) -> Callable[P, T]:
    """Have a method advise on keyword arguments that it does not have.

    Args:
        method: A method that takes the input of a model.
    """

    @wraps(method)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return method(*args, **kwargs)
        except TypeError as error:
            _advise(error, method)
            raise

    return call


def async_hint(
    method: Callable[P, Coroutine[Any, Any, T]],
) -> Callable[P, Coroutine[Any, Any, T]]:
    """Have an async method advise on keyword arguments that it does not have.

    Args:
        method: A method that takes the input of a model.
    """

    @wraps(method)
    async def call(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return await method(*args, **kwargs)
        except TypeError as error:
            _advise(error, method)
            raise

    return call


def _advise(error: TypeError, method: Callable[..., object]) -> None:
    if f"{method.__qualname__}() got an unexpected keyword argument" in str(error):
        error.add_note("Inputs of the model go into the dict input, as in input={'prompt': '...'}")


def unsendable(arguments: RequestArguments, error: Exception) -> InvalidInputError:
    """Return the error for a request that cannot be sent.

    Args:
        arguments: The request.
        error: Why httpx could not build it.
    """
    # Imported late: hardly any request needs it.
    from replicate_ext._files import inputs

    return inputs.unsendable(arguments, error)
