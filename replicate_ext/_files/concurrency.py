"""Doing the same work for many items at once: in threads, or in tasks."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

CONCURRENCY = 8
"""Items that are worked on at a time."""

ItemT = TypeVar("ItemT")
ReportT = TypeVar("ReportT")


def for_each(
    items: Iterable[ItemT],
    work: Callable[[ItemT, Callable[[ReportT], object]], object],
    on_report: Callable[[ReportT], object] | None,
) -> None:
    """Call a function for each item, in threads.

    Args:
        items: The items.
        work: Called in a thread with an item, and with a function to which it passes reports.
        on_report: Called in the caller's thread with each report. If it raises, no more work is
            started, and the exception is raised.

    Raises:
        Exception: The first error of ``work``, after the work for all other items.
    """
    # Each entry is a report from the work, or the future of work that has ended.
    queue: SimpleQueue[ReportT | Future[object]] = SimpleQueue()
    report = _ignore if on_report is None else queue.put
    errors: list[BaseException] = []
    with ThreadPoolExecutor(CONCURRENCY) as pool:
        working = [pool.submit(work, item, report) for item in items]
        for future in working:
            future.add_done_callback(queue.put)
        unfinished = len(working)
        try:
            while unfinished:
                entry = queue.get()
                if not isinstance(entry, Future):
                    if on_report is not None:
                        on_report(entry)
                    continue
                unfinished -= 1
                if (error := entry.exception()) is not None:
                    errors.append(error)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    if errors:
        raise errors[0]


async def async_for_each(
    items: Iterable[ItemT],
    work: Callable[[ItemT, Callable[[ReportT], object]], Awaitable[object]],
    on_report: Callable[[ReportT], object] | None,
) -> None:
    """Call a function for each item, in tasks.

    Args:
        items: The items.
        work: Called in a task with an item, and with a function to which it passes reports.
        on_report: Called with each report. If it raises, all work is canceled, and the exception
            is raised.

    Raises:
        Exception: The first error of ``work``, after the work for all other items.
    """
    import anyio

    room = anyio.CapacityLimiter(CONCURRENCY)
    errors: list[Exception] = []

    def report(value: ReportT) -> None:
        try:
            if on_report is not None:
                on_report(value)
        except Exception as error:
            errors.insert(0, error)
            group.cancel_scope.cancel()
            raise

    async def work_on(item: ItemT) -> None:
        async with room:
            try:
                await work(item, report)
            except Exception as error:  # noqa: BLE001 - raised below, without a group around it
                errors.append(error)

    async with anyio.create_task_group() as group:
        for item in items:
            group.start_soon(work_on, item)
    if errors:
        raise errors[0]


def _ignore(_news: object) -> None:
    """Ignore a report."""
