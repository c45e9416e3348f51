"""What shows of an error, to look for secrets in."""

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
    """What tools show of an error, locals of its frames included."""
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
    """Return the error of a call; this frame has nothing to hide."""
    try:
        call()
    except Exception as error:  # noqa: BLE001 - its kind is looked at later
        return error
    raise AssertionError
