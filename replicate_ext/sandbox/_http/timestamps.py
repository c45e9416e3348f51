"""Timestamps in the formats of the API."""

from datetime import UTC, datetime

NANOSECONDS = 1_000_000_000


def rfc3339(nanoseconds: int, *, digits: int = 9) -> str:
    """Return a time as RFC 3339 in UTC, without trailing zeros.

    Args:
        nanoseconds: nanoseconds since 1970, as `time.time_ns()` returns.
        digits: maximum number of digits in the fraction of a second, 0 to 9. Default: 9.
    """
    seconds, rest = divmod(nanoseconds, NANOSECONDS)
    whole = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    fraction = f"{rest:09d}"[:digits].rstrip("0")
    return f"{whole}.{fraction}Z" if fraction else f"{whole}Z"


def milliseconds(nanoseconds: int) -> str:
    """Return a time as RFC 3339 with up to three digits, as in `created_at` of predictions."""
    return rfc3339(nanoseconds, digits=3)
