"""Doing the same work for many items at once: in threads, or in tasks."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

CONCURRENCY = 8
"""Items that are worked on at a time."""

ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")


def for_each(
    items: Iterable[ItemT],
    work: Callable[[ItemT], ResultT],
    done: Callable[[ItemT, ResultT], object],
) -> None:
    """Do work for each item in threads.

    Args:
        items: The items.
        work: Called with an item, in a thread of its own.
        done: Called in this thread with an item and its result. An exception in it is raised at
            once, and no more work is started.

    Raises:
        Exception: The first error of ``work``, after the work for all other items.
    """
    errors: list[BaseException] = []
    with ThreadPoolExecutor(CONCURRENCY) as pool:
        working = {pool.submit(work, item): item for item in items}
        try:
            for future in as_completed(working):
                if (error := future.exception()) is None:
                    done(working[future], future.result())
                else:
                    errors.append(error)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    if errors:
        raise errors[0]


async def async_for_each(
    items: Iterable[ItemT],
    work: Callable[[ItemT], Awaitable[ResultT]],
    done: Callable[[ItemT, ResultT], object],
) -> None:
    """Do work for each item in tasks.

    Args:
        items: The items.
        work: Called with an item, in a task of its own.
        done: Called with an item and its result.

    Raises:
        Exception: The first error of ``work`` or ``done``, after the work for all other items.
    """
    import anyio

    room = anyio.CapacityLimiter(CONCURRENCY)
    errors: list[Exception] = []

    async def work_on(item: ItemT) -> None:
        async with room:
            try:
                done(item, await work(item))
            except Exception as error:  # noqa: BLE001 - raised below, without a group around it
                errors.append(error)

    async with anyio.create_task_group() as group:
        for item in items:
            group.start_soon(work_on, item)
    if errors:
        raise errors[0]
