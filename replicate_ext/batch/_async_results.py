"""One map: reads rows, gives them to workers, and yields the results in the requested order."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Self

from anyio import to_thread

from replicate_ext.batch import _inputs
from replicate_ext.batch._async_engine import AsyncEngine, AsyncJob
from replicate_ext.batch._async_primitives import (
    AsyncChannel,
    AsyncReader,
    AsyncWorkers,
    async_described,
    async_shielded,
    async_sleep,
)
from replicate_ext.batch._async_result import AsyncResult, async_result_of
from replicate_ext.batch._errors import TooManyErrors
from replicate_ext.batch._groups import RECHECK
from replicate_ext.batch._outcomes import BatchEnded
from replicate_ext.batch._outputs import is_there, may_have_files
from replicate_ext.batch._rows import Record, State
from replicate_ext.batch._seen import SeenKeys
from replicate_ext.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Callable, Iterable

    from replicate_ext import AsyncReplicate
    from replicate_ext.batch._journal import Journal
    from replicate_ext.batch._options import MapOptions
    from replicate_ext.batch._progress import Progress

_AHEAD = 2
"""Rows that are read ahead, in multiples of the concurrency."""
_MOST_STORED = 50_000
"""Maximum number of journal keys in memory; with these, new rows are found without a query."""
_GRACE = 10.0
"""Maximum seconds that the end of a map waits for the responses to open create requests."""


class AsyncResults:
    """The results of a map, as an iterator: it reads rows, gives them to workers, and waits.

    Args:
        client: The client.
        journal: The journal.
        engine: Processes the rows.
        options: Options of the map.
        reference: The model as the journal stores it.
        rows: The rows.
        workers: Run the engine.
        previous: The results of the previous map, which this one ends.
        cancels: Whether running predictions are canceled at the end.
        bar: The progress bar.
    """

    def __init__(
        self,
        client: AsyncReplicate,
        journal: Journal,
        engine: AsyncEngine,
        options: MapOptions,
        reference: str,
        rows: Iterable[Any] | AsyncIterable[Any],
        workers: AsyncWorkers,
        *,
        previous: AsyncResults | None,
        cancels: bool,
        bar: Progress | None,
    ) -> None:
        self._rows = rows
        self._previous = previous
        self._cancels = cancels
        self._client = client
        self._journal = journal
        self._engine = engine
        self._options = options
        self._reference = reference
        self._workers = workers
        self._bar = bar
        self._jobs: AsyncChannel[AsyncJob | None] = AsyncChannel()
        self._ended: AsyncChannel[AsyncJob | None] = AsyncChannel()
        self._done: AsyncChannel[AsyncJob | BaseException | None] = AsyncChannel()
        self._reader: AsyncReader[Any] | None = None
        self._seen = SeenKeys()
        self._stored: frozenset[str] | None = None
        self._started = 0
        self._working = 0
        self._failed = 0
        self._admitted = 0
        self._next = 0
        self._early: dict[int, AsyncResult] = {}
        self._ready: deque[AsyncResult] = deque()
        self._has_begun = False
        self._has_left = False
        self._is_complete = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> AsyncResult:
        try:
            while not self._ready:
                if self._has_left or not await self._step():
                    break
        except BaseException:
            await self.aclose()
            raise
        if not self._ready:
            self._is_complete = not self._has_left
            await self.aclose()
            raise StopAsyncIteration
        return self._ready.popleft()

    async def _step(self) -> bool:
        """Read a row, or wait for a row to end; return False when all have ended."""
        if not self._has_begun:
            await self._begin()
        ended = self._done.get_nowait()
        if ended is not None:
            self._end(ended)
            return True
        has_room = self._working + len(self._early) < self._options.concurrency * (1 + _AHEAD)
        if self._reader is not None and has_room:
            row = await self._reader.read()
            if row is None:
                self._reader = None
            else:
                await self._admit(row[0])
            return True
        if not self._working:
            return False
        ended = await self._done.get()
        if ended is None:  # the map was ended by somebody else
            return False
        self._end(ended)
        return True

    async def _begin(self) -> None:
        """Settle the rows that an earlier map left unsettled, and start to read rows."""
        self._has_begun = True
        if self._previous is not None:
            await self._previous.aclose()
            while not self._previous.is_idle:
                await async_sleep(RECHECK)
            self._previous = None
        if self._options.save_to is not None:
            await to_thread.run_sync(_make_directory, self._options.save_to)
        await self._engine.recover()
        self._stored = self._journal.keys(_MOST_STORED)
        self._reader = AsyncReader(self._rows)
        self._workers.start(self._confirm)

    async def _admit(self, row: Any) -> None:
        """Read the state of a row from the journal, and give it to a worker if there is work."""
        given = self._options.input_of(row)
        own_key = self._options.key_of(row)
        try:
            text = _inputs.canonical(await async_described(given))
        except InvalidInputError as error:
            self._refuse(row, own_key, error)
            return
        digest = _inputs.digest_of(self._reference, text)
        key = self._unique(own_key, digest, row)
        is_new = self._stored is not None and key not in self._stored
        known = None if is_new else self._journal.get(key)
        record = known or Record(key, self._reference, digest, text)
        if record.state is State.PENDING or self._is_to_be_repeated(record):
            record.reset()
            record.reference, record.digest, record.input = self._reference, digest, text
        job = self._job(record, row, given)
        if self._admitted % 100 == 0:
            await async_sleep(0)  # rows that come from the journal must not keep others waiting
        if self._is_finished(record):
            self._done.put(job)
            return
        self._jobs.put(job)
        if self._started < self._options.concurrency:
            self._started += 1
            self._workers.start(self._work)

    def _refuse(self, row: Any, key: str | None, error: InvalidInputError) -> None:
        """Give a row an error as its result: its input can neither be sent nor stored."""
        key = f"row {self._admitted + 1}" if key is None else key
        record = Record(key, self._reference, "", "", State.FAILED, error=str(error))
        job = self._job(record, row, {})
        job.error = error
        self._done.put(job)

    def _job(self, record: Record, row: Any, given: dict[str, Any]) -> AsyncJob:
        job = AsyncJob(record, row, given, self._admitted)
        self._admitted += 1
        self._working += 1
        return job

    def _unique(self, key: str | None, digest: str, row: Any) -> str:
        count = self._seen.count(digest if key is None else key)
        if key is None:
            return digest if count == 1 else f"{digest}-{count}"
        if count > 1:
            raise InvalidInputError(
                f"Two rows have the key {key!r}, but keys must be unique; the second row is "
                f"{row!r:.200}"
            )
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

    async def _work(self) -> None:
        while True:
            job = await self._jobs.get()
            if job is None:
                return
            try:
                await self._engine.finish(job)
            except BatchEnded:
                return
            except Exception as error:  # noqa: BLE001 - raised by the map
                self._done.put(error)
                return
            if self._has_left:
                return
            self._ended.put(job)

    async def _confirm(self) -> None:
        """Pass on each row when its end is on disk, so that no worker has to wait for that."""
        while (job := await self._ended.get()) is not None:
            try:
                if job.written is not None:
                    await self._engine.commits.settle(job.written)
            except BatchEnded:
                return
            except Exception as error:  # noqa: BLE001 - raised by the map
                self._done.put(error)
                return
            self._done.put(job)

    def _end(self, ended: AsyncJob | BaseException) -> None:
        if isinstance(ended, BaseException):
            raise ended
        self._working -= 1
        result = async_result_of(ended, self._client)
        if result.error is not None:
            self._failed += 1
        if self._bar is not None:
            self._bar.show(self._admitted - self._working, self._failed, self._working)
        self._check_error(result)
        if not self._options.ordered:
            self._ready.append(result)
            return
        self._early[ended.number] = result
        while self._next in self._early:
            self._ready.append(self._early.pop(self._next))
            self._next += 1

    def _check_error(self, result: AsyncResult) -> None:
        if result.error is None:
            return
        if self._options.on_error == "raise":
            raise result.error
        limit = self._options.max_errors
        if limit is not None and self._failed > limit:
            raise TooManyErrors(
                f"{self._failed} rows failed; max_errors={limit}. Last error: {result.error}"
            ) from result.error

    @property
    def is_idle(self) -> bool:
        """Whether no create request of this map, or of an earlier one, is open."""
        if self._previous is not None and not self._previous.is_idle:
            return False
        return not self._engine.groups.open

    def when_idle(self, function: Callable[[], object]) -> None:
        """Call a function as soon as no create request is open.

        Args:
            function: The function.
        """
        previous, groups = self._previous, self._engine.groups
        if previous is None:
            groups.when_idle(function)
        else:
            previous.when_idle(lambda: groups.when_idle(function))

    async def aclose(self) -> None:
        """End the map: create no more predictions, and store the state of each row."""
        if self._has_left:
            return
        self._has_left = True
        with async_shielded(_GRACE + 5):
            try:
                if self._previous is not None:
                    await self._previous.aclose()
                cancel = self._cancels and not self._is_complete
                await self._engine.leave(cancel=cancel, grace=_GRACE)
            finally:
                self._workers.stop()
                for _ in range(self._started):
                    self._jobs.put(None)
                self._ended.put(None)
                self._done.put(None)
                self._seen.close()
                if self._bar is not None:
                    self._bar.close()


def _make_directory(path: Any) -> None:
    path.mkdir(parents=True, exist_ok=True)
