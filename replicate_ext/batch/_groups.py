# Printed from _async_groups.py by `make generate`; changes made here are lost.
"""Which create requests of equal rows are open, so that no two rows adopt one prediction."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from replicate_ext.batch._primitives import Condition
from replicate_ext.batch._rows import State

if TYPE_CHECKING:
    from collections.abc import Callable

    from replicate_ext.batch._rows import Record


class Groups:
    """Orders the create requests of equal rows.

    While it is not known whether the request of a row succeeded, no other request for an equal row
    is sent, and the predictions of the account are compared only when none is open.

    Args:
        check: Raises an error when the batch has ended.
    """

    def __init__(self, check: Callable[[], object]) -> None:
        self._check = check
        self._open: Counter[str] = Counter()
        self._unsettled: dict[str, list[Record]] = {}
        self._changed = Condition()

    @property
    def open(self) -> int:
        """Number of create requests that are open."""
        return self._open.total()

    def enter(self, record: Record) -> None:
        """Wait until a create request for a row may be sent, and count it as open.

        Args:
            record: The row.
        """
        with self._changed:
            while record.digest in self._unsettled:
                self._changed.wait()
                self._check()
            self._open[record.digest] += 1

    def leave(self, record: Record, *, is_settled: bool) -> None:
        """Count the create request of a row as answered.

        Args:
            record: The row.
            is_settled: Whether it is known if a prediction was created.
        """
        with self._changed:
            self._open[record.digest] -= 1
            if not self._open[record.digest]:
                del self._open[record.digest]
            if not is_settled:
                self._unsettled.setdefault(record.digest, []).append(record)
            self._changed.notify_all()

    def take_unsettled(self, record: Record) -> list[Record]:
        """Wait until no request for equal rows is open, and return the rows to settle.

        The first of several equal rows gets them all, the others get none once it has settled them.

        Args:
            record: The row, which is unsettled.
        """
        with self._changed:
            while record.state is State.CREATING:
                self._check()
                rows = self._unsettled.get(record.digest, [])
                if rows and rows[0] is record and not self._open[record.digest]:
                    return rows
                self._changed.wait()
            return []

    def settled(self, record: Record) -> None:
        """Let requests for equal rows be sent again.

        Args:
            record: The row, which was settled with all others.
        """
        with self._changed:
            self._unsettled.pop(record.digest, None)
            self._changed.notify_all()

    def wake(self) -> None:
        """Let all that wait see that the batch has ended."""
        with self._changed:
            self._changed.notify_all()
