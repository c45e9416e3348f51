"""Errors of batches, besides those of the client."""

from __future__ import annotations

from replicate_ext.errors import ReplicateError


class BatchError(ReplicateError):
    """Base class of the errors of batches."""


class JournalError(BatchError):
    """The journal cannot be used: it is not a journal, or it was written by a newer version."""


class JournalInUseError(JournalError):
    """Another process, or another Batch of this process, uses the journal."""


class TooManyErrors(BatchError):
    """More rows failed than ``max_errors`` allows."""


class RowError(BatchError):
    """A row did not succeed, and the journal has no other error for it."""


class RowUnknownError(RowError):
    """It is not known whether the prediction of a row was created.

    It is not created again, because a second prediction would be billed too. Pass
    ``retry_unknown=True`` to create it anyway.
    """


class OutputExpiredError(RowError):
    """The API deleted the output of a row before it was saved.

    Pass ``retry_failed=True`` to run the row again.
    """
