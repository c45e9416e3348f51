"""Points in time as people write them. No I/O."""

from __future__ import annotations

import re
import time
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import partial
from typing import TYPE_CHECKING

from replicate_ext.errors import InvalidInputError

if TYPE_CHECKING:
    from replicate_ext._http.options import When


# dateutil reads UTC+3 as three hours behind, as POSIX has it, and others as three hours ahead.
_NAMED_OFFSET = re.compile(
    r"(?:\b(?:utc|gmt|z)|:\d\d(?:[.,]\d+)?\s*[a-z]{3,5})\s*[+-]\s*\d", re.IGNORECASE
)


# dateutil reads 1h as one o'clock too.
_TIME = re.compile(r"\d:\d\d|\d\s*[ap]\.?m\b", re.IGNORECASE)
_YEAR_FIRST = re.compile(r"\s*\d{4}\D?\d\d?\D?\d\d?")

# Two days that have nothing in common: what a text leaves out is different in them.
_DAYS = (datetime(2001, 2, 3), datetime(2004, 5, 12))  # noqa: DTZ001 - the texts have the zones


def in_utc(name: str, value: When | None, now: datetime | None = None) -> datetime | None:
    """Return a time in UTC; None for None.

    Args:
        name: Name of the argument, for the message.
        value: The time as the caller gave it.
        now: The present time. Default: the system's.

    Raises:
        InvalidInputError: It is not a valid date or time.
    """
    if value is None:
        return None
    try:
        return _moment(value, now or datetime.now(UTC)).astimezone(UTC)
    except (ValueError, ArithmeticError) as error:
        raise InvalidInputError(
            f"{name} is not a valid date or time: {value!r} ({error}). Use a datetime, a date, a "
            "timedelta (that long ago) or text such as '2026-11-03 17:00 UTC'"
        ) from None


def _moment(value: When, now: datetime) -> datetime:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - local, as a date is
    if isinstance(value, timedelta):
        if value < timedelta(0):
            raise ValueError("it is negative, which is in the future")
        return now - value
    if isinstance(value, str):
        return _read(value, now)
    raise ValueError(f"{type(value).__name__} is none of these")


def _read(text: str, now: datetime) -> datetime:
    from dateutil import parser

    if _NAMED_OFFSET.search(text):
        raise ValueError("of a zone's name and an offset only one can be: write +03:00 alone")
    read = partial(parser.parse, text, tzinfos=_zone)
    first, second = (read(default=day) for day in _DAYS)
    others = read(default=_DAYS[0], dayfirst=True), read(default=_DAYS[0], yearfirst=True)
    if others != (first, first) and not _YEAR_FIRST.match(text):
        raise ValueError("its day, month and year could be in any order: write 2026-11-03")
    if first.date() == second.date():
        return first
    if (first.date(), second.date()) == tuple(day.date() for day in _DAYS):
        if not _TIME.search(text):
            raise ValueError("for that long ago give a timedelta")
        today = now.astimezone()
        return first.replace(year=today.year, month=today.month, day=today.day)
    raise ValueError("it leaves out a part of the date")


def _zone(name: str | None, offset: int | None) -> tzinfo | None:
    """A zone that is not known must not be passed over, as dateutil does by itself."""
    from dateutil import tz

    if offset is not None:
        return tz.tzoffset(name, offset)
    if name is None:
        return None
    if name in time.tzname:
        return tz.tzlocal()
    if name.upper() in ("UTC", "GMT", "Z"):
        return UTC
    raise ValueError(f"the time zone {name!r} is not known; an offset like +01:00 is")
