"""Advice on invalid arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from replicate_api.types import RequestArguments

    from replicate_ext.errors import InvalidInputError


def advise(error: TypeError, method: Callable[..., object]) -> None:
    """Add a note to the error of a call with a keyword argument that the method does not have.

    Args:
        error: The error.
        method: A method that takes the input of a model.
    """
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
