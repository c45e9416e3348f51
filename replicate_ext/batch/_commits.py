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


class Transaction:
    """Rows that are written together.

    Args:
        previous: The transaction that must end first.
    """

    def __init__(self, previous: Transaction | None) -> None:
        self.previous = previous
        self.values: list[tuple[Any, ...]] = []
        self.has_writer: bool = False
        self.is_over: Event = Event()
        self.error: Exception | None = BatchEnded()  # until it is written


class Commits:
    """Writes rows to the journal; one write to the disk serves all callers that wait.

    Args:
        journal: The journal.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._next = Transaction(None)
        self._lock = threading.Lock()

    def write(self, *records: Record) -> None:
        """Store rows. They are on disk when this returns.

        Args:
            records: The rows.

        Raises:
            OSError: The journal cannot be written.
        """
        self.settle(self.add(*records))

    def add(self, *records: Record) -> Transaction:
        """Add rows to the next transaction, and return that transaction.

        Args:
            records: The rows.
        """
        with self._lock:
            self._next.values += map(values_of, records)
            return self._next

    def settle(self, transaction: Transaction) -> None:
        """Wait until a transaction is on disk.

        The first caller writes the transaction, once the previous transaction has ended.

        Args:
            transaction: The transaction.

        Raises:
            OSError: The journal cannot be written.
        """
        if not self._write(transaction):
            transaction.is_over.wait()
        if transaction.error is not None:
            raise transaction.error

    def flush(self) -> None:
        """Store all rows that were added.

        Raises:
            OSError: The journal cannot be written.
        """
        try:
            self.write()
        except BatchEnded:  # its writer was interrupted
            self.write()

    def _write(self, transaction: Transaction) -> bool:
        """Write a transaction, unless somebody else does; return whether it is over."""
        is_writer = False
        try:
            with self._lock:
                is_writer, transaction.has_writer = not transaction.has_writer, True
            if not is_writer:
                return False
            if transaction.previous is not None:
                transaction.previous.is_over.wait()
                transaction.previous = None
            self._close(transaction)
            self._journal.write(transaction.values)
            transaction.error = None
        except Exception as error:  # noqa: BLE001 - each waiting caller raises it
            transaction.error = error
        except BaseException:  # interrupted: the next transaction gets the rows
            if is_writer:
                self._pass_on(transaction)
            raise
        finally:
            if is_writer:
                self._close(transaction)
                transaction.is_over.set()
        return True

    def _pass_on(self, transaction: Transaction) -> None:
        """Let the next transaction have the rows of an interrupted one, and wait in its place."""
        self._close(transaction)
        with self._lock:
            self._next.values[:0] = transaction.values
            if self._next.previous is transaction and transaction.previous is not None:
                self._next.previous = transaction.previous

    def _close(self, transaction: Transaction) -> None:
        """Make further rows go to a new transaction."""
        with self._lock:
            if self._next is transaction:
                self._next = Transaction(transaction)
