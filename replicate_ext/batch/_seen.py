"""Which keys a map has seen, with a bounded amount of memory."""

from __future__ import annotations

import sqlite3


class SeenKeys:
    """Counts keys in a temporary database, which SQLite moves to disk when it gets large."""

    def __init__(self) -> None:
        self._counts = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._counts.execute("PRAGMA journal_mode = OFF")
        self._counts.execute(
            "CREATE TABLE seen (key TEXT PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID"
        )

    def count(self, key: str) -> int:
        """Count a key, and return how often it was seen so far.

        Args:
            key: The key.
        """
        query = (
            "INSERT INTO seen VALUES (?, 1) ON CONFLICT (key) DO UPDATE SET count = count + 1 "
            "RETURNING count"
        )
        (count,) = self._counts.execute(query, (key,)).fetchone()
        return int(count)

    def close(self) -> None:
        """Delete the database."""
        self._counts.close()
