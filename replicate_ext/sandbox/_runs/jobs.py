"""Letting jobs run, and keeping them as long as there is room."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import TypeVar

from anyio import move_on_after

from replicate_ext.sandbox._models.model import Version
from replicate_ext.sandbox._runs.job import Job

J = TypeVar("J", bound=Job)


AFTER_CLEARING = 0.9
"""The part of the bound that may be in use after making room, which is not done for each job."""


class Jobs:
    """Runs jobs and keeps them; lives in the server's event loop.

    Args:
        max_bytes: roughly how much memory those that have ended may take together. Of these the
            oldest are dropped, those first whose end somebody has seen; the latest is kept, however
            large.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._finished: OrderedDict[Job, int] = OrderedDict()
        self._by_id: dict[str, Job] = {}
        self._tasks: dict[Job, asyncio.Task[None]] = {}
        self._closed = False

    def all(self, kind: type[J]) -> list[J]:
        """Return every job of a kind, the oldest first."""
        return [job for job in self._by_id.values() if isinstance(job, kind)]

    def get(self, id_: str) -> Job | None:
        """Return the job that has this id."""
        return self._by_id.get(id_)

    def begin(self, job: Job, work: Callable[[], Awaitable[None]]) -> None:
        """Keep a job and run it.

        Args:
            job: what was created.
            work: does it, and ends it if it comes to its own end.
        """
        self._by_id[job.id] = job
        if self._closed:
            job.end("canceled")
            return
        task = asyncio.create_task(_run(job, work))
        self._tasks[job] = task
        task.add_done_callback(lambda _: self._finish(job))

    def cancel(self, job: Job) -> None:
        """Stop a job; nothing happens to one that has ended."""
        job.end("canceled")
        task = self._tasks.get(job)
        if task is not None:
            task.cancel()

    def forget(self, version: Version) -> None:
        """Stop and drop every job that runs a version."""
        for job in [job for job in self._by_id.values() if job.version is version]:
            self.cancel(job)
            self._drop(job)

    async def close(self) -> None:
        """Cancel everything that runs, and what is still to come, and wait until it has stopped."""
        self._closed = True
        tasks = list(self._tasks.values())
        for job in list(self._tasks):
            self.cancel(job)
        await asyncio.gather(*tasks, return_exceptions=True)

    def _finish(self, job: Job) -> None:
        del self._tasks[job]
        if job.id not in self._by_id:
            return
        self._finished[job] = job.size
        self._bytes += self._finished[job]
        if self._bytes > self._max_bytes:
            self._make_room()

    def _make_room(self) -> None:
        *earlier, _ = self._finished
        for job in sorted(earlier, key=lambda job: not job.was_seen):
            self._drop(job)
            if self._bytes <= self._max_bytes * AFTER_CLEARING:
                break

    def _drop(self, job: Job) -> None:
        del self._by_id[job.id]
        self._bytes -= self._finished.pop(job, 0)


async def _run(job: Job, work: Callable[[], Awaitable[None]]) -> None:
    try:
        with move_on_after(job.lifetime):
            await work()
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a model may raise anything
        job.end("failed", str(error) or type(error).__name__)
    finally:
        # Without an end until here, its lifetime is over.
        job.end("aborted" if job.started_at is None else "canceled")
