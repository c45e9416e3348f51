"""Errors for requests that failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from replicate_ext._http import policy
from replicate_ext._http.reading import ResponseTooLarge
from replicate_ext._http.responses import not_the_api
from replicate_ext._http.status_errors import error_for
from replicate_ext._problem import describe
from replicate_ext._redaction import without_traces
from replicate_ext.errors import (
    APIConnectionError,
    APIError,
    APITimeoutError,
    InvalidResponseError,
    OutcomeUnknownError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from replicate_ext._http.policy import Outcome

OUTCOME_UNKNOWN = (
    "The request may have succeeded, so it was not retried. Check whether it did "
    "(client.predictions.list() for predictions) before sending it again"
)

_CERTIFICATE_ADVICE = (
    "Check the host and the scheme of base_url. If the certificate is your own or a proxy's, trust "
    "it with verify='path/to/certificates.pem' or SSL_CERT_FILE"
)


def error_of(
    outcome: Outcome, hint: Callable[[APIError], str] | None, *, repeatable: bool
) -> APIError:
    """Return the error for a request that failed.

    Args:
        outcome: The response, or the exception that was raised instead.
        hint: Returns advice on an error; an empty string if there is none.
        repeatable: Whether the request may be sent again.
    """
    error = _error_of(outcome, repeatable=repeatable)
    if isinstance(outcome, httpx.Response) and hint is not None and (advice := hint(error)):
        error = type(error)(f"{error.message}. {advice}", error.request, error.response)
    error.is_transient = policy.is_transient(outcome)
    if not isinstance(outcome, httpx.Response):
        error.__cause__ = without_traces(outcome)
    return error


def _error_of(outcome: Outcome, *, repeatable: bool) -> APIError:
    response = outcome if isinstance(outcome, httpx.Response) else None
    if policy.may_have_acted(outcome) and not repeatable:
        message = describe(response) if response is not None else _failure(outcome)
        return OutcomeUnknownError(f"{message}. {OUTCOME_UNKNOWN}", outcome.request, response)
    if isinstance(outcome, httpx.Response):
        return error_for(outcome)
    if isinstance(outcome, ResponseTooLarge):
        return InvalidResponseError(_failure(outcome), outcome.request)
    if isinstance(outcome, httpx.TimeoutException):
        return APITimeoutError(_failure(outcome), outcome.request)
    advice = f". {_CERTIFICATE_ADVICE}" if policy.has_lasting_tls_error(outcome) else ""
    return APIConnectionError(_failure(outcome) + advice, outcome.request)


def low_level_error(outcome: Outcome, *, repeatable: bool) -> APIError:
    """Return the error of a low-level function, which sends one request.

    Args:
        outcome: The response, or the exception that was raised instead. A successful response is
            one that could not be read.
        repeatable: Whether the request may be sent again.
    """
    if not isinstance(outcome, httpx.Response) or not outcome.is_success:
        return error_of(outcome, None, repeatable=repeatable)
    error = not_the_api(outcome)
    return error if repeatable else unknown_outcome(error)


def unknown_outcome(error: InvalidResponseError) -> OutcomeUnknownError:
    """Return the error for a request that may have succeeded without a response from the API.

    Args:
        error: What is wrong with the response.
    """
    return OutcomeUnknownError(f"{error.message}. {OUTCOME_UNKNOWN}", error.request, error.response)


def note_interruption(error: BaseException) -> None:
    """Add a note to an interruption: the outcome of its request is unknown.

    Args:
        error: The interruption: Ctrl-C or a cancellation.
    """
    error.add_note(f"Interrupted before the API responded. {OUTCOME_UNKNOWN}")


def _failure(outcome: Outcome) -> str:
    return f"{brief(outcome).removesuffix('.')} ({outcome.request.url.netloc.decode()})"


def brief(outcome: Outcome) -> str:
    """Return a short description of an outcome for the log.

    Args:
        outcome: The response, or the exception that was raised instead.
    """
    if isinstance(outcome, httpx.Response):
        return str(outcome.status_code)  # without the reason phrase, which may repeat the token
    return f"{type(outcome).__name__}: {outcome}" if str(outcome) else type(outcome).__name__
