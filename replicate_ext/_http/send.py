"""Sending requests, and retrying them where that is safe. No I/O: flows."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, TypeGuard, TypeVar, cast

import httpx

from replicate_ext._http import policy
from replicate_ext._http.checks import check_exchange_timeout, hold_seconds
from replicate_ext._http.failures import (
    brief,
    error_of,
    note_interruption,
    unknown_outcome,
)
from replicate_ext._http.flow import Exchange, Flow, sleep
from replicate_ext._http.responses import not_the_api
from replicate_ext._http.throttle import throttle_of, wait_for_turn
from replicate_ext._redaction import without_traces
from replicate_ext.errors import APIError, APITimeoutError, InvalidResponseError

if TYPE_CHECKING:
    from collections.abc import Callable

    from replicate_api.types import RequestArguments

    from replicate_ext._http.policy import Outcome
    from replicate_ext._http.settings import Settings

T = TypeVar("T")

_log = logging.getLogger("replicate_ext")

_BOUND = frozenset({"Prediction", "PredictionPage", "Training", "TrainingPage"})
"""Generated classes that are bound to the client; by name, because importing them is slow."""

_LONG_WAIT = 1.0
"""A warning is logged once when the retries of a request have waited this many seconds."""

_GRACE = 2.0
"""Seconds beyond the deadline in which a held response may still arrive."""


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
    """Send a request, retry it where that is safe, and return its response if it is a success.

    Args:
        settings: Settings of the client.
        arguments: The request. Its URL is a path or absolute.
        deadline: Clock time of the deadline; None for no deadline.
        wait: How long the API holds its response; the ``wait`` argument of ``run``.
        max_retries: Maximum number of retries. Default: the client's.
        repeatable: Whether the request may be repeated when its outcome is unknown. Default:
            depends on its HTTP method.
        hint: Returns advice on an error; an empty string if there is none.

    Raises:
        APIError: The request failed.
    """
    method = arguments["method"]
    retries = settings.max_retries if max_retries is None else max_retries
    may_repeat = policy.is_repeatable(method) if repeatable is None else repeatable
    throttle = throttle_of(settings, arguments)
    attempt = 0
    may_be_done = is_warned = False
    waited = 0.0
    while True:
        attempt += 1
        if throttle is not None:
            yield from wait_for_turn(settings, throttle, deadline)
        exchange = _exchange(settings, arguments, deadline, wait)
        started = settings.clock.now()
        try:
            # Yielded directly: the helper `exchange` would make every request slower.
            outcome: Outcome = yield exchange
        except httpx.RequestError as error:  # no response, or one that cannot be decoded
            outcome = without_traces(error)
        _log_attempt(settings, arguments, outcome, started, attempt)
        if throttle is not None:
            throttle.learn(outcome, started, settings.clock.now())
        elif _is_too_many(outcome) and settings.is_of_api(arguments["url"]):
            settings.throttle.pause(outcome, settings.clock.now())
        if isinstance(outcome, httpx.Response) and (
            outcome.is_success
            # A repeated DELETE finds nothing if an earlier attempt has succeeded.
            or (method == "DELETE" and outcome.status_code == 404 and may_be_done)
        ):
            return outcome
        may_be_done = may_be_done or policy.may_have_acted(outcome)
        delay = (
            policy.delay_before_retry(
                outcome, attempt, settings.clock.chance(), repeatable=may_repeat
            )
            if attempt <= retries
            else None
        )
        if delay is None or (deadline is not None and settings.clock.now() + delay >= deadline):
            raise error_of(outcome, hint, repeatable=may_repeat)
        waited += delay
        path = arguments["url"].partition("?")[0]
        level = logging.INFO if is_warned or waited < _LONG_WAIT else logging.WARNING
        is_warned = is_warned or level == logging.WARNING
        _log.log(level, "%s %s: %s; retrying in %.1f s", method, path, brief(outcome), delay)
        yield from sleep(delay)


def _exchange(
    settings: Settings,
    arguments: RequestArguments,
    deadline: float | None,
    wait: bool | float,  # noqa: FBT001 - as run has it
) -> Exchange:
    """Return one attempt, with the time that is left for it.

    Raises:
        APITimeoutError: No time is left.
    """
    left = None if deadline is None else deadline - settings.clock.now()
    if left is not None and left <= 0:
        url = settings.absolute(arguments["url"].partition("?")[0])
        request = httpx.Request(arguments["method"], url)
        late = APITimeoutError("the deadline passed before the request was sent", request)
        late.is_transient = True
        raise late
    hold = hold_seconds(wait, left)
    usual = arguments.get("timeout", settings.timeout)
    if not isinstance(usual, httpx.Timeout):
        usual = check_exchange_timeout(usual)
    timeout = _timeout(usual, left, hold)
    # The API ends a hold at the deadline, so its response may arrive shortly after that.
    until = None if deadline is None else deadline + (_GRACE if hold else 0.0)
    return Exchange(_held(arguments, hold), timeout, until)


def _log_attempt(
    settings: Settings,
    arguments: RequestArguments,
    outcome: Outcome,
    started: float,
    attempt: int,
) -> None:
    if _log.isEnabledFor(logging.DEBUG):
        # Without the query: it can carry a signature.
        url = settings.absolute(arguments["url"].partition("?")[0])
        seconds = settings.clock.now() - started
        _log.debug(
            "%s %s: %s in %.3f s (attempt %d)",
            arguments["method"],
            url,
            brief(outcome),
            seconds,
            attempt,
        )


def _is_too_many(outcome: Outcome) -> TypeGuard[httpx.Response]:
    return isinstance(outcome, httpx.Response) and outcome.status_code == 429


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
    remaining = max(left, 0.001)

    def within(seconds: float | None, most: float = remaining) -> float:
        return most if seconds is None else min(seconds, most)

    return httpx.Timeout(
        connect=within(usual.connect),
        read=within(read, remaining + (_GRACE if hold else 0.0)),
        write=within(usual.write),
        pool=within(usual.pool),
    )


def perform(
    settings: Settings,
    arguments: RequestArguments,
    parse: Callable[[httpx.Response], T],
    *,
    repeatable: bool = False,
) -> Flow[T]:
    """Send the request of an operation and return the object in its response.

    Args:
        settings: Settings of the client.
        arguments: The request, made by the operation's module.
        parse: Reads the response, from the same module.
        repeatable: Whether the request may be repeated when its outcome is unknown.

    Raises:
        OutcomeUnknownError: It is not known whether the operation was performed.
        APIError: The request failed.
    """
    try:
        response = yield from send(settings, arguments, repeatable=repeatable)
    except GeneratorExit:
        raise
    except BaseException as error:
        if not (repeatable or isinstance(error, Exception)):
            note_interruption(error)
        raise
    try:
        is_create = arguments["method"] == "POST" and not repeatable
        made = _parsed(response, parse, is_create=is_create)
    except InvalidResponseError as error:
        if repeatable:
            raise
        raise unknown_outcome(error) from error
    return cast("T", settings.bind(made, None)) if type(made).__name__ in _BOUND else made


def _parsed(
    response: httpx.Response, parse: Callable[[httpx.Response], T], *, is_create: bool
) -> T:
    try:
        made = parse(response)
    except (ValueError, RecursionError):
        raise not_the_api(response) from None  # the cause has the whole body
    if is_create and not _has_identity(made):
        raise not_the_api(response)
    return made


def _has_identity(made: object) -> bool:
    """Return whether the ID of an object is not empty, or its name if it has no ID."""
    for name in ("id", "name"):
        if hasattr(made, name):
            return bool(getattr(made, name))
    return True
