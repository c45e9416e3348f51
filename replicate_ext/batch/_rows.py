"""A row of a batch: its states, and what the journal stores about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class State(StrEnum):
    """Progress of a row."""

    PENDING = "pending"
    """The API has no prediction for the row."""
    CREATING = "creating"
    """A create request was sent, or is about to be sent. Its outcome may be unknown."""
    RUNNING = "running"
    """The prediction was created, and its end was not seen yet."""
    SAVING = "saving"
    """The prediction succeeded, and its files are not all saved yet."""
    DONE = "done"
    FAILED = "failed"
    CANCELED = "canceled"
    UNKNOWN = "unknown"
    """It cannot be decided whether the API has a prediction for the row."""


ENDED = frozenset({State.DONE, State.FAILED, State.CANCELED, State.UNKNOWN})
"""States that a map does not change, unless an option says so."""
UNSETTLED = frozenset({State.CREATING, State.UNKNOWN})
"""States in which the API may have a prediction for the row that the journal does not know."""


@dataclass(slots=True)
class Record:
    """What the journal stores about a row.

    Args:
        key: Identifies the row in the journal.
        reference: The model.
        digest: Hash of the reference and the input; equal rows have equal digests.
        input: The input as JSON text, with the hash of each file in place of the file.
        state: Progress of the row.
        attempts: Number of predictions that were created for the row, or may have been.
        sent_at: Time of the API's clock, in seconds since 1970, at which the last create request
            was about to be sent.
        prediction_id: ID of the prediction.
        prediction: The finished prediction as the API's JSON, without its input.
        error: Why the row did not succeed.
        files: The saved files.
        canceling: Whether the prediction was canceled because the batch ended, so that the next map
            runs the row again.
    """

    key: str
    reference: str
    digest: str
    input: str
    state: State = State.PENDING
    attempts: int = 0
    sent_at: float | None = None
    prediction_id: str | None = None
    prediction: dict[str, Any] | None = None
    error: str | None = None
    files: list[SavedFile] = field(default_factory=list)
    canceling: bool = False

    @property
    def has_ended(self) -> bool:
        """Whether a map has nothing left to do for the row."""
        return self.state in ENDED

    def reset(self) -> None:
        """Make the row pending, so that a new prediction is created for it."""
        self.state = State.PENDING
        self.prediction_id = self.prediction = self.error = None
        self.files = []
        self.canceling = False


@dataclass(frozen=True, slots=True)
class SavedFile:
    """A file of an output on disk.

    Args:
        path: Path of the file.
        size: Its size in bytes.
        sha256: Hash of its content, in hexadecimal digits.
    """

    path: str
    size: int
    sha256: str
