"""The text that tools show for an error, so that tests can search it for secrets."""

from __future__ import annotations

import pickle
import traceback
from collections.abc import Callable
from typing import Any

from replicate_ext import (
    APIError,
    ReplicateError,
)

HIDDEN = "hidden-in-tests"


def everything_shown(error: BaseException) -> str:
    """Return all text that tools show for an error, including the local variables of its frames."""
    shown = traceback.TracebackException.from_exception(error, capture_locals=True)
    parts = ["".join(shown.format()), repr(error), str(error), str(vars(error))]
    if isinstance(error, ReplicateError):
        parts.append(repr(pickle.dumps(error)))
    if isinstance(error, APIError):
        parts += [repr(error.request.headers.raw), repr(error.invalid_fields), str(error.detail)]
        if error.response is not None:
            parts += [repr(error.response.headers.raw), repr(error.body), repr(error.response)]
    return "\n".join(parts)


def failing(call: Callable[[], Any]) -> Exception:
    """Return the error that a call raises. This frame adds no secrets to its traceback."""
    try:
        call()
    except Exception as error:  # noqa: BLE001 - tests check its type
        return error
    raise AssertionError
