"""Read the times that people write, such as "2 days ago"."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from replicate_ext.types import When

_AGO = re.compile(
    r"\s*(\d{1,6})\s*(s|sec|second|m|min|minute|h|hour|d|day|w|week)s?(\s+ago)?\s*", re.IGNORECASE
)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def read_time(text: str) -> When:
    """Return a duration as a timedelta, and any other text unchanged: the client parses dates.

    Args:
        text: A duration such as "2 days ago" or "90m", or a date such as "2026-11-03 17:00".
    """
    found = _AGO.fullmatch(text)
    if found is None:
        return text
    return timedelta(**{_UNITS[found[2][0].lower()]: int(found[1])})
