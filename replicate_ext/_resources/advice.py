"""Advice on invalid arguments."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from replicate_api.types import RequestArguments

    from replicate_ext.errors import InvalidInputError

_OTHER_NAMES = {
    "access_token": ("api_token",),
    "api_key": ("api_token",),
    "auth": ("api_token",),
    "bearer_token": ("api_token",),
    "token": ("api_token",),
    "interval": ("poll_interval",),
    "model": ("reference",),
    "ref": ("reference",),
    "url": ("base_url",),
    "version": ("reference", "model_owner"),
}
"""Names of arguments in other clients, and their names in our methods."""

_CONSTRUCTOR = re.compile(r"(Async)?BaseClient\.__init__")


def advised(method: Callable[..., object], given: Iterable[str]) -> TypeError | None:
    """Return an error that shows the right call, for keyword arguments that a method does not have.

    Args:
        method: The method.
        given: Names of the keyword arguments of the call.

    Returns:
        The error; None if the method has all the keyword arguments, or there is no advice.
    """
    known = [*inspect.signature(method).parameters][1:]
    unknown = [name for name in given if name not in known]
    call = _CONSTRUCTOR.sub(r"\1Replicate", method.__qualname__)
    advice = _advice(call.rpartition(".")[2], known, unknown) if unknown else ""
    if not advice:
        return None
    return TypeError(f"{call}() got an unexpected keyword argument {unknown[0]!r}: use {advice}")


def _advice(call: str, known: list[str], unknown: list[str]) -> str:
    for name in unknown:
        other = [meant for meant in _OTHER_NAMES.get(name, ()) if meant in known]
        # Imported late: most calls need no advice.
        from difflib import get_close_matches

        if close := other or get_close_matches(name, known, 1, 0.75):
            return f"{call}({close[0]}=...)"
    if "input" not in known:
        return ""
    inputs = ", ".join(f"{name!r}: ..." for name in unknown)
    before = "reference, " if "reference" in known else "..., input="
    return f"{call}({before}{{{inputs}}}) for inputs of the model"


def unsendable(arguments: RequestArguments, error: Exception) -> InvalidInputError:
    """Return the error for a request that cannot be sent.

    Args:
        arguments: The request.
        error: Why httpx could not build it.
    """
    # Imported late: hardly any request needs it.
    from replicate_ext._files import inputs

    return inputs.unsendable(arguments, error)
