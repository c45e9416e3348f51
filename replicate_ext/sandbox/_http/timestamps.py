"""Time stamps as the API writes them."""

from datetime import UTC, datetime

NANOSECONDS = 1_000_000_000


def rfc3339(nanoseconds: int, *, digits: int = 9) -> str:
    """Write a time as RFC 3339 in UTC, without trailing zeros.

    Args:
        nanoseconds: the time since 1970, as `time.time_ns()` gives it.
        digits: how many digits the fraction of a second may have, from 0 to 9.
    """
    seconds, rest = divmod(nanoseconds, NANOSECONDS)
    whole = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    fraction = f"{rest:09d}"[:digits].rstrip("0")
    return f"{whole}.{fraction}Z" if fraction else f"{whole}Z"


def milliseconds(nanoseconds: int) -> str:
    """Write a time as RFC 3339 with up to three digits, as the API does when it creates things."""
    return rfc3339(nanoseconds, digits=3)
