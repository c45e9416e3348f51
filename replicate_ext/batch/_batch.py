# Printed from _async_batch.py by `make generate`; changes made here are lost.
"""Running a model over many rows, with a journal that remembers what was paid for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from replicate_ext import ModelReference, default_client
from replicate_ext.batch import _inputs
from replicate_ext.batch._engine import Engine, Job
from replicate_ext.batch._errors import TooManyErrors
from replicate_ext.batch._journal import Journal
from replicate_ext.batch._options import MapOptions, check_on_exit
from replicate_ext.batch._outcomes import BatchEnded
from replicate_ext.batch._outputs import is_there, may_have_files
from replicate_ext.batch._primitives import (
    Channel,
    Reader,
    Workers,
    shielded,
    sleep,
)
from replicate_ext.batch._progress import progress_of
from replicate_ext.batch._reconcile import LISTING_LAG
from replicate_ext.batch._report import Report, report_of
from replicate_ext.batch._result import result_of
from replicate_ext.batch._rows import Record, State
from replicate_ext.batch._seen import SeenKeys
from replicate_ext.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable
    from os import PathLike

    from replicate_ext import Replicate
    from replicate_ext.batch._options import OnError, OnExit, Reference
    from replicate_ext.batch._progress import Progress
    from replicate_ext.batch._result import Result
    from replicate_ext.types import FileEncoding

_AHEAD = 2
"""Rows that are read ahead, in multiples of the concurrency."""
_GRACE = 10.0
"""Seconds for which the end of a map waits for the responses to open create requests."""


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
        self._map: _Map | None = None

    def __enter__(self) -> Self:
        self._journal = Journal(self._path)
        self._workers = Workers()
        self._workers.open()
        return self

    def __exit__(self, *_: object) -> None:
        try:
            if self._map is not None:
                self._map.leave()
        finally:
            try:
                self._workers.close()
            finally:
                if self._journal is not None:
                    self._journal.close()
                self._journal = None

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
    ) -> Generator[Result]:
        """Run a model for each row, and yield the results as they complete.

        Rows are read as they are needed. Each row is written to the journal before its prediction
        is created, so it is never created twice.

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
            retry_unknown: Create rows again of which it is not known whether they were created.
                They may be paid twice. Default: False.
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
            RuntimeError: The batch is not open, or another map of it has not ended.
            TooManyErrors: While reading: more rows failed than ``max_errors`` allows.
            APIError: While reading: the API refused every row, such as for an invalid token.
            OSError: While reading: the journal or a file cannot be written.
        """
        if self._journal is None:
            raise RuntimeError("The batch is not open. Use it in an `with` statement")
        if self._map is not None:
            raise RuntimeError("Another map of this batch has not ended. Read or close it first")
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
        bar = progress_of(rows) if progress else None
        made = _Map(self._client, self._journal, engine, options, text, self._workers, bar)
        return self._run(made, rows)

    def _run(self, made: _Map, rows: Iterable[Any]) -> Generator[Result]:
        made.cancels = self._on_exit == "cancel"
        self._map = made
        try:
            made.begin(rows)
            while (results := made.step()) is not None:
                yield from results
        finally:
            made.leave()
            self._map = None

    def report(self) -> Report:
        """Return the counts, times and errors of all rows in the journal."""
        return report_of(self._path)


class _Map:
    """One map: reads rows, gives them to workers, and yields results."""

    def __init__(
        self,
        client: Replicate,
        journal: Journal,
        engine: Engine,
        options: MapOptions,
        reference: str,
        workers: Workers,
        bar: Progress | None,
    ) -> None:
        self.cancels = False
        self._client = client
        self._journal = journal
        self._engine = engine
        self._options = options
        self._reference = reference
        self._workers = workers
        self._bar = bar
        self._jobs: Channel[Job | None] = Channel()
        self._done: Channel[Job | BaseException] = Channel()
        self._reader: Reader[Any] | None = None
        self._seen = SeenKeys()
        self._started = 0
        self._working = 0
        self._failed = 0
        self._admitted = 0
        self._next = 0
        self._early: dict[int, Result] = {}
        self._has_left = False

    def begin(self, rows: Iterable[Any]) -> None:
        """Settle what an earlier map left, and start to read rows.

        Args:
            rows: The rows.
        """
        if self._options.save_to is not None:
            _make_directory(self._options.save_to)
        self._engine.recover()
        self._reader = Reader(rows)

    def step(self) -> list[Result] | None:
        """Read a row, or wait for a row to end; return the results to yield, None at the end."""
        ended = self._done.get_nowait()
        if ended is not None:
            return self._in_turn(self._ended(ended))
        has_room = self._working + len(self._early) < self._options.concurrency * (1 + _AHEAD)
        if self._reader is not None and has_room:
            row = self._reader.read()
            if row is None:
                self._reader = None
            else:
                self._admit(row[0])
            return []
        if not self._working:
            return None
        return self._in_turn(self._ended(self._done.get()))

    def _admit(self, row: Any) -> None:
        """Read the state of a row from the journal, and give it to a worker if there is work."""
        options = self._options
        given = options.input_of(row)
        described = _inputs.described(given) if _inputs.has_files(given) else given
        text = _inputs.canonical(described)
        digest = _inputs.digest_of(self._reference, text)
        key = self._unique(options.key_of(row), digest, row)
        record = self._journal.get(key) or Record(key, self._reference, digest, text)
        if record.state is State.PENDING or self._is_to_be_repeated(record):
            record.reset()
            record.reference, record.digest, record.input = self._reference, digest, text
        job = Job(record, row, given, self._admitted)
        self._admitted += 1
        self._working += 1
        if self._admitted % 100 == 0:
            sleep(0)  # rows that come from the journal must not keep others waiting
        if self._is_finished(record):
            self._done.put(job)
            return
        self._jobs.put(job)
        if self._started < options.concurrency:
            self._started += 1
            self._workers.start(self._work)

    def _unique(self, key: str | None, digest: str, row: Any) -> str:
        count = self._seen.count(digest if key is None else key)
        if key is None:
            return digest if count == 1 else f"{digest}-{count}"
        if count > 1:
            raise InvalidInputError(f"Two rows have the key {key!r}; the second is {row!r:.200}")
        return key

    def _is_to_be_repeated(self, record: Record) -> bool:
        if record.state is State.UNKNOWN:
            return self._options.retry_unknown
        return self._options.retry_failed and record.state in (State.FAILED, State.CANCELED)

    def _is_finished(self, record: Record) -> bool:
        if record.state is not State.DONE or self._options.save_to is None:
            return record.has_ended
        if record.files and all(map(is_there, record.files)):
            return True
        if record.files or may_have_files(record):
            record.state = State.SAVING
        return record.has_ended

    def _work(self) -> None:
        while True:
            job = self._jobs.get()
            if job is None:
                return
            try:
                self._engine.finish(job)
            except BatchEnded:
                return
            except Exception as error:  # noqa: BLE001 - raised by the map
                self._done.put(error)
                return
            if self._has_left:
                return
            self._done.put(job)

    def _ended(self, ended: Job | BaseException) -> tuple[int, Result]:
        if isinstance(ended, BaseException):
            raise ended
        self._working -= 1
        result = result_of(ended, self._client)
        if result.error is not None:
            self._failed += 1
        if self._bar is not None:
            self._bar.show(self._admitted - self._working, self._failed, self._working)
        self._check_error(result)
        return ended.number, result

    def _check_error(self, result: Result) -> None:
        if result.error is None:
            return
        if self._options.on_error == "raise":
            raise result.error
        limit = self._options.max_errors
        if limit is not None and self._failed > limit:
            raise TooManyErrors(
                f"{self._failed} rows failed, and max_errors is {limit}. The last: {result.error}"
            ) from result.error

    def _in_turn(self, numbered: tuple[int, Result]) -> list[Result]:
        number, result = numbered
        if not self._options.ordered:
            return [result]
        self._early[number] = result
        ready: list[Result] = []
        while self._next in self._early:
            ready.append(self._early.pop(self._next))
            self._next += 1
        return ready

    def leave(self) -> None:
        """End the map: create nothing more, and keep what is known of each row."""
        if self._has_left:
            return
        self._has_left = True
        with shielded(_GRACE + 5):
            try:
                self._engine.leave(cancel=self.cancels, grace=_GRACE)
            finally:
                self._workers.stop()
                for _ in range(self._started):
                    self._jobs.put(None)
                self._seen.close()
                if self._bar is not None:
                    self._bar.close()


def _make_directory(path: Any) -> None:
    path.mkdir(parents=True, exist_ok=True)
