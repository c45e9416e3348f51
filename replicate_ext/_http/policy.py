"""Whether to retry a failed request, and after how many seconds. No I/O.

A create that is sent twice is billed twice. So it is retried only if the server certainly did not
accept it: the request was never sent, or the status code says so. Requests that are safe to repeat
are retried after every transient failure.

Creates, reads, uploads, polls and streams all use these functions; no other module decides which
failures are transient.
"""

from __future__ import annotations

import ssl
from typing import TypeAlias

import httpx

from replicate_ext._http.reading import ResponseTooLarge
from replicate_ext._problem import retry_after

Outcome: TypeAlias = httpx.Response | httpx.RequestError
"""The response to a request, or the error that was raised instead."""

MAX_RETRY_AFTER = 60.0
"""Maximum seconds before a retry; a longer delay in a response is shortened to this."""

_FIRST_DELAY = 0.5
_MAX_DELAY = 8.0
_LATENESS = 0.14
"""Poll interval as a fraction of the run's age, so that a result is found at most 15 % late."""
SHORTEST_INTERVAL = 0.1
_LONGEST_INTERVAL = 5.0
_REPEATABLE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "QUERY", "DELETE"})
_NOT_ACCEPTED = frozenset({408, 425, 429})
"""Statuses that mean: the server did not act on the request, and may accept it later.

RFC 9110 section 15.5.9 (408), RFC 8470 section 5.2 (425), RFC 6585 section 4 (429).
"""
_INVALID_REQUEST = (httpx.UnsupportedProtocol, httpx.LocalProtocolError)
_PERMANENT = (*_INVALID_REQUEST, ResponseTooLarge)
_NO_CONNECTION = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
_NEVER_SENT = (*_NO_CONNECTION, *_INVALID_REQUEST)
_PERMANENT_TLS_REASONS = frozenset({"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNSUPPORTED_PROTOCOL"})


def is_repeatable(method: str) -> bool:
    """Return whether a request with a method is safe to repeat when its outcome is unknown.

    Args:
        method: The HTTP method in upper case.
    """
    return method in _REPEATABLE_METHODS


def is_transient(outcome: Outcome) -> bool:
    """Return whether a failure may be temporary, so that a retry can succeed.

    Args:
        outcome: An unsuccessful response, or the error that was raised instead.
    """
    if isinstance(outcome, httpx.Response):
        return outcome.status_code in _NOT_ACCEPTED or outcome.status_code >= 500
    return not isinstance(outcome, _PERMANENT) and not has_lasting_tls_error(outcome)


def has_lasting_tls_error(error: BaseException) -> bool:
    """Return whether an error has a TLS cause that a retry cannot fix, such as a bad certificate.

    Args:
        error: The connection error; its causes are searched.
    """
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError) or (
            isinstance(cause, ssl.SSLError)
            and getattr(cause, "reason", None)
            in _PERMANENT_TLS_REASONS  # not every SSLError has it
        ):
            return True
        cause = cause.__cause__ or cause.__context__
    return False


def may_have_acted(outcome: Outcome) -> bool:
    """Return whether the server may have acted on a failed request.

    Args:
        outcome: An unsuccessful response, or the error that was raised instead.
    """
    if isinstance(outcome, httpx.Response):
        return outcome.status_code >= 500
    return not isinstance(outcome, _NEVER_SENT)


def delay_before_retry(
    outcome: Outcome, attempt: int, chance: float, *, repeatable: bool
) -> float | None:
    """Return the seconds to wait before a retry; None if the request must not be retried.

    Args:
        outcome: The unsuccessful response, or the error that was raised instead.
        attempt: Number of times that the request was sent so far, from 1.
        chance: A random number from 0 to 1 for the jitter: clients should not all retry at once.
        repeatable: Whether the request is safe to repeat if the server has acted on it.
    """
    if not is_transient(outcome) or (may_have_acted(outcome) and not repeatable):
        return None
    requested = retry_after(outcome) if isinstance(outcome, httpx.Response) else None
    return back_off(attempt, chance, requested)


def back_off(failures: int, chance: float, requested: float | None = None) -> float:
    """Return the seconds to wait after a failure, for both retries and polls.

    Args:
        failures: Number of failures in a row, from 1.
        chance: A random number from 0 to 1 for the jitter: clients should not all retry at once.
        requested: Delay that the response asks for, in seconds; None if it asks for none.
    """
    if requested is not None:
        return min(requested, MAX_RETRY_AFTER) * (1 + chance / 10)
    longest = min(_FIRST_DELAY * 2.0 ** min(failures - 1, 10), _MAX_DELAY)
    return longest * (1 + chance) / 2


def adaptive_interval(elapsed: float) -> float:
    """Return the seconds until the next poll of a run.

    Args:
        elapsed: Seconds since the call started.
    """
    return min(max(_LATENESS * elapsed, SHORTEST_INTERVAL), _LONGEST_INTERVAL)
