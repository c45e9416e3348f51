"""The result of one row."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from replicate_api.models import Prediction as PredictionModel

from replicate_ext.batch._errors import OutputExpiredError, RowError, RowUnknownError
from replicate_ext.batch._outcomes import expired
from replicate_ext.batch._rows import State
from replicate_ext.errors import PredictionCanceled, PredictionFailed

if TYPE_CHECKING:
    from replicate_ext import AsyncPrediction, AsyncReplicate
    from replicate_ext.batch._async_engine import AsyncJob


@dataclass(frozen=True, slots=True)
class AsyncResult:
    """The result of one row.

    Args:
        key: Key of the row in the journal.
        row: The row, as it was passed to ``map``.
        output: Output of the model; None if there is none. Files are FileOutput objects.
        files: Paths of the saved files, in the order of the output; empty without ``save_to``.
        error: Why the row did not succeed; None if it did.
        prediction: The finished prediction; None if there is none.
        attempts: Number of predictions that were created for the row.
    """

    key: str
    row: Any
    output: Any
    files: list[Path]
    error: Exception | None
    prediction: AsyncPrediction | None
    attempts: int


def async_result_of(job: AsyncJob, client: AsyncReplicate) -> AsyncResult:
    """Return the result of a row that has ended.

    Args:
        job: The row.
        client: The client to which the prediction is bound.
    """
    record = job.record
    prediction = job.prediction
    if prediction is None and record.prediction is not None:
        state = {"input": {}, **record.prediction}
        prediction = client.bind(PredictionModel.from_dict(state))
    return AsyncResult(
        key=record.key,
        row=job.row,
        output=None if prediction is None else prediction.output,
        files=[Path(file.path) for file in record.files],
        error=None if record.state is State.DONE else _error_of(job, prediction),
        prediction=prediction,
        attempts=record.attempts,
    )


def _error_of(job: AsyncJob, prediction: AsyncPrediction | None) -> Exception:
    record = job.record
    message = record.error or f"the row is {record.state}"
    if job.error is not None:
        return job.error
    if record.state is State.UNKNOWN:
        return RowUnknownError(message)
    if record.error == expired(record):
        return OutputExpiredError(message)
    if prediction is None:
        return RowError(message)
    text = f"prediction {record.prediction_id}: {message}"
    kind = PredictionCanceled if record.state is State.CANCELED else PredictionFailed
    return kind(prediction, text)
