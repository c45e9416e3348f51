"""Run a model over many rows, with a journal that remembers what was paid for.

    from replicate_ext.batch import Batch

    with Batch("runs.db") as batch:
        for result in batch.map("owner/name", rows, key="id", save_to="out/"):
            print(result.key, result.files or result.error)

After a crash, the same ``map`` continues: no row is paid twice.
"""

from replicate_ext.batch._async_batch import AsyncBatch
from replicate_ext.batch._async_result import AsyncResult
from replicate_ext.batch._async_results import AsyncResults
from replicate_ext.batch._batch import Batch
from replicate_ext.batch._errors import (
    BatchError,
    JournalError,
    JournalInUseError,
    OutputExpiredError,
    RowError,
    RowUnknownError,
    TooManyErrors,
)
from replicate_ext.batch._journal import read_journal
from replicate_ext.batch._report import Report, Times, report_of
from replicate_ext.batch._result import Result
from replicate_ext.batch._results import Results
from replicate_ext.batch._rows import Record, SavedFile, State

__all__ = [
    "AsyncBatch",
    "AsyncResult",
    "AsyncResults",
    "Batch",
    "BatchError",
    "JournalError",
    "JournalInUseError",
    "OutputExpiredError",
    "Record",
    "Report",
    "Result",
    "Results",
    "RowError",
    "RowUnknownError",
    "SavedFile",
    "State",
    "Times",
    "TooManyErrors",
    "read_journal",
    "report_of",
]
