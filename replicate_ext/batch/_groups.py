"""The open create requests of equal rows, so that no two rows adopt the same prediction.

While it is not known whether the request of a row succeeded, no other request for an equal row is
sent, and the predictions of the account are compared only when none is open.
"""

from __future__ import annotations

import threading
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from replicate_ext.batch._rows import Record

RECHECK = 0.02
"""Seconds after which a waiting row checks again. Few rows ever wait."""


class Groups:
    """The open create requests, by the digest of their row."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()
        self._unsettled: dict[str, list[Record]] = {}
        self._lock = threading.Lock()
        self._when_idle: Callable[[], object] | None = None

    @property
    def open(self) -> int:
        """Number of create requests that are open."""
        return self._open.total()

    def when_idle(self, function: Callable[[], object]) -> None:
        """Call a function as soon as no create request is open.

        Args:
            function: The function.
        """
        with self._lock:
            is_idle = not self._open
            if not is_idle:
                self._when_idle = function
        if is_idle:
            function()

    def may_enter(self, record: Record) -> bool:
        """Return whether a create request for a row may be sent; if so, count it as open.

        Args:
            record: The row.
        """
        with self._lock:
            if record.digest in self._unsettled:
                return False
            self._open[record.digest] += 1
            return True

    def leave(self, record: Record, *, is_settled: bool) -> None:
        """Mark the create request of a row as ended.

        Args:
            record: The row.
            is_settled: Whether it is known if a prediction was created.
        """
        with self._lock:
            self._open[record.digest] -= 1
            if not self._open[record.digest]:
                del self._open[record.digest]
            if not is_settled:
                self._unsettled.setdefault(record.digest, []).append(record)
            when_idle = None if self._open else self._when_idle
        if when_idle is not None:
            when_idle()

    def to_settle(self, record: Record) -> list[Record]:
        """Return the rows to settle together; none while requests for equal rows are open.

        The first of several equal rows gets them all; the others wait until it has settled them.

        Args:
            record: A row that is unsettled.
        """
        with self._lock:
            rows = self._unsettled.get(record.digest, [])
            is_first = bool(rows) and rows[0] is record
            return rows if is_first and not self._open[record.digest] else []

    def settled(self, record: Record) -> None:
        """Allow requests for equal rows again.

        Args:
            record: The row, which was settled with all equal rows.
        """
        with self._lock:
            self._unsettled.pop(record.digest, None)
