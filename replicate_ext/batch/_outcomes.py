"""The effect of the end of a request or a prediction on a row. No I/O."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING, Any

from replicate_ext.batch._rows import State
from replicate_ext.errors import (
    APIConnectionError,
    APIError,
    AuthenticationError,
    InvalidInputError,
    NotFoundError,
    PaymentRequiredError,
)

if TYPE_CHECKING:
    from replicate_ext.batch._rows import Record

FIRST_POLL = 0.1
"""Seconds after its creation at which a prediction is polled for the first time."""
CANCELS_AT_ONCE = 16
"""Predictions that are canceled at the same time when a map ends early."""
UNKNOWN = (
    "It is not known whether a prediction was created for this row, so it was not created again. "
    "Check client.predictions.list(), and pass retry_unknown=True to create it anyway"
)


class BatchEnded(Exception):
    """The map has ended while a row was worked on."""


class Refusal(Enum):
    """Which create requests the API refuses."""

    OF_ROW = auto()
    """Those of this row; another row may be accepted."""
    OF_ALL = auto()
    """Those of all rows: there is no valid token, no credit, no such model or no connection."""
    FOR_NOW = auto()
    """Only this one: the same request may be accepted later."""


def refusal_of(error: APIError | InvalidInputError) -> Refusal:
    """Return which create requests are refused, from the error of one that created nothing.

    Args:
        error: Error of the request.
    """
    everything = (AuthenticationError, PaymentRequiredError, NotFoundError, APIConnectionError)
    if isinstance(error, everything) or (isinstance(error, APIError) and error.status == 403):
        return Refusal.OF_ALL
    return Refusal.FOR_NOW if isinstance(error, APIError) and error.is_transient else Refusal.OF_ROW


def record_end(record: Record, prediction: dict[str, Any], *, has_files: bool) -> None:
    """Record the end of a prediction in its row.

    Args:
        record: The row.
        prediction: The prediction as the API's JSON.
        has_files: Whether its output has files that are to be saved.
    """
    status = str(prediction.get("status"))
    record.prediction = without_input(prediction)
    record.error = None
    if status == "succeeded" and prediction.get("data_removed"):
        record.state, record.error = State.FAILED, expired(record)
    elif status == "succeeded":
        record.state = State.SAVING if has_files else State.DONE
    elif status == "failed":
        record.state = State.FAILED
        record.error = str(prediction.get("error") or "the prediction failed")
    elif record.canceling:
        record.reset()
    else:
        record.state = State.CANCELED
        record.error = str(prediction.get("error") or f"the prediction was {status}")


def record_timeout(record: Record, prediction: dict[str, Any], timeout: float | None) -> None:
    """Record in a row that its prediction did not end in time and was canceled.

    Args:
        record: The row.
        prediction: The prediction as the API's JSON.
        timeout: Time limit of the prediction in seconds.
    """
    record.state = State.CANCELED
    record.prediction = without_input(prediction)
    record.error = f"the prediction did not end within {timeout} s and was canceled"


def without_input(prediction: dict[str, Any]) -> dict[str, Any]:
    """Return a prediction as the journal stores it: without its input, which the row has.

    Args:
        prediction: The prediction as the API's JSON.
    """
    return {name: value for name, value in prediction.items() if name != "input"}


def expired(record: Record) -> str:
    """Return the message for an output that can no longer be saved.

    Args:
        record: The row.
    """
    return (
        f"The output of prediction {record.prediction_id} expired before it was saved: the API "
        "deletes outputs after an hour. Pass retry_failed=True to run this row again"
    )
