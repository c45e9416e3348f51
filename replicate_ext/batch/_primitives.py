"""Threads and queues of the blocking batch; ``_async_primitives`` has the async counterparts."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Generic, TypeVar

from replicate_ext import describe_input

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from contextlib import AbstractContextManager

    from replicate_ext import Prediction

T = TypeVar("T")

Event = threading.Event
sleep = time.sleep
described = describe_input


class Channel(Generic[T]):
    """A queue without a limit."""

    def __init__(self) -> None:
        self._items: SimpleQueue[T] = SimpleQueue()

    def put(self, item: T) -> None:
        """Add an item."""
        self._items.put(item)

    def get(self) -> T:
        """Wait for the next item and return it."""
        return self._items.get()

    def get_nowait(self) -> T | None:
        """Return the next item; None if there is none."""
        try:
            return self._items.get_nowait()
        except Empty:
            return None


class Workers:
    """Threads of a batch. They do not keep the process from ending."""

    def open(self) -> None:
        """Start to accept work."""

    def start(self, work: Callable[[], object]) -> None:
        """Start a thread, which must not raise an error.

        Args:
            work: Function that the thread runs.
        """
        threading.Thread(target=work, name="batch", daemon=True).start()

    def stop(self) -> None:
        """Do nothing: each thread ends when it sees that the batch has ended."""

    def close(self) -> None:
        """Do nothing: a thread may wait for a prediction for some more seconds."""


class Reader(Generic[T]):
    """Reads rows one by one, in the thread of the caller.

    Args:
        rows: The rows.
    """

    def __init__(self, rows: Iterable[T]) -> None:
        self._rows = iter(rows)

    def read(self) -> tuple[T] | None:
        """Return the next row in a tuple; None at the end."""
        for row in self._rows:
            return (row,)
        return None


def interrupter(check: Callable[[], object]) -> Callable[[Prediction], object]:
    """Return a function for ``stop=``, which ends the wait for a prediction by raising an error.

    Args:
        check: Raises an error if the wait has to end.
    """
    return lambda _: check() and None


def for_each(items: Iterable[T], work: Callable[[T], object], at_once: int) -> None:
    """Do work for each item in threads.

    Args:
        items: The items.
        work: What is done for an item. It must not raise an error.
        at_once: Number of items at the same time.
    """
    with ThreadPoolExecutor(at_once) as threads:
        for item in items:
            threads.submit(work, item)


def shielded(_: float) -> AbstractContextManager[object]:
    """Return a context without effect: nothing cancels a thread."""
    return nullcontext()
