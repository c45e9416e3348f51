# Printed from _async_batch.py by `make generate`; changes made here are lost.
"""Running a model over many rows, with a journal that remembers what was paid for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from replicate_ext import ModelReference, default_client
from replicate_ext.batch._engine import Engine
from replicate_ext.batch._journal import Journal
from replicate_ext.batch._options import MapOptions, check_on_exit
from replicate_ext.batch._primitives import Workers
from replicate_ext.batch._progress import progress_of
from replicate_ext.batch._reconcile import LISTING_LAG
from replicate_ext.batch._report import Report, report_of
from replicate_ext.batch._results import Results

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from os import PathLike

    from replicate_ext import Replicate
    from replicate_ext.batch._options import OnError, OnExit, Reference
    from replicate_ext.types import FileEncoding


class Batch:
    """Runs models over many rows. A journal on disk remembers each row.

    Use it with ``with``. After a crash, the same ``map`` with the same journal continues:
    finished rows come from the journal, running predictions are looked up, and only the rest is
    created.

    Args:
        journal: Path of the journal, a SQLite file. It is created if it does not exist.
        client: The client. Default: the default client.
        on_exit: What happens to running predictions when a map ends early, such as with Ctrl-C:
            "leave" lets them run, and the next map gets their results; "cancel" cancels them, and
            the next map runs their rows again. Default: "leave".

    Raises:
        JournalInUseError: Another process, or another batch of this process, uses the journal.
        JournalError: The file is not a journal.
    """

    def __init__(
        self,
        journal: str | PathLike[str],
        client: Replicate | None = None,
        *,
        on_exit: OnExit = "leave",
        _listing_lag: float = LISTING_LAG,
    ) -> None:
        self._path = journal
        self._client = default_client() if client is None else client
        self._on_exit = check_on_exit(on_exit)
        self._listing_lag = _listing_lag
        self._journal: Journal | None = None
        self._workers = Workers()
        self._results: Results | None = None

    def __enter__(self) -> Self:
        self._journal = Journal(self._path)
        self._workers.open()
        return self

    def __exit__(self, *_: object) -> None:
        try:
            if self._results is not None:
                self._results.close()
        finally:
            try:
                self._workers.close()
            finally:
                self._close_journal()

    def _close_journal(self) -> None:
        """Close the journal; a create that waits to be sent again keeps it until its response."""
        journal, self._journal = self._journal, None
        if journal is None:
            return
        if self._results is None:
            journal.close()
        else:
            self._results.when_idle(journal.close)

    def map(
        self,
        reference: Reference,
        rows: Iterable[Any],
        *,
        input: Callable[[Any], dict[str, Any]] | None = None,
        key: str | Callable[[Any], object] | None = None,
        concurrency: int = 50,
        ordered: bool = False,
        on_error: OnError = "keep",
        max_errors: int | None = None,
        retry_failed: bool = False,
        retry_unknown: bool = False,
        timeout: float | None = None,
        save_to: str | PathLike[str] | None = None,
        rate: str | None = None,
        hold: bool = False,
        file_encoding: FileEncoding | None = None,
        progress: bool = False,
    ) -> Results:
        """Run a model for each row, and yield the results as they complete.

        Rows are read as they are needed. Each row is written to the journal before its prediction
        is created, so it is never created twice. Only one map runs at a time: a new map ends the
        previous one.

        Args:
            reference: The model to run, in any form that ``client.run`` takes.
            rows: The rows: any iterable. It should yield the same rows in the same order when it is
                read again.
            input: Function that returns the input of a row. Default: the row is the input.
            key: Name of a field of the row, or a function of the row, that identifies the row in
                the journal. Default: a hash of the model and the input (files by content), with a
                number for each further equal row.
            concurrency: Number of predictions that run at the same time. Default: 50.
            ordered: Yield the results in the order of the rows. Default: as they complete.
            on_error: "keep" yields rows that did not succeed with their ``error``; "raise" raises
                the first such error. Default: "keep".
            max_errors: Number of rows that may fail; one more raises TooManyErrors. Default: no
                limit.
            retry_failed: Run rows again that failed or were canceled in an earlier map.
                Default: False.
            retry_unknown: Create a prediction again for rows that may already have one.
                Such rows may be charged twice. Default: False.
            timeout: Seconds for each prediction, which is canceled after that. Default: no limit.
            save_to: Directory in which the files of the outputs are saved, named after the keys of
                their rows. Default: files are not saved, and the API deletes them after an hour.
            rate: Maximum rate of creates, such as "600/min" or "10/s". Default: what the API
                allows.
            hold: Let the API hold each response until the output is complete. This saves requests,
                but the ID of a prediction is not known while it is held: after a crash, it has to
                be found in the list. Default: False.
            file_encoding: How files in inputs are sent, as in ``client.run``. Default: the
                client's.
            progress: Show a progress bar; it needs tqdm. Default: False.

        Raises:
            InvalidInputError: An argument is not valid, or two rows have the same key.
            RuntimeError: The batch is not open.
            TooManyErrors: While reading: more rows failed than ``max_errors`` allows.
            APIError: While reading: the API refuses every row, for example for an invalid token.
            OSError: While reading: the journal or a file cannot be written.
        """
        if self._journal is None:
            raise RuntimeError("The batch is not open. Open it first: `with batch:`")
        options = MapOptions.of(
            input=input,
            key=key,
            concurrency=concurrency,
            ordered=ordered,
            on_error=on_error,
            max_errors=max_errors,
            retry_failed=retry_failed,
            retry_unknown=retry_unknown,
            timeout=timeout,
            save_to=save_to,
            rate=rate,
            hold=hold,
            file_encoding=file_encoding,
        )
        text = str(ModelReference.of(reference))
        engine = Engine(self._client, self._journal, reference, options, self._listing_lag)
        self._results = Results(
            self._client,
            self._journal,
            engine,
            options,
            text,
            rows,
            self._workers,
            previous=self._results,
            cancels=self._on_exit == "cancel",
            bar=progress_of(rows) if progress else None,
        )
        return self._results

    def report(self) -> Report:
        """Return the counts, times and errors of all rows in the journal."""
        return report_of(self._path)
