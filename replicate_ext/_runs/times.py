"""Parse dates and times in the forms that people write. No I/O."""

from __future__ import annotations

import re
import time
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import partial
from typing import TYPE_CHECKING

from replicate_ext._messages import shown
from replicate_ext.errors import InvalidInputError

if TYPE_CHECKING:
    from replicate_ext.types import When


# Ambiguous: dateutil and POSIX read UTC+3 as three hours behind UTC, most people as three ahead.
_NAMED_OFFSET = re.compile(
    r"(?:\b(?:utc|gmt|z)|:\d\d(?:[.,]\d+)?\s*[a-z]{3,5})\s*[+-]\s*\d", re.IGNORECASE
)


# A time of day. dateutil also reads a duration such as 1h as a time of day.
_TIME = re.compile(r"\d:\d\d|\d\s*[ap]\.?m\b", re.IGNORECASE)
_YEAR_FIRST = re.compile(r"\s*\d{4}\D?\d\d?\D?\d\d?")

# Default dates whose year, month and day all differ: they show which parts a text leaves out.
_DAYS = (datetime(2001, 2, 3), datetime(2004, 5, 12))  # noqa: DTZ001 - the time zone comes from the text


def in_utc(name: str, value: When | None, now: datetime | None = None) -> datetime | None:
    """Return a time in UTC; None for None.

    Args:
        name: Name of the argument, for the error message.
        value: The time.
        now: The current time. Default: the time of the system.

    Raises:
        InvalidInputError: The value is not a valid date or time.
    """
    if value is None:
        return None
    try:
        return _time_of(value, now or datetime.now(UTC)).astimezone(UTC)
    except (ValueError, ArithmeticError) as error:
        raise InvalidInputError(
            f"invalid {name} {shown(value)}: {error}. Expected a datetime, a date, a timedelta "
            "(that long ago), or a string such as '2026-11-03 17:00 UTC'"
        ) from None


def _time_of(value: When, now: datetime) -> datetime:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - a date is local
    if isinstance(value, timedelta):
        if value < timedelta(0):
            raise ValueError("a negative timedelta is in the future")
        return now - value
    if isinstance(value, str):
        return _read(value, now)
    raise ValueError(f"the type {type(value).__name__} is not supported")


def _read(text: str, now: datetime) -> datetime:
    from dateutil import parser

    if _NAMED_OFFSET.search(text):
        raise ValueError("it has a time zone and an offset; write only an offset, such as +03:00")
    read = partial(parser.parse, text, tzinfos=_zone)
    first, second = (read(default=day) for day in _DAYS)
    others = read(default=_DAYS[0], dayfirst=True), read(default=_DAYS[0], yearfirst=True)
    if others != (first, first) and not _YEAR_FIRST.match(text):
        raise ValueError("the order of day, month and year is ambiguous; write 2026-11-03")
    if first.date() == second.date():
        return first
    if (first.date(), second.date()) == tuple(day.date() for day in _DAYS):
        if not _TIME.search(text):
            raise ValueError("it is a duration, not a date; pass a timedelta")
        today = now.astimezone()
        return first.replace(year=today.year, month=today.month, day=today.day)
    raise ValueError("the year, the month or the day is missing")


def _zone(name: str | None, offset: int | None) -> tzinfo | None:
    """Return a time zone. Raises an error for an unknown one, which dateutil would ignore."""
    from dateutil import tz

    if offset is not None:
        return tz.tzoffset(name, offset)
    if name is None:
        return None
    if name in time.tzname:
        return tz.tzlocal()
    if name.upper() in ("UTC", "GMT", "Z"):
        return UTC
    raise ValueError(f"the time zone {name!r} is unknown; write an offset, such as +01:00")
