"""What the synchronous and the asynchronous client share: flows, and the two drivers that run them.

A flow is a generator. It decides; what it yields are effects, which a driver performs: blocking in
one client, awaiting in the other. (httpx writes its authentication so, for the same reason.) A
driver throws what goes wrong, cancellation too, back into the flow. A flow cleans up in ``except``,
by yielding; it never yields while it is being closed, which Python forbids.

In a flow an effect is never yielded bare but through its typed helper::

    answer = yield from send(settings, arguments)
"""

from __future__ import annotations

import inspect
import logging
import random
import time
from collections.abc import Awaitable, Callable, Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypeVar

import anyio
import anyio.to_thread
import httpx

from replicate_ext import _retry
from replicate_ext.errors import (
    APIConnectionError,
    APIError,
    APITimeoutError,
    InvalidResponseError,
    OutcomeUnknownError,
    describe,
    error_for,
)

if TYPE_CHECKING:
    from replicate_api.client import AsyncClient, SyncClient
    from replicate_api.types import RequestArguments

T = TypeVar("T")

log = logging.getLogger("replicate_ext")

DEFAULT_TIMEOUT = httpx.Timeout(30.0, connect=10.0, pool=None)
"""In seconds for one exchange. Nobody waits for the pool: it admits by itself."""

OUTCOME_UNKNOWN = (
    "It is not known whether the API took it, so it was not sent again: look at "
    "client.predictions.list() before you repeat it"
)


class Exchange(NamedTuple):
    """Send one request and read the answer."""

    arguments: RequestArguments
    timeout: httpx.Timeout


class Sleep(NamedTuple):
    """Let time pass."""

    seconds: float


class Call(NamedTuple):
    """Call a user's function, and await what it returns if that can be awaited."""

    function: Callable[[], object]


class Work(NamedTuple):
    """Do what would block an event loop, in a thread where there is one."""

    function: Callable[[], object]


class Shield(NamedTuple):
    """Run a flow to its end even while being canceled, but no longer than this."""

    flow: Flow[object]
    seconds: float


Effect: TypeAlias = Exchange | Sleep | Call | Work | Shield
# What an effect gives back depends on the effect; the helpers below know it.
Flow: TypeAlias = Generator[Effect, Any, T]


@dataclass(frozen=True, slots=True)
class Clock:
    """Time and chance, so that a test can run an hour in a millisecond."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    async_sleep: Callable[[float], Awaitable[None]] = anyio.sleep
    chance: Callable[[], float] = random.random


@dataclass(frozen=True, slots=True)
class Settings:
    """What flows know of the client that runs them.

    Args:
        base_url: The API's URL with its version, without a slash at its end.
        timeout: For one exchange.
        max_retries: How often a failed request is sent again.
        poll_interval: Seconds between two looks at a run, or a function of the seconds it has
            taken; None looks often at first and less often the longer it takes.
        clock: Time and chance.
        lender: What lends its connections to the files that a run puts out.
    """

    base_url: str
    timeout: httpx.Timeout
    max_retries: int
    poll_interval: float | Callable[[float], float] | None
    clock: Clock
    lender: SyncClient | AsyncClient


def exchange(arguments: RequestArguments, timeout: httpx.Timeout) -> Flow[httpx.Response]:
    """Send one request and return its answer, whatever its status."""
    response: httpx.Response = yield Exchange(arguments, timeout)
    return response


def sleep(seconds: float) -> Flow[None]:
    """Let seconds pass."""
    yield Sleep(seconds)


def call(function: Callable[[], object]) -> Flow[object]:
    """Call a user's function, sync or async, and return its result."""
    result: object = yield Call(function)
    return result


def work(function: Callable[[], T]) -> Flow[T]:
    """Do what would block an event loop, like reading files, and return its result."""
    result: T = yield Work(function)
    return result


def shield(flow: Flow[object], seconds: float) -> Flow[None]:
    """Finish a flow even while being canceled; give up on it after these seconds."""
    yield Shield(flow, seconds)


def send(
    settings: Settings,
    arguments: RequestArguments,
    *,
    deadline: float | None = None,
    hold: float = 0.0,
    max_retries: int | None = None,
    not_found_hint: str = "",
) -> Flow[httpx.Response]:
    """Send a request, again where that is safe, and return its answer if it is a success.

    Args:
        settings: The client's settings.
        arguments: The request; its URL is a path or absolute.
        deadline: The clock's time after which nothing is waited for.
        hold: Seconds for which the API was asked to hold the answer.
        max_retries: In place of the client's own.
        not_found_hint: What the caller may do about a 404.

    Raises:
        APIError: The kind tells what happened.
    """
    method, path = arguments["method"], httpx.URL(arguments["url"]).path
    retries = settings.max_retries if max_retries is None else max_retries
    attempt = 0
    while True:
        attempt += 1
        timeout = _timeout(settings, deadline, hold)
        try:
            outcome: httpx.Response | httpx.TransportError = yield from exchange(arguments, timeout)
        except httpx.TransportError as error:
            outcome = error
        if isinstance(outcome, httpx.Response) and _is_done(outcome, method, attempt):
            return outcome
        delay = (
            _retry.delay_before_retry(method, path, outcome, attempt, settings.clock.chance())
            if attempt <= retries
            else None
        )
        if delay is None or (deadline is not None and settings.clock.now() + delay >= deadline):
            raise _error(outcome, method, path, not_found_hint)
        log.info("%s %s: %s; again in %.1f s", method, path, _brief(outcome), delay)
        yield from sleep(delay)


def _is_done(response: httpx.Response, method: str, attempt: int) -> bool:
    """A DELETE that finds nothing on its second try was done by its first."""
    return response.is_success or (
        method == "DELETE" and response.status_code == 404 and attempt > 1
    )


def _timeout(settings: Settings, deadline: float | None, hold: float) -> httpx.Timeout:
    usual = settings.timeout
    if deadline is None and not hold:
        return usual
    read = None if usual.read is None else usual.read + hold
    if deadline is None:
        return httpx.Timeout(usual.connect, read=read, write=usual.write, pool=usual.pool)
    left = max(deadline - settings.clock.now(), 0.001)

    def within(seconds: float | None) -> float:
        return left if seconds is None else min(seconds, left)

    # While the answer is held, the deadline is the server's: see _predictions.hold_seconds.
    return httpx.Timeout(
        connect=within(usual.connect),
        read=read if hold else within(read),
        write=within(usual.write),
        pool=within(usual.pool),
    )


def _error(
    outcome: httpx.Response | httpx.TransportError, method: str, path: str, not_found_hint: str
) -> APIError:
    unknown = _retry.was_taken(outcome) and not _retry.is_repeatable(method, path)
    if isinstance(outcome, httpx.Response):
        if unknown:
            message = f"{describe(outcome)}. {OUTCOME_UNKNOWN}"
            return OutcomeUnknownError(message, outcome.request, outcome)
        return error_for(outcome, not_found_hint if outcome.status_code == 404 else "")
    message = _brief(outcome)
    if unknown:
        error: APIError = OutcomeUnknownError(f"{message}. {OUTCOME_UNKNOWN}", outcome.request)
    elif isinstance(outcome, httpx.TimeoutException):
        error = APITimeoutError(message, outcome.request)
    else:
        error = APIConnectionError(message, outcome.request)
    error.__cause__ = outcome
    return error


def _brief(outcome: httpx.Response | httpx.TransportError) -> str:
    if isinstance(outcome, httpx.Response):
        return f"{outcome.status_code} {outcome.reason_phrase}"
    return f"{type(outcome).__name__}: {outcome}" if str(outcome) else type(outcome).__name__


def read_object(response: httpx.Response) -> dict[str, Any]:
    """Return the JSON object of a successful answer.

    Raises:
        InvalidResponseError: It is none.
    """
    try:
        value = response.json()
    except ValueError:
        value = None
    if isinstance(value, dict):
        return value
    message = f"{describe(response)}. This is not the API's JSON: check base_url, and any proxy"
    raise InvalidResponseError(message, response.request, response)


class SyncDriver:
    """Runs flows by blocking.

    Args:
        client: Returns the client to send with.
        auth: Adds the token to a request.
        settings: The client's settings.
    """

    def __init__(
        self, client: Callable[[], httpx.Client], auth: httpx.Auth, settings: Settings
    ) -> None:
        self._client = client
        self._auth = auth
        self._settings = settings

    def run(self, flow: Flow[T]) -> T:
        """Run a flow and return its result.

        Args:
            flow: The flow, not yet started.
        """
        try:
            effect = next(flow)
            while True:
                try:
                    result = self._perform(effect)
                except BaseException as error:  # noqa: BLE001 - the flow decides on every error
                    effect = flow.throw(error)
                else:
                    effect = flow.send(result)
        except StopIteration as stop:
            return stop.value  # type: ignore[no-any-return] # a generator's result has no type here
        finally:
            flow.close()

    def _perform(self, effect: Effect) -> object:
        if isinstance(effect, Exchange):
            return self._exchange(effect)
        if isinstance(effect, Call | Work):
            return effect.function()
        if isinstance(effect, Shield):
            return self.run(effect.flow)
        self._settings.clock.sleep(effect.seconds)
        return None

    def _exchange(self, effect: Exchange) -> httpx.Response:
        client = self._client()
        request = _request(client, self._settings, effect)
        started = self._settings.clock.now()
        response = client.send(request, auth=self._auth)
        _log_exchange(response, self._settings.clock.now() - started)
        return response


class AsyncDriver:
    """Runs flows by awaiting, on asyncio or trio.

    Args:
        client: Returns the client to send with, for the running event loop.
        auth: Adds the token to a request.
        settings: The client's settings.
    """

    def __init__(
        self, client: Callable[[], httpx.AsyncClient], auth: httpx.Auth, settings: Settings
    ) -> None:
        self._client = client
        self._auth = auth
        self._settings = settings

    async def run(self, flow: Flow[T]) -> T:
        """Run a flow and return its result.

        Args:
            flow: The flow, not yet started.
        """
        try:
            effect = next(flow)
            while True:
                try:
                    result = await self._perform(effect)
                except BaseException as error:  # noqa: BLE001 - the flow decides on every error
                    effect = flow.throw(error)
                else:
                    effect = flow.send(result)
        except StopIteration as stop:
            return stop.value  # type: ignore[no-any-return] # a generator's result has no type here
        finally:
            flow.close()

    async def _perform(self, effect: Effect) -> object:
        if isinstance(effect, Exchange):
            return await self._exchange(effect)
        if isinstance(effect, Call):
            result = effect.function()
            return await result if inspect.isawaitable(result) else result
        if isinstance(effect, Work):
            return await anyio.to_thread.run_sync(effect.function)
        if isinstance(effect, Shield):
            return await self._shielded(effect)
        await self._settings.clock.async_sleep(effect.seconds)
        return None

    async def _exchange(self, effect: Exchange) -> httpx.Response:
        client = self._client()
        request = _request(client, self._settings, effect)
        started = self._settings.clock.now()
        response = await client.send(request, auth=self._auth)
        _log_exchange(response, self._settings.clock.now() - started)
        return response

    async def _shielded(self, effect: Shield) -> object:
        with anyio.move_on_after(effect.seconds, shield=True):
            return await self.run(effect.flow)
        return None


def _request(
    client: httpx.Client | httpx.AsyncClient, settings: Settings, effect: Exchange
) -> httpx.Request:
    arguments = effect.arguments.copy()
    if arguments["url"].startswith("/"):
        arguments["url"] = settings.base_url + arguments["url"]
    return client.build_request(**arguments, timeout=effect.timeout)


def _log_exchange(response: httpx.Response, seconds: float) -> None:
    request = response.request
    log.debug(
        "%s %s: %d in %.3f s",
        request.method,
        request.url.copy_with(query=None, userinfo=b""),
        response.status_code,
        seconds,
    )
