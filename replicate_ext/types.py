"""Type aliases for annotations in code that uses this package; ``replicate_ext`` has them too.

Example::

    from replicate_ext import FileInput, Input, Replicate

    def caption(client: Replicate, image: FileInput) -> str:
        inputs: Input = {"image": image}
        return client.run("owner/name", inputs)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeAlias, TypedDict, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime, timedelta
    from pathlib import Path
    from typing import IO

    from replicate_ext._files.output import FileOutput

__all__ = [
    "CheckInput",
    "FileEncoding",
    "FileInput",
    "FileOrURL",
    "Input",
    "OnProgress",
    "OnTransfer",
    "PollInterval",
    "RunOptions",
    "Stop",
    "WebhookEvent",
    "When",
]

Input: TypeAlias = dict[str, Any]
"""Input of a model: values by name. Files can be anywhere in them."""

FileInput: TypeAlias = "Path | IO[bytes] | bytes | bytearray | memoryview"
"""A file: its path, an open binary file, or its content."""

FileOrURL: TypeAlias = "FileInput | FileOutput | str"
"""A file as an input of a model: the file itself, an output of another run, or a URL."""

FileEncoding: TypeAlias = Literal["auto", "data-uri", "upload"]
"""How to send the files in an input: inside the request ("data-uri"), uploaded first ("upload"), or
inside the request up to 256 kB in total, with larger files uploaded first ("auto")."""

WebhookEvent: TypeAlias = Literal["start", "output", "logs", "completed"]
"""An event of a run for which the API can send a webhook."""

PollInterval: TypeAlias = float | Callable[[float], float]
"""Seconds between polls, or a function that takes the run's age in seconds and returns the seconds
until the next poll."""

OnProgress: TypeAlias = Callable[[Any], object]
"""A function that is called with a Prediction or Training after each update. With AsyncReplicate,
it is called with an AsyncPrediction or AsyncTraining, and may be async."""

OnTransfer: TypeAlias = Callable[[int, int | None], object]
"""A plain function that is called with the number of bytes transferred so far and the total number
of bytes (None while that is unknown)."""

Stop: TypeAlias = Callable[[Any], object]
"""A function that is called before each poll with the same object as ``OnProgress``, and returns
True to cancel the run."""

CheckInput: TypeAlias = Literal[False, True, "warn"]
"""Whether to check an input against the model's schema before it is sent: True raises an error if
it is invalid, "warn" warns and sends it."""

When: TypeAlias = "datetime | date | timedelta | str"
"""A time: a datetime, a date, a timedelta (that long ago), or a text such as "3 Nov 2026 17:00"."""

PredictionT = TypeVar("PredictionT")


class RunOptions(TypedDict, Generic[PredictionT], total=False):
    """Keyword arguments of ``run``, for functions that pass them on.

    It takes the class of the client's predictions: ``RunOptions[Prediction]`` for ``Replicate``,
    ``RunOptions[AsyncPrediction]`` for ``AsyncReplicate``.
    """

    wait: bool | float | None
    timeout: float | None
    poll_interval: PollInterval | None
    webhook: str | None
    webhook_events_filter: Iterable[WebhookEvent] | None
    cancel_after: float | timedelta | str | None
    file_encoding: FileEncoding | None
    use_file_output: bool | None
    on_progress: Callable[[PredictionT], object] | None
    stop: Callable[[PredictionT], object] | None
    cancel_on_exit: bool
    check_input: CheckInput | None
