"""The clock of a sandbox, which tests can advance."""

import time

from replicate_ext.sandbox._http.timestamps import NANOSECONDS


class Clock:
    """The clock of a sandbox: the time of this machine, plus the seconds that tests have added."""

    def __init__(self) -> None:
        self._added = 0

    def now(self) -> int:
        """Return the time in nanoseconds since 1970."""
        return time.time_ns() + self._added

    def advance(self, seconds: float) -> None:
        """Advance the clock."""
        self._added += int(seconds * NANOSECONDS)
