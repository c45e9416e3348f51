# Printed from _async_commits.py by `make generate`; changes made here are lost.
"""Writing rows to the journal: all rows that wait are written in one transaction."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from replicate_ext.batch._journal import values_of
from replicate_ext.batch._outcomes import BatchEnded
from replicate_ext.batch._primitives import Event

if TYPE_CHECKING:
    from replicate_ext.batch._journal import Journal
    from replicate_ext.batch._rows import Record


class _Transaction:
    """Rows that are written together.

    Args:
        previous: The transaction that must end first.
    """

    def __init__(self, previous: _Transaction | None) -> None:
        self.previous = previous
        self.values: list[tuple[Any, ...]] = []
        self.is_over = Event()
        self.error: Exception | None = BatchEnded()  # unless it is written


class Commits:
    """Writes rows to the journal; one write to the disk serves all that wait for it.

    Args:
        journal: The journal.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._next = _Transaction(None)
        self._lock = threading.Lock()

    def write(self, *records: Record) -> None:
        """Store rows. They are on disk when this returns.

        The first that joins a transaction writes it, as soon as the one before has ended.

        Args:
            records: The rows.

        Raises:
            OSError: The journal cannot be written.
        """
        with self._lock:
            mine = self._next
            is_first = not mine.values
            mine.values += map(values_of, records)
        if is_first:
            self._write(mine)
        else:
            mine.is_over.wait()
        if mine.error is not None:
            raise mine.error

    def _write(self, transaction: _Transaction) -> None:
        try:
            if transaction.previous is not None:
                transaction.previous.is_over.wait()
                transaction.previous = None
            self._close(transaction)
            self._journal.write(transaction.values)
            transaction.error = None
        except Exception as error:  # noqa: BLE001 - each that waits raises it
            transaction.error = error
        finally:
            self._close(transaction)
            transaction.is_over.set()

    def _close(self, transaction: _Transaction) -> None:
        """Let further rows join the next transaction."""
        with self._lock:
            if self._next is transaction:
                self._next = _Transaction(transaction)
