"""Request headers for creating predictions: `Prefer` and `Cancel-After`.

https://replicate.com/docs/topics/predictions/create-a-prediction
https://replicate.com/docs/topics/predictions/lifecycle
"""

import re
from collections.abc import Iterable
from urllib.request import parse_http_list

from replicate_ext.sandbox._http.problems import InvalidField, invalid_input

LONGEST_WAIT = 60
SHORTEST_LIFETIME = 5
LONGEST_LIFETIME = 24 * 60 * 60

# Longer numbers are out of range anyway, and `int` raises for very long ones.
_NUMBER = "([0-9]{1,9})"
_SECONDS = re.compile(_NUMBER)
_DURATION = re.compile(f"{_NUMBER}|(?:{_NUMBER}h)?(?:{_NUMBER}m)?(?:{_NUMBER}s)?")


def wait(prefer: Iterable[str]) -> int | None:
    """Return the seconds for which `Prefer: wait` asks to hold the response, or None.

    An invalid preference is ignored. If a preference is repeated, the first one counts (RFC 7240).

    Args:
        prefer: values of the header, which may be repeated.
    """
    for preference in parse_http_list(",".join(prefer)):
        name, _, value = preference.partition(";")[0].partition("=")
        if name.strip().lower() == "wait":
            text = value.strip().strip('"') or str(LONGEST_WAIT)
            seconds = int(text) if _SECONDS.fullmatch(text) else 0
            return seconds if 1 <= seconds <= LONGEST_WAIT else None
    return None


def lifetime(cancel_after: str | None) -> float | None:
    """Return the number of seconds in `Cancel-After`, or None.

    Args:
        cancel_after: value of the header, such as `30`, `30s`, `5m` or `1h30m45s`, or None.

    Raises:
        Problem: 422 when it is not a duration from 5 seconds to 24 hours.
    """
    if cancel_after is None:
        return None
    match = _DURATION.fullmatch(cancel_after.strip())
    parts = match.groups(default="0") if match else ("0",) * 4
    bare, hours, minutes, seconds = map(int, parts)
    total = bare + hours * 3600 + minutes * 60 + seconds
    if not SHORTEST_LIFETIME <= total <= LONGEST_LIFETIME:
        description = "Must be a duration from 5s to 24h"
        raise invalid_input([InvalidField("format", "Cancel-After", description)])
    return total
