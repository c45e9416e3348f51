"""The journal on disk."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from threading import Event
from types import FrameType
from typing import Any

import pytest

from replicate_ext.batch import JournalError, JournalInUseError, SavedFile, State, read_journal
from replicate_ext.batch._journal import Journal, values_of
from replicate_ext.batch._outcomes import BatchEnded
from replicate_ext.batch._rows import Record
from replicate_ext.batch._seen import SeenKeys


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "runs.db"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    journal = Journal(path)
    yield journal
    journal.close()


def record(key: str = "k", **more: Any) -> Record:
    return Record(key, "o/n", "digest", '{"n":1}', **more)


def store(journal: Journal, *records: Record) -> None:
    journal.write([values_of(each) for each in records])


def test_a_row_is_read_as_it_was_written(journal: Journal) -> None:
    row = record(
        state=State.DONE,
        attempts=2,
        sent_at=1.5,
        prediction_id="p",
        prediction={"status": "succeeded", "output": ["ü"]},
        files=[SavedFile("out/k.png", 3, "abc")],
        canceling=True,
    )
    store(journal, row)

    found = journal.get("k")

    assert found == row
    assert found is not None
    assert isinstance(found.state, State)
    assert journal.get("other") is None


def test_writing_a_row_again_replaces_it(journal: Journal, path: Path) -> None:
    store(journal, record(state=State.CREATING), record("l"))
    store(journal, record(state=State.RUNNING, prediction_id="p"))

    assert [(row.key, row.state) for row in read_journal(path)] == [
        ("k", State.RUNNING),
        ("l", State.PENDING),
    ]


def test_rows_that_may_have_been_created_are_unsettled(journal: Journal) -> None:
    store(journal, *(record(state, state=state) for state in State))

    assert {row.state for row in journal.unsettled()} == {State.CREATING, State.UNKNOWN}


def test_predictions_of_rows_are_claimed_for_good(journal: Journal) -> None:
    store(journal, record(prediction_id="p1"))
    store(journal, record(prediction_id="p2"))
    store(journal, record(prediction_id=None))

    assert journal.claimed(["p1", "p2", "p3"]) == {"p1", "p2"}


def test_a_second_user_is_refused_at_once(journal: Journal, path: Path) -> None:
    with pytest.raises(JournalInUseError, match=r"runs\.db is in use"):
        Journal(path)
    journal.close()

    Journal(path).close()


def test_a_journal_in_use_can_be_read(journal: Journal, path: Path) -> None:
    store(journal, record())

    assert [row.key for row in read_journal(path)] == ["k"]


def test_nothing_of_a_failed_write_is_kept(journal: Journal) -> None:
    # As if the disk were full.
    journal._writer.execute("PRAGMA max_page_count = 12")  # noqa: SLF001 - no other way
    large = [record(f"k{i}", error="x" * 4000) for i in range(50)]

    with pytest.raises(OSError, match="cannot be written: database or disk is full"):
        store(journal, *large)
    assert journal.get("k0") is None

    journal._writer.execute("PRAGMA max_page_count = 1000000")  # noqa: SLF001 - as above
    store(journal, *large)
    assert journal.get("k49") is not None


def test_a_file_that_is_no_journal_is_refused(path: Path) -> None:
    path.write_bytes(b"not a database" * 100)
    with pytest.raises(JournalError, match="cannot be used as a journal: file is not a database"):
        Journal(path)

    path.unlink()
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE t (x)")
    database.close()
    with pytest.raises(JournalError, match="is a database, but not a journal"):
        Journal(path)
    with pytest.raises(JournalError, match="There is no journal"):
        list(read_journal(path.with_name("missing")))


def test_a_journal_of_a_newer_version_is_refused(path: Path) -> None:
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA user_version = 2")
    database.close()

    with pytest.raises(JournalError, match="another version"):
        Journal(path)


def test_a_journal_in_a_missing_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="cannot be opened"):
        Journal(tmp_path / "missing" / "runs.db")


def test_closing_waits_for_another_thread(journal: Journal, path: Path) -> None:
    has_begun, may_end = Event(), Event()

    def pause() -> None:
        has_begun.set()
        may_end.wait(10)

    store(journal, record())
    shared = journal._writer  # noqa: SLF001 - no statement of the journal takes that long
    shared._connection.create_function("pause", 0, pause)  # noqa: SLF001 - as above
    with ThreadPoolExecutor(2) as threads:
        writing = threads.submit(shared.execute, "SELECT pause()")
        has_begun.wait(10)
        closing = threads.submit(journal.close)
        both: list[Future[Any]] = [writing, closing]
        done, _ = wait(both, timeout=0.1)
        may_end.set()

    assert not done
    assert (writing.result(), closing.result()) == ([(None,)], None)
    assert [row.key for row in read_journal(path)] == ["k"]
    with pytest.raises(BatchEnded):
        store(journal, record("l"))


def test_ctrl_c_as_a_function_begins_or_ends_leaves_no_lock(journal: Journal) -> None:
    lock = journal._reader._lock  # noqa: SLF001 - closing would wait for it forever
    for point in range(1, 200):
        left = point

        def interrupt(frame: FrameType, *_: object) -> Any:
            nonlocal left
            frame.f_trace_lines = False  # no signal is handled between two lines
            left -= 1
            if not left:
                sys.settrace(None)
                raise KeyboardInterrupt
            return interrupt

        interrupted = None  # kept, so that its frames are not cleaned up
        sys.settrace(interrupt)
        try:
            journal.get("k")
        except KeyboardInterrupt as error:
            interrupted = error
        finally:
            sys.settrace(None)
        is_held = lock.locked()
        if is_held:
            lock.release()
        assert not is_held
        if interrupted is None:
            return
    pytest.fail("the read did not end")


@pytest.mark.parametrize("in_memory", [1, 2, 3, 100])
def test_seen_keys_are_counted(in_memory: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("replicate_ext.batch._seen._IN_MEMORY", in_memory)
    seen = SeenKeys()

    assert [seen.count(key) for key in "abaabcbda"] == [1, 1, 2, 3, 2, 1, 3, 1, 4]
    seen.close()


def test_a_prediction_can_be_the_earlier_one_of_a_row_twice(journal: Journal) -> None:
    for prediction_id in ("p", None, "p", None):
        store(journal, record(prediction_id=prediction_id))

    assert journal.claimed(["p", "q"]) == {"p"}


def test_half_of_a_surrogate_pair_in_an_error_is_replaced(journal: Journal) -> None:
    store(journal, record(error="cut \ud83d"))

    found = journal.get("k")
    assert found is not None
    assert found.error == "cut ?"


def test_many_rows_are_written_at_once(journal: Journal) -> None:
    rows = [record(str(number)) for number in range(450)]

    store(journal, *rows, rows[0])

    assert [row.key for row in journal.in_state(State.PENDING)] == [row.key for row in rows]
    assert journal.keys(450) == frozenset(row.key for row in rows)
    assert journal.keys(449) is None
