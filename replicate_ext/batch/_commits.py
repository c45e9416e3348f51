# Printed from _async_commits.py by `make generate`; changes made here are lost.
"""Writing rows to the journal: all rows that wait are written in one transaction."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from replicate_ext.batch._journal import values_of
from replicate_ext.batch._primitives import Lock

if TYPE_CHECKING:
    from replicate_ext.batch._journal import Journal
    from replicate_ext.batch._rows import Record


class _Transaction:
    def __init__(self) -> None:
        self.values: list[tuple[Any, ...]] = []
        self.is_over = False
        self.error: Exception | None = None


class Commits:
    """Writes rows to the journal; one write to the disk serves all that wait for it.

    Args:
        journal: The journal.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._next = _Transaction()
        self._adding = threading.Lock()
        self._writing = Lock()

    def write(self, *records: Record) -> None:
        """Store rows. They are on disk when this returns.

        Args:
            records: The rows.

        Raises:
            OSError: The journal cannot be written.
        """
        with self._adding:
            mine = self._next
            mine.values += map(values_of, records)
        with self._writing:
            if not mine.is_over:
                with self._adding:
                    self._next = _Transaction()
                try:
                    self._journal.write(mine.values)
                except Exception as error:  # noqa: BLE001 - raised below, for each that waits
                    mine.error = error
                mine.is_over = True
        if mine.error is not None:
            raise mine.error
