"""Count the keys of a map in a bounded amount of memory."""

from __future__ import annotations

import sqlite3

_IN_MEMORY = 50_000
"""Keys that are kept in memory, before they move to the database together."""


class SeenKeys:
    """Counts keys: the newest in memory, the others in a temporary database on disk."""

    def __init__(self) -> None:
        self._newest: dict[str, int] = {}
        self._older: sqlite3.Connection | None = None

    def count(self, key: str) -> int:
        """Count a key, and return how often it was seen so far.

        Args:
            key: The key.
        """
        count = (self._newest.get(key) or self._count_of_older(key)) + 1
        self._newest[key] = count
        if len(self._newest) == _IN_MEMORY:
            self._move()
        return count

    def _count_of_older(self, key: str) -> int:
        if self._older is None:
            return 0
        found = self._older.execute("SELECT count FROM seen WHERE key = ?", (key,)).fetchone()
        return 0 if found is None else int(found[0])

    def _move(self) -> None:
        if self._older is None:
            # Without a name, it is a temporary file, which SQLite deletes.
            self._older = sqlite3.connect("", isolation_level=None, check_same_thread=False)
            self._older.execute("PRAGMA journal_mode = OFF")
            self._older.execute(
                "CREATE TABLE seen (key TEXT PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID"
            )
        self._older.execute("BEGIN")
        self._older.executemany("REPLACE INTO seen VALUES (?, ?)", self._newest.items())
        self._older.execute("COMMIT")
        self._newest.clear()

    def close(self) -> None:
        """Delete the database."""
        if self._older is not None:
            self._older.close()
