"""When a failed request may be sent again, and after how long. No I/O.

A create that is sent twice is billed twice, so it is repeated only where the server certainly did
not take it: the request never left, or the status says so. What only reads, and what does no harm
when it is done twice, is repeated after every transient failure.

What is transient is decided here and nowhere else: creates, reads, uploads, polls and streams ask
the same functions.
"""

from __future__ import annotations

import json
import math
import re
import ssl
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeAlias

import httpx

from replicate_ext._reading import ResponseTooLarge

Outcome: TypeAlias = httpx.Response | httpx.RequestError
"""An answer, or why there is none."""

MAX_RETRY_AFTER = 60.0
"""Seconds. A server may ask for more; we look again after this long."""

_NEVER = 1e9
"""Seconds that nobody means."""
_FIRST_DELAY = 0.5
_MAX_DELAY = 8.0
_REPEATABLE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "QUERY", "DELETE"})
_NOT_TAKEN = frozenset({408, 425, 429})
"""Statuses of requests that the server did not act on, and may take later.

RFC 9110 section 15.5.9 (408), RFC 8470 section 5.2 (425), RFC 6585 section 4 (429).
"""
_OWN_MISTAKES = (httpx.UnsupportedProtocol, httpx.LocalProtocolError)
_LASTING = (*_OWN_MISTAKES, ResponseTooLarge)
_NO_CONNECTION = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
_NEVER_SENT = (*_NO_CONNECTION, *_OWN_MISTAKES)
_LASTING_TLS_REASONS = frozenset({"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNSUPPORTED_PROTOCOL"})
_RESETS_IN = re.compile(r"(?:resets in ~?|available in )(\d+(?:\.\d+)?) ?s")


def is_repeatable(method: str) -> bool:
    """Say whether a method may be sent again when the outcome is unknown.

    Args:
        method: The HTTP method, in capitals.
    """
    return method in _REPEATABLE_METHODS


def is_transient(outcome: Outcome) -> bool:
    """Say whether a failure may pass by itself.

    Args:
        outcome: A response, or the error that took its place.
    """
    if isinstance(outcome, httpx.Response):
        return outcome.status_code in _NOT_TAKEN or outcome.status_code >= 500
    return not isinstance(outcome, _LASTING) and not has_lasting_tls_error(outcome)


def has_lasting_tls_error(error: BaseException) -> bool:
    """Say whether a connection failed for a TLS error that another try meets again.

    Args:
        error: Why there is no connection, with its causes.
    """
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError) or (
            isinstance(cause, ssl.SSLError)
            and getattr(cause, "reason", None) in _LASTING_TLS_REASONS  # some have none
        ):
            return True
        cause = cause.__cause__ or cause.__context__
    return False


def was_taken(outcome: Outcome) -> bool:
    """Say whether the server may have acted on a request that failed.

    Args:
        outcome: A response that is no success, or the error that took its place.
    """
    if isinstance(outcome, httpx.Response):
        return outcome.status_code >= 500
    return not isinstance(outcome, _NEVER_SENT)


def delay_before_retry(
    outcome: Outcome, attempt: int, chance: float, *, repeatable: bool
) -> float | None:
    """Return the seconds to wait before sending a request again; None if it must not be.

    Args:
        outcome: The response, or the error that took its place.
        attempt: How often the request was sent already, from 1.
        chance: A random number from 0 to 1, so that clients do not come back all at once.
        repeatable: Whether the request may be sent again when the server may have acted on it.
    """
    if not is_transient(outcome) or (was_taken(outcome) and not repeatable):
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
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        except (ValueError, TypeError, ArithmeticError):  # a zone of a day or more, year 0
            continue
    return None


def _asctime(text: str) -> datetime:
    return datetime.strptime(text, "%a %b %d %H:%M:%S %Y").replace(tzinfo=UTC)


def _from_body(content: bytes) -> float | None:
    problem = read_problem(content)
    asked = problem.get("retry_after")
    if isinstance(asked, int | float) and not isinstance(asked, bool) and asked >= 0:
        return float(min(asked, _NEVER))
    detail = problem.get("detail")
    said = _RESETS_IN.search(detail) if isinstance(detail, str) else None
    return float(said[1]) if said else None
