# Printed from async_hints.py by `make generate`; changes made here are lost.
"""Readable errors of methods: advice on wrong keyword arguments, and short tracebacks."""

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
    """Decorate a method to give advice on unknown keyword arguments and to shorten tracebacks.

    Args:
        method: The method. Its arguments may be secrets.
    """

    @wraps(method)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return method(*args, **kwargs)
        except TypeError:
            # Imported late: it is only needed here.
            from replicate_ext._resources.advice import advised

            better = advised(method, kwargs)
            if better is None:
                raise
            raise better from None
        except Exception as error:
            from replicate_ext._http.tracebacks import shortened
            from replicate_ext.errors import ReplicateError

            if isinstance(error, ReplicateError):
                raise shortened(error) from error.__cause__
            raise
        finally:
            del args, kwargs  # tools that print tracebacks show a frame's locals

    return call
