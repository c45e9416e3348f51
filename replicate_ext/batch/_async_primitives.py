"""Tasks and queues of the asynchronous batch; ``_primitives`` has the blocking counterparts."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import anyio
from anyio import to_thread

from replicate_ext import describe_input
from replicate_ext.batch._inputs import has_files

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable
    from contextlib import AbstractContextManager

    from anyio.abc import TaskGroup

    from replicate_ext import AsyncPrediction

T = TypeVar("T")

AsyncEvent = anyio.Event
async_sleep = anyio.sleep


class AsyncChannel(Generic[T]):
    """A queue without a limit."""

    def __init__(self) -> None:
        self._items: deque[T] = deque()
        self._waiting: deque[anyio.Event] = deque()

    def put(self, item: T) -> None:
        """Add an item."""
        self._items.append(item)
        if self._waiting:
            self._waiting.popleft().set()

    async def get(self) -> T:
        """Wait for the next item and return it."""
        while not self._items:
            arrival = anyio.Event()
            self._waiting.append(arrival)
            await arrival.wait()
        return self._items.popleft()

    def get_nowait(self) -> T | None:
        """Return the next item; None if there is none."""
        return self._items.popleft() if self._items else None


class AsyncWorkers:
    """Tasks of a batch, which can be stopped."""

    def __init__(self) -> None:
        self._group: TaskGroup | None = None
        self._scopes: set[anyio.CancelScope] = set()

    async def open(self) -> None:
        """Start to accept work."""
        self._group = await anyio.create_task_group().__aenter__()

    def start(self, work: Callable[[], Awaitable[object]]) -> None:
        """Start a task, which must not raise an error.

        Args:
            work: Function that the task runs.
        """
        assert self._group is not None  # noqa: S101 - it was opened
        self._group.start_soon(self._run, work)

    async def _run(self, work: Callable[[], Awaitable[object]]) -> None:
        with anyio.CancelScope() as scope:
            self._scopes.add(scope)
            try:
                await work()
            finally:
                self._scopes.discard(scope)

    def stop(self) -> None:
        """Cancel all tasks."""
        for scope in list(self._scopes):
            scope.cancel()

    async def close(self) -> None:
        """Cancel all tasks and wait for their end."""
        group, self._group = self._group, None
        if group is not None:
            group.cancel_scope.cancel()
            await group.__aexit__(None, None, None)


class AsyncReader(Generic[T]):
    """Reads rows one by one.

    Args:
        rows: The rows.
    """

    def __init__(self, rows: Iterable[T] | AsyncIterable[T]) -> None:
        self._later = aiter(rows) if isinstance(rows, AsyncIterable) else None
        self._now = iter(()) if isinstance(rows, AsyncIterable) else iter(rows)

    async def read(self) -> tuple[T] | None:
        """Return the next row in a tuple; None at the end."""
        try:
            return ((next(self._now) if self._later is None else await anext(self._later)),)
        except (StopIteration, StopAsyncIteration):
            return None


async def async_described(input: dict[str, Any]) -> Any:
    """Describe an input; files are read in a thread.

    Args:
        input: The input.
    """
    if has_files(input):
        return await to_thread.run_sync(describe_input, input)
    return describe_input(input)


def async_interrupter(check: Callable[[], object]) -> Callable[[AsyncPrediction], object] | None:
    """Return None: a task that waits for a prediction is canceled instead.

    Args:
        check: Raises an error if the wait has to end.
    """
    del check
    return None


async def async_for_each(
    items: Iterable[T], work: Callable[[T], Awaitable[object]], at_once: int
) -> None:
    """Do work for each item in tasks.

    Args:
        items: The items.
        work: What is done for an item. It must not raise an error.
        at_once: Number of items at the same time.
    """
    room = anyio.CapacityLimiter(at_once)

    async def limited(item: T) -> None:
        async with room:
            await work(item)

    async with anyio.create_task_group() as group:
        for item in items:
            group.start_soon(limited, item)


def async_shielded(seconds: float) -> AbstractContextManager[object]:
    """Return a context that cancellation does not interrupt for some seconds.

    Args:
        seconds: How long.
    """
    return anyio.move_on_after(seconds, shield=True)
