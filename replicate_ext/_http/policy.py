"""When a failed request may be sent again, and after how long. No I/O.

A create that is sent twice is billed twice, so it is repeated only where the server certainly did
not take it: the request never left, or the status says so. What only reads, and what does no harm
when it is done twice, is repeated after every transient failure.

What is transient is decided here and nowhere else: creates, reads, uploads, polls and streams ask
the same functions.
"""

from __future__ import annotations

import ssl
from typing import TypeAlias

import httpx

from replicate_ext._http.reading import ResponseTooLarge
from replicate_ext._problem import retry_after

Outcome: TypeAlias = httpx.Response | httpx.RequestError
"""An answer, or why there is none."""

MAX_RETRY_AFTER = 60.0
"""Seconds. A server may ask for more; we look again after this long."""

_FIRST_DELAY = 0.5
_MAX_DELAY = 8.0
_LATENESS = 0.14
"""Part of a run's length so far: polling this much later keeps a result at most 15 % late."""
SHORTEST_INTERVAL = 0.1
_LONGEST_INTERVAL = 5.0
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
    return back_off(attempt, chance, asked)


def back_off(failures: int, chance: float, asked: float | None = None) -> float:
    """Return the seconds to wait after a failure, for retries and polls alike.

    Args:
        failures: Number of failures in a row, from 1.
        chance: A random number from 0 to 1: jitter, so that clients do not return all at once.
        asked: Seconds that the server asked for, if it did.
    """
    if asked is not None:
        return min(asked, MAX_RETRY_AFTER) * (1 + chance / 10)
    longest = min(_FIRST_DELAY * 2.0 ** min(failures - 1, 10), _MAX_DELAY)
    return longest * (1 + chance) / 2


def adaptive_interval(elapsed: float) -> float:
    """Return the seconds until the next poll of a run.

    Args:
        elapsed: Seconds since the caller began.
    """
    return min(max(_LATENESS * elapsed, SHORTEST_INTERVAL), _LONGEST_INTERVAL)
