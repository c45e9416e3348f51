"""The maximum rate of creates that a caller sets. No I/O."""

from __future__ import annotations

import re
import threading

from replicate_ext.errors import InvalidInputError

_RATE = re.compile(r"(\d+(?:\.\d+)?)\s*/\s*(s|sec|second|min|minute|h|hour)")
_SECONDS = {"s": 1, "sec": 1, "second": 1, "min": 60, "minute": 60, "h": 3600, "hour": 3600}


def interval_of(rate: str | None) -> float:
    """Return the seconds between two creates at a rate; 0 for no limit.

    Args:
        rate: A number of creates per time, such as "600/min", "10/s" or "5000/hour".

    Raises:
        InvalidInputError: The rate has another form, or is zero.
    """
    if rate is None:
        return 0.0
    match = _RATE.fullmatch(rate.strip()) if isinstance(rate, str) else None
    if match is None or not float(match[1]):
        raise InvalidInputError(f'rate must be text such as "600/min" or "10/s", got {rate!r}')
    return _SECONDS[match[2]] / float(match[1])


class Pace:
    """Spreads creates evenly.

    Args:
        interval: Seconds between two creates.
    """

    def __init__(self, interval: float) -> None:
        self._interval = interval
        self._next = 0.0
        self._lock = threading.Lock()

    def delay(self, now: float) -> float:
        """Reserve the next create, and return the seconds until it may be sent.

        Args:
            now: Time of a clock that never goes back, in seconds.
        """
        with self._lock:
            turn = max(now, self._next)
            self._next = turn + self._interval
            return turn - now
