# Printed from _async_engine.py by `make generate`; changes made here are lost.
"""The steps of a row: create, wait, save. Each step is in the journal before the next one."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any

from replicate_ext.batch import _outputs
from replicate_ext.batch._account import Account
from replicate_ext.batch._commits import Commits, Transaction
from replicate_ext.batch._groups import RECHECK, Groups
from replicate_ext.batch._outcomes import (
    CANCELS_AT_ONCE,
    FIRST_POLL,
    UNKNOWN,
    BatchEnded,
    Refusal,
    expired,
    record_end,
    record_timeout,
    refusal_of,
)
from replicate_ext.batch._pace import Pace
from replicate_ext.batch._primitives import (
    for_each,
    interrupter,
    sleep,
)
from replicate_ext.batch._reconcile import Verdict
from replicate_ext.batch._rows import State
from replicate_ext.errors import (
    APIError,
    InvalidInputError,
    NotFoundError,
    OutcomeUnknownError,
    PredictionTimeout,
)

if TYPE_CHECKING:
    from replicate_ext import FileOutput, Prediction, Replicate
    from replicate_ext.batch._journal import Journal
    from replicate_ext.batch._options import MapOptions, Reference
    from replicate_ext.batch._rows import Record


_log = logging.getLogger("replicate_ext")


class Job:
    """A row that is being worked on.

    Args:
        record: What the journal stores about the row.
        row: The row of the caller.
        input: Its input, with files.
        number: Position of the row, from 0.
    """

    def __init__(self, record: Record, row: Any, input: dict[str, Any], number: int) -> None:
        self.record = record
        self.row = row
        self.input = input
        self.number = number
        self.prediction: Prediction | None = None
        self.written: Transaction | None = None
        """Transaction with the newest state of the record; None if the journal has it."""
        self.error: Exception | None = None
        """Error of the row; None if it succeeded, or if the error is only in the journal."""


class Engine:
    """Processes rows: creates their predictions, waits for them, and saves their files.

    Args:
        client: The client.
        journal: The journal.
        reference: The model.
        options: Options of the map.
        listing_lag: Seconds in which a new prediction may be missing in the list.
    """

    def __init__(
        self,
        client: Replicate,
        journal: Journal,
        reference: Reference,
        options: MapOptions,
        listing_lag: float,
    ) -> None:
        self._client = client
        self._journal = journal
        self._reference = reference
        self._options = options
        self._has_left = False
        self._pace = Pace(options.interval)
        self.account: Account = Account(client, journal, listing_lag)
        self.commits: Commits = Commits(journal)
        self.groups: Groups = Groups()

    def check(self) -> None:
        """Raise an error if the map has ended.

        Raises:
            BatchEnded: The map has ended.
        """
        if self._has_left:
            raise BatchEnded

    def recover(self) -> None:
        """Find the predictions of rows whose create requests got no clear response.

        Raises:
            APIError: The API does not respond.
        """
        self.account.read_clock()
        records = self._journal.unsettled()
        if not records:
            return
        verdicts = self.account.settle(records)
        for record in records:
            self._settle_as(record, verdicts[record.key])
        self.commits.write(*records)

    def finish(self, job: Job) -> None:
        """Process a row to its end, or to a state from which the next map continues.

        Args:
            job: The row.

        Raises:
            BatchEnded: The map has ended.
            Exception: An error that affects all rows, such as an invalid token or a full disk.
        """
        record = job.record
        while not (record.has_ended or job.error):
            self.check()
            if record.state is State.PENDING:
                self._create(job)
            elif record.state is State.CREATING:
                self._settle(record)
            elif record.state is State.RUNNING:
                self._wait(job)
            else:
                self._save(job)

    def _create(self, job: Job) -> None:
        record = job.record
        delay = self._pace.delay(time.monotonic())
        if delay:
            sleep(delay)
        while not self.groups.may_enter(record):
            sleep(RECHECK)
            self.check()
        is_settled = False
        try:
            self.check()
            job.prediction = None  # that of an earlier attempt
            record.state = State.CREATING
            record.attempts += 1
            record.sent_at = self.account.now()
            self.commits.write(record)
            is_settled = self._send(job)
        finally:
            self.groups.leave(record, is_settled=is_settled)

    def _send(self, job: Job) -> bool:
        """Send the create request of a row; return whether its outcome is known."""
        record, options = job.record, self._options
        try:
            prediction = self._client.predictions.create(
                self._reference,
                job.input,
                wait=options.hold,
                cancel_after=options.cancel_after,
                file_encoding=options.file_encoding,
            )
        except OutcomeUnknownError:
            return False
        except (APIError, InvalidInputError) as error:
            refusal = refusal_of(error)
            record.attempts -= 1
            record.state = State.FAILED if refusal is Refusal.OF_ROW else State.PENDING
            if refusal is Refusal.OF_ROW:
                job.error, record.error = error, str(error)
            self.commits.write(record)
            if refusal is Refusal.OF_ALL:
                raise
            return True
        job.prediction = prediction
        record.state = State.RUNNING
        record.prediction_id = prediction.id
        job.written = self.commits.add(record)
        if self._has_left:  # the next map waits for this row
            self.commits.settle(job.written)
            raise BatchEnded
        return True

    def _settle(self, record: Record) -> None:
        records = self.groups.to_settle(record)
        if not records:
            sleep(RECHECK)
            return
        try:
            self.commits.flush()  # so that the journal has all known predictions
            verdicts = self.account.settle(records)
            self.check()
            for each in records:
                self._settle_as(each, verdicts[each.key])
            self.commits.write(*records)
        finally:
            self.groups.settled(record)

    def _settle_as(self, record: Record, verdict: str | Verdict) -> None:
        if isinstance(verdict, str):
            record.state = State.RUNNING
            record.prediction_id = verdict
            record.error = None
        elif verdict is Verdict.CREATE:
            record.reset()
        else:
            record.state = State.UNKNOWN
            record.error = UNKNOWN

    def _wait(self, job: Job) -> None:
        record = job.record
        id_ = str(record.prediction_id)
        run: Prediction | str = id_
        if job.prediction is not None:
            if job.prediction.completed_at is not None:
                run = job.prediction  # which needs no poll
            elif not self._options.hold:
                sleep(FIRST_POLL)
        if job.written is not None:
            self.commits.settle(job.written)
        try:
            job.prediction = self._client.predictions.wait(
                run,
                check=False,
                timeout=self._seconds_left(record),
                stop=interrupter(self.check),
                cancel_on_exit=False,
            )
        except PredictionTimeout:
            job.prediction = self._client.predictions.cancel(id_)
            self.check()
            if job.prediction.status != "succeeded":
                record_timeout(record, job.prediction.to_dict(), self._options.timeout)
                self.commits.write(record)
                return
        except NotFoundError as error:
            self.check()
            record.state, record.error, job.error = State.FAILED, str(error), error
            self.commits.write(record)
            return
        self.check()
        files = _outputs.files_of(job.prediction.output) if self._options.save_to else []
        record_end(record, job.prediction.to_dict(), has_files=bool(files))
        job.written = self.commits.add(record)

    def _seconds_left(self, record: Record) -> float | None:
        if self._options.timeout is None:
            return None
        since = 0.0 if record.sent_at is None else max(self.account.now() - record.sent_at, 0.0)
        return max(self._options.timeout - since, 0.1)

    def _save(self, job: Job) -> None:
        record = job.record
        if job.prediction is None:
            job.prediction = self._client.predictions.get(str(record.prediction_id))
        files = _outputs.files_of(job.prediction.output)
        if not files:
            record.state = State.FAILED
            record.error = expired(record)
            self.commits.write(record)
            return
        try:
            record.files = [
                self._saved(record.key, index, len(files), file) for index, file in enumerate(files)
            ]
            record.state, record.error = State.DONE, None
        except NotFoundError as error:
            job.error = error
            record.state, record.error = State.FAILED, expired(record)
        except APIError as error:
            job.error = error  # the next map tries again
            return
        job.written = self.commits.add(record)

    def _saved(self, key: str, index: int, count: int, file: FileOutput) -> Any:
        folder = self._options.save_to
        assert folder is not None  # noqa: S101 - there is nothing to save without it
        path = folder / _outputs.file_name(key, index, count, file.name)
        return _outputs.saved_file(file.save(path))

    def leave(self, *, cancel: bool, grace: float) -> None:
        """End the map: send no more requests, and wait for the responses to open create requests.

        Args:
            cancel: Whether to cancel the running predictions.
            grace: Seconds to wait for the responses.
        """
        self._has_left = True
        until = time.monotonic() + grace
        while self.groups.open and time.monotonic() < until:
            sleep(0.01)
        self.commits.flush()
        if cancel:
            running = self._journal.in_state(State.RUNNING)
            for_each(running, self._cancel, CANCELS_AT_ONCE)

    def _cancel(self, record: Record) -> None:
        record.canceling = True
        try:
            self.commits.write(record)
            self._client.predictions.cancel(str(record.prediction_id))
        except (APIError, OSError) as error:
            _log.warning("prediction %s could not be canceled: %s", record.prediction_id, error)
