"""Rows that are written to the journal together."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, cast

import anyio
import pytest

from replicate_ext.batch._async_commits import AsyncCommits
from replicate_ext.batch._commits import Commits
from replicate_ext.batch._journal import Journal
from replicate_ext.batch._rows import Record


class Disk:
    """A journal that keeps what is written.

    Args:
        before: Called before each write.
    """

    def __init__(self, before: Callable[[], object] = lambda: None) -> None:
        self.before = before
        self.writes: list[list[str]] = []

    def write(self, values: list[tuple[Any, ...]]) -> None:
        self.before()
        self.writes.append([key for key, *_ in values])


def commits(disk: Disk) -> Commits:
    return Commits(cast("Journal", disk))


def row(key: str) -> Record:
    return Record(key, "o/n", "digest", "{}")


def test_rows_that_were_added_are_written_with_the_next_one() -> None:
    disk = Disk()
    made = commits(disk)

    added = made.add(row("a"))
    assert disk.writes == []
    made.write(row("b"))
    made.settle(added)

    assert disk.writes == [["a", "b"]]


def test_a_row_is_stored_as_it_was_when_it_was_added() -> None:
    made, record = commits(Disk()), row("a")

    added = made.add(record)
    record.error = "later"

    assert [values[9] for values in added.values] == [None]


def test_rows_that_wait_for_a_write_share_the_next_one() -> None:
    has_begun, may_end = threading.Event(), threading.Event()

    def before() -> None:
        has_begun.set()
        may_end.wait(10)

    disk = Disk(before)
    made = commits(disk)
    threads = [threading.Thread(target=made.write, args=(row(key),)) for key in "abc"]
    threads[0].start()
    has_begun.wait(10)
    for thread in threads[1:]:
        thread.start()
    while len(made.add().values) < 2:
        pass
    may_end.set()
    for thread in threads:
        thread.join()

    assert sorted(map(sorted, disk.writes)) == [["a"], ["b", "c"]]


def test_all_that_wait_get_the_error() -> None:
    def fail() -> None:
        raise OSError("the disk is full")

    made = commits(Disk(fail))

    added = made.add(row("a"))
    for _ in range(2):
        with pytest.raises(OSError, match="the disk is full"):
            made.settle(added)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_rows_of_an_interrupted_write_are_written_later(backend: str) -> None:
    may_end = threading.Event()
    disk = Disk(lambda: may_end.wait(10))

    async def main() -> None:
        made = AsyncCommits(cast("Journal", disk))
        async with anyio.create_task_group() as group:
            group.start_soon(made.write, row("a"))
            await anyio.wait_all_tasks_blocked()
            group.start_soon(made.write, row("b"))
            await anyio.wait_all_tasks_blocked()
            group.cancel_scope.cancel()
            may_end.set()
        await made.flush()

    anyio.run(main, backend=backend)

    assert {key for keys in disk.writes for key in keys} == {"a", "b"}


def test_a_flush_waits_for_the_write_before_an_interrupted_one() -> None:
    may_end, begun = threading.Event(), []

    def before() -> None:
        begun.append(1)
        may_end.wait(10)

    disk = Disk(before)

    async def main() -> None:
        made = AsyncCommits(cast("Journal", disk))
        interrupted = anyio.CancelScope()

        async def interrupt() -> None:
            with interrupted:
                await made.write(row("b"))

        async with anyio.create_task_group() as group:
            group.start_soon(made.write, row("a"))
            await anyio.wait_all_tasks_blocked()
            group.start_soon(interrupt)
            await anyio.wait_all_tasks_blocked()
            interrupted.cancel()
            await anyio.wait_all_tasks_blocked()
            group.start_soon(made.flush)
            await anyio.sleep(0.05)  # enough to begin a second write
            assert len(begun) == 1
            may_end.set()

    anyio.run(main)

    assert disk.writes == [["a"], ["b"]]


def test_an_interrupt_before_a_write_leaves_no_transaction_without_a_writer() -> None:
    class Interrupting(Disk):
        def write(self, values: list[tuple[Any, ...]]) -> None:
            if not self.writes:
                self.writes.append([])
                raise KeyboardInterrupt
            super().write(values)

    disk = Interrupting()
    made = commits(disk)

    with pytest.raises(KeyboardInterrupt):
        made.write(row("a"))
    made.flush()

    assert disk.writes == [[], ["a"]]
