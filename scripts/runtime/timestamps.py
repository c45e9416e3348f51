"""Reading and writing timestamps."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

_TIMESTAMP = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d([.,]\d+)?)? ?(Z|UTC|GMT|[+-]\d\d:?\d\d)?"
)


def timestamp(value: Any) -> Any:
    """Return a string as an aware datetime; return any other value unchanged.

    A string that is not a timestamp is returned unchanged too.

    Args:
        value: A value from JSON. Digits beyond microseconds are dropped. A time without a zone is
            in UTC.
    """
    if not isinstance(value, str):
        return value
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return _unusual_timestamp(value)
    return aware(moment)


def _unusual_timestamp(value: str) -> datetime | str:
    if not _TIMESTAMP.fullmatch(value):
        return value
    from dateutil import parser

    try:
        moment = parser.parse(value)
        moment.utcoffset()  # raises ValueError for an offset of a day or more
    except (ValueError, OverflowError):
        return value
    return aware(moment)


def aware(moment: datetime) -> datetime:
    """Return a datetime with a zone: UTC if it has none.

    Args:
        moment: A datetime.
    """
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def rfc3339(moment: datetime) -> str:
    """Return a datetime as RFC 3339 text.

    Args:
        moment: A datetime. Without a zone it is in UTC.
    """
    return aware(moment).isoformat().replace("+00:00", "Z")
