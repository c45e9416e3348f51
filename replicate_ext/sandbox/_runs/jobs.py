"""The store of jobs: it runs them, and drops the oldest when it is full."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import TypeVar

from anyio import move_on_after

from replicate_ext.sandbox._models.model import Version
from replicate_ext.sandbox._runs.job import Job

J = TypeVar("J", bound=Job)


AFTER_CLEARING = 0.9
"""Share of the limit that is in use after clearing. Below 1, so that not every job has to clear."""


class Jobs:
    """The store of jobs, which also runs them. Use it in the server's event loop.

    Args:
        max_bytes: roughly how many bytes of memory finished jobs may take up together. The oldest
            are dropped, first those whose final state a response has shown. The latest job is
            kept, however large.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._finished: OrderedDict[Job, int] = OrderedDict()
        self._by_id: dict[str, Job] = {}
        self._tasks: dict[Job, asyncio.Task[None]] = {}
        self._closed = False

    def all(self, kind: type[J]) -> list[J]:
        """Return all jobs of a type, oldest first."""
        return [job for job in self._by_id.values() if isinstance(job, kind)]

    def get(self, id_: str) -> Job | None:
        """Return the job with this id, or None."""
        return self._by_id.get(id_)

    def begin(self, job: Job, work: Callable[[], Awaitable[None]]) -> None:
        """Store a job and start to run it.

        Args:
            job: the new job.
            work: runs the job, and sets its terminal status.
        """
        self._by_id[job.id] = job
        if self._closed:
            job.end("canceled")
            return
        task = asyncio.create_task(_run(job, work))
        self._tasks[job] = task
        task.add_done_callback(lambda _: self._finish(job))

    def cancel(self, job: Job) -> None:
        """Cancel a job; a finished job does not change."""
        job.end("canceled")
        task = self._tasks.get(job)
        if task is not None:
            task.cancel()

    def forget(self, version: Version) -> None:
        """Cancel and drop all jobs of a version."""
        for job in [job for job in self._by_id.values() if job.version is version]:
            self.cancel(job)
            self._drop(job)

    @property
    def are_running(self) -> bool:
        """Whether a job has not ended."""
        return bool(self._tasks)

    async def idle(self) -> None:
        """Wait until all jobs have ended."""
        while self._tasks:
            await asyncio.wait(self._tasks.values())
            await asyncio.sleep(0)  # the tasks remove themselves in callbacks

    async def close(self) -> None:
        """Cancel all jobs, including those that begin later, and wait until they have stopped."""
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
        # This sets a terminal status only if the lifetime is over or the job was canceled.
        job.end("aborted" if job.started_at is None else "canceled")
