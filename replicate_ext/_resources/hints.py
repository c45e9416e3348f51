# Printed from async_hints.py by `make generate`; changes made here are lost.
"""Advice for a keyword argument that was probably meant as an input of the model."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
T = TypeVar("T")


def hint(
    method: Callable[P, T],
) -> Callable[P, T]:
    """Decorate a method to give advice on keyword arguments that it does not have.

    Args:
        method: A method that takes the input of a model.
    """

    @wraps(method)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return method(*args, **kwargs)
        except TypeError as error:
            from replicate_ext._resources.advice import advise

            advise(error, method)
            raise

    return call
