"""Run a model over many rows, with a journal that remembers what was paid for.

    from replicate_ext.batch import Batch

    with Batch("runs.db") as batch:
        for result in batch.map("owner/name", rows, key="id", save_to="out/"):
            print(result.key, result.files or result.error)

After a crash, the same ``map`` continues: no row is charged twice.
"""

from replicate_ext.batch._async_batch import AsyncBatch
from replicate_ext.batch._async_result import AsyncResult
from replicate_ext.batch._async_results import AsyncResults
from replicate_ext.batch._async_waiting import async_as_completed, async_wait_all
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
from replicate_ext.batch._mapper import Mapper
from replicate_ext.batch._report import Report, Times, report_of
from replicate_ext.batch._result import Result
from replicate_ext.batch._results import Results
from replicate_ext.batch._rows import Record, SavedFile, State
from replicate_ext.batch._waiting import as_completed, wait_all

__all__ = [
    "AsyncBatch",
    "AsyncResult",
    "AsyncResults",
    "Batch",
    "BatchError",
    "JournalError",
    "JournalInUseError",
    "Mapper",
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
    "as_completed",
    "async_as_completed",
    "async_wait_all",
    "read_journal",
    "report_of",
    "wait_all",
]
