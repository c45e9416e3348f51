"""Short tracebacks: the frames of this package say nothing about a failed request."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from replicate_ext.errors import ReplicateError

ErrorT = TypeVar("ErrorT", bound="ReplicateError")

_LIBRARIES = frozenset(
    ("anyio", "contextlib", "functools", "httpcore", "httpx", "replicate_api", "replicate_ext")
)


def shortened(error: ErrorT) -> ErrorT:
    """Remove the frames of this package and of its libraries from a traceback; return the error.

    Frames of the caller stay, such as those of a callback.

    Args:
        error: The error, about to be raised again. It is changed.
    """
    kept: list[TracebackType] = []
    traceback = error.__traceback__
    while traceback is not None:
        name = str(traceback.tb_frame.f_globals.get("__name__"))
        if name.partition(".")[0] not in _LIBRARIES:
            kept.append(traceback)
        traceback = traceback.tb_next
    linked: TracebackType | None = None
    for each in reversed(kept):
        linked = TracebackType(linked, each.tb_frame, each.tb_lasti, each.tb_lineno)
    return error.with_traceback(linked)
