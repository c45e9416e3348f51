"""The journal: a SQLite file that remembers every row, so that none is charged twice."""

from __future__ import annotations

import json
import sqlite3
import threading
from contextlib import closing
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from replicate_ext.batch._errors import JournalError, JournalInUseError
from replicate_ext.batch._outcomes import BatchEnded
from replicate_ext.batch._rows import UNSETTLED, Record, SavedFile, State

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from os import PathLike

_VERSION = 1
_SCHEMA = """
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS rows (
  number INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  reference TEXT NOT NULL,
  digest TEXT NOT NULL,
  input TEXT NOT NULL,
  state TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  sent_at REAL,
  prediction_id TEXT,
  prediction TEXT,
  error TEXT,
  files TEXT NOT NULL,
  canceling INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS predictions ON rows (prediction_id) WHERE prediction_id IS NOT NULL;
CREATE TABLE IF NOT EXISTS earlier_predictions (id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS keep_earlier AFTER UPDATE OF prediction_id ON rows
  WHEN OLD.prediction_id IS NOT NULL AND OLD.prediction_id IS NOT NEW.prediction_id
  BEGIN
    INSERT INTO earlier_predictions SELECT OLD.prediction_id
    WHERE NOT EXISTS (SELECT 1 FROM earlier_predictions WHERE id = OLD.prediction_id);
  END;
PRAGMA user_version = 1;
COMMIT;
"""
_WRITE = """
INSERT INTO rows (key, reference, digest, input, state, attempts, sent_at, prediction_id,
                  prediction, error, files, canceling)
VALUES {}
ON CONFLICT (key) DO UPDATE SET
  reference = excluded.reference, digest = excluded.digest, input = excluded.input,
  state = excluded.state, attempts = excluded.attempts, sent_at = excluded.sent_at,
  prediction_id = excluded.prediction_id, prediction = excluded.prediction,
  error = excluded.error, files = excluded.files, canceling = excluded.canceling
"""
_VALUES = f"({', '.join('?' * 12)})"
_AT_ONCE = 200
"""Rows that one statement writes."""
_READ = """
SELECT key, reference, digest, input, state, attempts, sent_at, prediction_id, prediction, error,
       files, canceling
FROM rows
"""
_BY_KEY = "WHERE key = ?"
_BY_STATE = "WHERE state IN (SELECT value FROM json_each(?)) ORDER BY number"
_CLAIMED = """
SELECT prediction_id FROM rows WHERE prediction_id IN (SELECT value FROM json_each(?1))
UNION SELECT id FROM earlier_predictions WHERE id IN (SELECT value FROM json_each(?1))
"""


class Journal:
    """A journal that is open for writing. Only one can be open at a time.

    Writing and reading use separate connections, so that a reader never waits for the disk.
    It can be used in any thread. After ``close``, using it raises BatchEnded.

    Args:
        path: The file; it is created if it does not exist.

    Raises:
        JournalInUseError: Another process, or another Batch of this process, uses the journal.
        JournalError: The file is not a journal of this version.
    """

    def __init__(self, path: str | PathLike[str]) -> None:
        self.path: Path = Path(path)
        self._lock = _locked(self.path)
        try:
            writer = _opened(self.path)
            # Every 40 MB of the write-ahead log: all rows wait during a checkpoint.
            writer.execute("PRAGMA wal_autocheckpoint = 10000")
            writer.execute("PRAGMA synchronous = FULL")  # a power cut loses nothing
            writer.executescript(_SCHEMA)
            self._writer = _Shared(writer)
            self._reader = _Shared(_opened(self.path))
        except BaseException:
            self._lock.close()
            raise

    def write(self, records: Sequence[tuple[Any, ...]]) -> None:
        """Store rows. They are on disk when this returns.

        Args:
            records: Values of rows, from ``values_of``.

        Raises:
            OSError: The disk is full, or cannot be written to.
        """
        try:
            # One statement is a transaction of its own. Several would be slower: after each
            # statement, this thread has to wait for the GIL.
            for first in range(0, len(records), _AT_ONCE):
                some = records[first : first + _AT_ONCE]
                statement = _WRITE.format(", ".join([_VALUES] * len(some)))
                self._writer.execute(statement, [*chain.from_iterable(some)])
        except sqlite3.OperationalError as error:
            raise OSError(f"The journal {self.path} cannot be written: {error}") from error

    def get(self, key: str) -> Record | None:
        """Return a row; None if the journal does not have it.

        Args:
            key: Key of the row.
        """
        found = self._reader.execute(_READ + _BY_KEY, (key,))
        return _record(found[0]) if found else None

    def keys(self, most: int) -> frozenset[str] | None:
        """Return the keys of all rows; None if there are too many.

        Args:
            most: Maximum number of keys.
        """
        found = self._reader.execute("SELECT key FROM rows LIMIT ?", (most + 1,))
        return None if len(found) > most else frozenset(key for (key,) in found)

    def unsettled(self) -> list[Record]:
        """Return the rows that may have a prediction that the journal does not know."""
        return self._in_states(UNSETTLED)

    def in_state(self, state: State) -> list[Record]:
        """Return the rows in a state."""
        return self._in_states([state])

    def _in_states(self, states: Iterable[State]) -> list[Record]:
        found = self._reader.execute(_READ + _BY_STATE, (json.dumps(list(states)),))
        return [_record(values) for values in found]

    def claimed(self, prediction_ids: Iterable[str]) -> set[str]:
        """Return the given predictions that belong to a row, or once belonged to one.

        Args:
            prediction_ids: IDs of predictions.
        """
        ids = json.dumps(list(prediction_ids))
        return {id_ for (id_,) in self._reader.execute(_CLAIMED, (ids,))}

    def close(self) -> None:
        """Close the files, so that another process can use the journal."""
        self._reader.close()
        self._writer.close()
        self._lock.close()


class _Shared:
    """A connection that threads share: one thread uses it at a time, and ``close`` waits for it.

    Closing a connection of ``sqlite3`` while another thread uses it crashes the process.

    Args:
        connection: The connection.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._lock = threading.Lock()
        self._is_closed = False

    def execute(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Execute a statement and return its rows; raise BatchEnded if the connection is closed.

        Args:
            statement: The statement.
            values: Its parameters.
        """
        # A context manager in Python could be interrupted by Ctrl-C with the lock held.
        with self._lock:
            if self._is_closed:
                raise BatchEnded
            return self._connection.execute(statement, values).fetchall()

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._is_closed = True
            self._connection.close()


def read_journal(path: str | PathLike[str]) -> Iterator[Record]:
    """Yield the rows of a journal, in the order in which they were added.

    A journal can be read while a batch uses it.

    Args:
        path: The file.

    Raises:
        JournalError: The file does not exist, or is not a journal of this version.
    """
    path = Path(path)
    if not path.is_file():
        raise JournalError(f"There is no journal at {path}")
    with closing(_opened(path)) as connection:
        yield from map(_record, connection.execute(_READ + _BY_STATE, (json.dumps(list(State)),)))


def values_of(record: Record) -> tuple[Any, ...]:
    """Return the values of a row as the journal stores them; later changes have no effect on them.

    Args:
        record: The row.
    """
    prediction = None if record.prediction is None else json.dumps(record.prediction)
    error = record.error  # a model may have put half of a surrogate pair into it
    if error is not None:
        error = error.encode("utf-8", "replace").decode()
    return (
        record.key,
        record.reference,
        record.digest,
        record.input,
        record.state,
        record.attempts,
        record.sent_at,
        record.prediction_id,
        prediction,
        error,
        json.dumps([asdict(file) for file in record.files]) if record.files else "[]",
        record.canceling,
    )


def _record(values: tuple[Any, ...]) -> Record:
    record = Record(*values)
    record.state = State(record.state)
    record.prediction = None if values[8] is None else json.loads(values[8])
    record.files = [SavedFile(**file) for file in json.loads(values[10])]
    record.canceling = bool(record.canceling)
    return record


def _opened(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=10, isolation_level=None, check_same_thread=False)
    try:
        _check(connection, path)
        connection.execute("PRAGMA journal_mode = WAL")
    except sqlite3.DatabaseError as error:
        connection.close()
        raise JournalError(f"{path} cannot be used as a journal: {error}") from error
    except JournalError:
        connection.close()
        raise
    return connection


def _check(connection: sqlite3.Connection, path: Path) -> None:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version not in (0, _VERSION):
        raise JournalError(
            f"{path} was written by another version of replicate-ext or another program; "
            "choose another path"
        )
    if version == 0 and connection.execute("SELECT 1 FROM sqlite_master").fetchone():
        raise JournalError(f"{path} is a database, but not a journal; choose another path")


def _locked(path: Path) -> sqlite3.Connection:
    """Return a connection that locks the journal; the lock ends with the process at the latest.

    The lock has a file of its own, so that a journal can be read while it is in use.
    """
    place = path.with_name(f"{path.name}.lock")
    try:
        connection = sqlite3.connect(
            place, timeout=0, isolation_level=None, check_same_thread=False
        )
    except sqlite3.OperationalError as error:
        raise JournalError(f"{path} cannot be opened: {error}") from error
    try:
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        connection.close()
        raise JournalInUseError(
            f"The journal {path} is in use. Wait for the other batch to end, or stop it"
        ) from error
    return connection
