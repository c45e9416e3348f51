"""When a failed request may be sent again, and after how long. No I/O.

A create that was sent twice is billed twice, so it is repeated only where the server certainly
did not take it: it said 429, or the request never left. What only reads, and what gives the same
result when it is done twice, is repeated on 429, on 5xx and when the connection fails.
"""

from __future__ import annotations

import json
import math
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeAlias

import httpx

Outcome: TypeAlias = httpx.Response | httpx.RequestError
"""An answer, or why there is none."""

MAX_RETRY_AFTER = 60.0
"""Seconds. A server may ask for more; we look again after this long."""

_NEVER = 1e9
"""Seconds that nobody means."""
_FIRST_DELAY = 0.5
_MAX_DELAY = 8.0
_REPEATABLE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "QUERY", "DELETE"})
_OWN_MISTAKES = (httpx.UnsupportedProtocol, httpx.LocalProtocolError)
_NO_CONNECTION = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
_NEVER_SENT = (*_NO_CONNECTION, *_OWN_MISTAKES)
_RESETS_IN = re.compile(r"(?:resets in ~?|available in )(\d+(?:\.\d+)?) ?s")


def is_repeatable(method: str, path: str) -> bool:
    """Say whether a request may be sent again when its outcome is unknown.

    Args:
        method: The HTTP method, in capitals.
        path: The URL's path.
    """
    return method in _REPEATABLE_METHODS or (method == "POST" and path.endswith("/cancel"))


def is_transient(outcome: Outcome) -> bool:
    """Say whether an outcome is one that may pass by itself.

    Args:
        outcome: An answer, or why there is none.
    """
    if isinstance(outcome, httpx.Response):
        return outcome.status_code == 429 or outcome.status_code >= 500
    return not isinstance(outcome, _OWN_MISTAKES)


def was_taken(outcome: Outcome) -> bool:
    """Say whether the server may have acted on a request that failed.

    Args:
        outcome: An answer that is no success, or why there is none.
    """
    if isinstance(outcome, httpx.Response):
        return outcome.status_code >= 500
    return not isinstance(outcome, _NEVER_SENT)


def delay_before_retry(
    method: str,
    path: str,
    outcome: Outcome,
    attempt: int,
    chance: float,
) -> float | None:
    """Return the seconds to wait before sending a request again; None if it must not be.

    Args:
        method: The HTTP method, in capitals.
        path: The URL's path.
        outcome: The answer, or why there is none.
        attempt: How often it was sent already, from 1.
        chance: A random number from 0 to 1, so that clients do not come back all at once.
    """
    if not is_transient(outcome):
        return None
    if was_taken(outcome) and not is_repeatable(method, path):
        return None
    asked = retry_after(outcome) if isinstance(outcome, httpx.Response) else None
    if asked is not None:
        return min(asked, MAX_RETRY_AFTER) * (1 + chance / 10)
    longest = min(_FIRST_DELAY * 2.0 ** min(attempt - 1, 10), _MAX_DELAY)
    return longest * (1 + chance) / 2


def read_problem(content: bytes) -> dict[str, Any]:
    """Return an error's body as an RFC 9457 problem; HTML and empty bodies have nothing to say.

    Args:
        content: The body, whatever it is.
    """
    try:
        problem = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return problem if isinstance(problem, dict) else {}


def retry_after(response: httpx.Response) -> float | None:
    """Return how many seconds an answer asks to wait, None where it does not say.

    Args:
        response: An answer with a ``Retry-After`` header (seconds or a date, RFC 9110 section
            10.2.3), else with ``retry_after`` in its JSON body, else with "resets in ~5s" in its
            ``detail``, as the API's rate limits are documented.
    """
    header = response.headers.get("Retry-After")
    asked = _from_header(header, response.headers.get("Date")) if header else None
    return asked if asked is not None else _from_body(response.content)


def _from_header(value: str, date: str | None) -> float | None:
    try:
        seconds = float(value)
    except ValueError:
        until = _moment(value)
        # By the server's own clock, where it says what that shows.
        now = (date and _moment(date)) or datetime.now(UTC)
        return None if until is None else max((until - now).total_seconds(), 0.0)
    return max(seconds, 0.0) if math.isfinite(seconds) else None


def _moment(text: str) -> datetime | None:
    """Read a date in any of the forms of RFC 9110 section 5.6.7."""
    for read in (parsedate_to_datetime, _asctime):
        try:
            moment = read(text)
        except (ValueError, TypeError):
            continue
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None


def _asctime(text: str) -> datetime:
    return datetime.strptime(text, "%a %b %d %H:%M:%S %Y").replace(tzinfo=UTC)


def _from_body(content: bytes) -> float | None:
    problem = read_problem(content)
    asked = problem.get("retry_after")
    if isinstance(asked, int | float) and not isinstance(asked, bool) and asked >= 0:
        return float(min(asked, _NEVER))
    said = _RESETS_IN.search(str(problem.get("detail", "")))
    return float(said[1]) if said else None
