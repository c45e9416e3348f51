"""Sending requests, again where that is safe, and saying what went wrong. No I/O: flows."""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

import httpx

from replicate_ext._http import policy
from replicate_ext._http.flow import Flow, exchange, sleep
from replicate_ext._http.options import hold_seconds
from replicate_ext._http.reading import ResponseTooLarge
from replicate_ext.errors import (
    APIConnectionError,
    APIError,
    APITimeoutError,
    InvalidResponseError,
    OutcomeUnknownError,
    describe,
    error_for,
    without_traces,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from replicate_api.types import RequestArguments

    from replicate_ext._http.policy import Outcome
    from replicate_ext._http.settings import Settings

T = TypeVar("T")

log = logging.getLogger("replicate_ext")

_GRACE = 2.0
"""Seconds beyond the deadline in which a held answer may still arrive."""

OUTCOME_UNKNOWN = (
    "It is not known whether the API took it, so it was not sent again: look at what is there "
    "(client.predictions.list() for runs) before you repeat it"
)


_CERTIFICATE_ADVICE = (
    "Check the host and the scheme of base_url. If the certificate is one of your own, or a "
    "proxy's, trust it with verify='path/to/certificates.pem' or SSL_CERT_FILE"
)


def send(
    settings: Settings,
    arguments: RequestArguments,
    *,
    deadline: float | None = None,
    wait: bool | float = False,
    max_retries: int | None = None,
    repeatable: bool | None = None,
    hint: Callable[[APIError], str] | None = None,
) -> Flow[httpx.Response]:
    """Send a request, again where that is safe, and return its answer if it is a success.

    Args:
        settings: The client's settings.
        arguments: The request; its URL is a path or absolute.
        deadline: The clock's time after which nothing is waited for.
        wait: For how long the API is to hold its answer, as ``run`` takes it.
        max_retries: In place of the client's own.
        repeatable: Whether the request does no harm when it is done twice; by default as its
            method says.
        hint: Returns what the caller may do about an error; an empty text for nothing.

    Raises:
        APIError: The kind tells what happened.
    """
    method, path = arguments["method"], arguments["url"].partition("?")[0]
    retries = settings.max_retries if max_retries is None else max_retries
    may_repeat = policy.is_repeatable(method) if repeatable is None else repeatable
    attempt = 0
    may_be_done = False
    while True:
        if deadline is not None and settings.clock.now() >= deadline:
            request = httpx.Request(method, settings.absolute(path))
            late = APITimeoutError("the deadline passed before it was sent", request)
            late.is_transient = True
            raise late
        attempt += 1
        outcome = yield from _attempt(settings, arguments, deadline, wait, attempt)
        if isinstance(outcome, httpx.Response) and (
            outcome.is_success
            # A DELETE finds nothing any more where an earlier try did its work.
            or (method == "DELETE" and outcome.status_code == 404 and may_be_done)
        ):
            return outcome
        may_be_done = may_be_done or policy.was_taken(outcome)
        delay = (
            policy.delay_before_retry(
                outcome, attempt, settings.clock.chance(), repeatable=may_repeat
            )
            if attempt <= retries
            else None
        )
        if delay is None or (deadline is not None and settings.clock.now() + delay >= deadline):
            raise _error(outcome, hint, repeatable=may_repeat)
        log.info("%s %s: %s; again in %.1f s", method, path, _brief(outcome), delay)
        yield from sleep(delay)


def _attempt(
    settings: Settings,
    arguments: RequestArguments,
    deadline: float | None,
    wait: bool | float,  # noqa: FBT001 - as run has it
    attempt: int,
) -> Flow[Outcome]:
    started = settings.clock.now()
    left = None if deadline is None else deadline - started
    hold = hold_seconds(wait, left)
    timeout = _timeout(settings.timeout, left, hold)
    # A held answer is due by the deadline; a moment more, and it is known what became of the run.
    until = None if deadline is None else deadline + (_GRACE if hold else 0.0)
    try:
        outcome: Outcome = yield from exchange(_held(arguments, hold), timeout, until)
    except httpx.RequestError as error:  # no answer, or one that cannot be decoded
        outcome = without_traces(error)
    if log.isEnabledFor(logging.DEBUG):
        # Without the query: it can carry a signature.
        url = settings.absolute(arguments["url"].partition("?")[0])
        seconds = settings.clock.now() - started
        what = outcome.status_code if isinstance(outcome, httpx.Response) else _brief(outcome)
        log.debug(
            "%s %s: %s in %.3f s (attempt %d)", arguments["method"], url, what, seconds, attempt
        )
    return outcome


def perform(
    settings: Settings,
    arguments: RequestArguments,
    parse: Callable[[httpx.Response], T],
    *,
    repeatable: bool = False,
) -> Flow[T]:
    """Perform one operation: send its request and return the object of its answer.

    Args:
        settings: The client's settings.
        arguments: The request, as the operation's module makes it.
        parse: What reads the answer, from the same module.
        repeatable: Whether the operation does no harm when it is done twice.

    Raises:
        APIError: The kind tells what happened.
    """
    flow = _performed(settings, arguments, parse, repeatable=repeatable)
    return (yield from flow if repeatable else once(flow))


def _performed(
    settings: Settings,
    arguments: RequestArguments,
    parse: Callable[[httpx.Response], T],
    *,
    repeatable: bool,
) -> Flow[T]:
    response = yield from send(settings, arguments, repeatable=repeatable)
    try:
        made = parse(response)
    except (ValueError, RecursionError):
        raise not_the_api(response) from None  # the cause has the whole body
    if arguments["method"] == "POST" and not repeatable and not _has_identity(made):
        raise not_the_api(response)
    return made


def _has_identity(made: object) -> bool:
    """Say whether an object has the id, or else the name, that objects of its kind have."""
    for name in ("id", "name"):
        if hasattr(made, name):
            return bool(getattr(made, name))
    return True


def once(flow: Flow[T]) -> Flow[T]:
    """Run a flow that must not be repeated, so that nobody takes its failure for nothing done.

    Args:
        flow: Sends one request that the API may act on though its answer is not understood.

    Raises:
        OutcomeUnknownError: The answer is not the API's.
    """
    return noted(understood(flow), lambda: False)


def understood(flow: Flow[T]) -> Flow[T]:
    """Run a flow that creates something; what it creates may exist though the answer is odd.

    Args:
        flow: Sends one request and reads the answer.

    Raises:
        OutcomeUnknownError: The answer is not the API's.
    """
    try:
        return (yield from flow)
    except InvalidResponseError as error:
        message = f"{error.message}. {OUTCOME_UNKNOWN}"
        raise OutcomeUnknownError(message, error.request, error.response) from error


def noted(flow: Flow[T], is_known: Callable[[], bool]) -> Flow[T]:
    """Run a flow; note on what interrupts it that its outcome is unknown.

    Args:
        flow: Sends one request.
        is_known: Returns whether the answer came in spite of the interruption.
    """
    try:
        return (yield from flow)
    except GeneratorExit:
        raise
    except BaseException as error:
        if not (isinstance(error, Exception) or is_known()):
            error.add_note(f"Interrupted before the API answered. {OUTCOME_UNKNOWN}")
        raise


def _held(arguments: RequestArguments, hold: int) -> RequestArguments:
    if not hold:
        return arguments
    held = arguments.copy()
    held["headers"] = {**arguments.get("headers", {}), "Prefer": f"wait={hold}"}
    return held


def _timeout(usual: httpx.Timeout, left: float | None, hold: float) -> httpx.Timeout:
    if left is None and not hold:
        return usual
    read = None if usual.read is None else usual.read + hold
    if left is None:
        return httpx.Timeout(usual.connect, read=read, write=usual.write, pool=usual.pool)
    least = max(left, 0.001)

    def within(seconds: float | None, most: float = least) -> float:
        return most if seconds is None else min(seconds, most)

    return httpx.Timeout(
        connect=within(usual.connect),
        read=within(read, least + (_GRACE if hold else 0.0)),
        write=within(usual.write),
        pool=within(usual.pool),
    )


def _error(
    outcome: Outcome, hint: Callable[[APIError], str] | None, *, repeatable: bool
) -> APIError:
    error = _error_of(outcome, repeatable=repeatable)
    if isinstance(outcome, httpx.Response) and hint is not None and (advice := hint(error)):
        error = type(error)(f"{error.message}. {advice}", error.request, error.response)
    error.is_transient = policy.is_transient(outcome)
    if not isinstance(outcome, httpx.Response):
        error.__cause__ = without_traces(outcome)
    return error


def _error_of(outcome: Outcome, *, repeatable: bool) -> APIError:
    response = outcome if isinstance(outcome, httpx.Response) else None
    if policy.was_taken(outcome) and not repeatable:
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


def _failure(outcome: Outcome) -> str:
    return f"{_brief(outcome).removesuffix('.')} ({outcome.request.url.netloc.decode()})"


def _brief(outcome: Outcome) -> str:
    if isinstance(outcome, httpx.Response):
        return str(outcome.status_code)  # a reason phrase may repeat the token
    return f"{type(outcome).__name__}: {outcome}" if str(outcome) else type(outcome).__name__


def read_object(response: httpx.Response) -> dict[str, Any]:
    """Return the JSON object of a successful answer.

    Raises:
        InvalidResponseError: It is none.
    """
    try:
        value = response.json()
    except (ValueError, RecursionError):
        value = None
    if isinstance(value, dict):
        return value
    raise not_the_api(response)


def not_the_api(response: httpx.Response) -> InvalidResponseError:
    """Return the error for a success that does not have what the API answers."""
    said = describe(response)
    with suppress(ValueError, RecursionError):
        response.json()  # JSON of another shape is not shown: a success may hold a secret
        said = f"{response.status_code} {response.reason_phrase}"
    message = f"{said}. This is not the API's JSON: check base_url, and any proxy"
    return InvalidResponseError(message, response.request, response)
