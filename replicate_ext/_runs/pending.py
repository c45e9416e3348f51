"""A run from its creation to its end: polling, callbacks, canceling. No I/O: flows."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING, Any, TypeVar

from replicate_api.api.predictions import cancel as cancel_prediction
from replicate_api.api.predictions import get as get_prediction
from replicate_api.api.trainings import cancel as cancel_training
from replicate_api.api.trainings import get as get_training

from replicate_ext._http import policy
from replicate_ext._http.callbacks import close_callback, refuse_awaitable
from replicate_ext._http.failures import note_interruption, unknown_outcome
from replicate_ext._http.flow import Flow, call, shield, sleep
from replicate_ext._http.responses import not_the_api, read_object
from replicate_ext._http.send import send
from replicate_ext._status import has_ended
from replicate_ext.errors import (
    APIError,
    InvalidResponseError,
    PredictionAborted,
    PredictionCanceled,
    PredictionFailed,
    PredictionTimeout,
)

if TYPE_CHECKING:
    import httpx

    from replicate_ext._runs.plan import Plan
    from replicate_ext.types import OnProgress, Stop

T = TypeVar("T")

_log = logging.getLogger("replicate_ext")

_LONGEST_OUTAGE = 300.0
"""Seconds of failing polls after which waiting ends, unless the caller set a deadline."""
_WARNED_AT = 3
"""Number of failed polls in a row after which a warning is logged, once."""
CANCEL_SECONDS = 5.0
"""Seconds that an interrupted caller waits for the run to be created or canceled."""


class PendingRun:
    """A run that is being created or waited for.

    Args:
        plan: How to wait for it.
        state: Latest known state of the run, as JSON; None before it is created.
    """

    def __init__(self, plan: Plan, state: dict[str, Any] | None = None) -> None:
        self.plan = plan
        self.state: dict[str, Any] = state or {}
        self.is_complete: bool = False
        """Whether the output is complete, regardless of the status."""
        self.is_sent = False
        """Whether the request that creates the run may have been sent."""
        # Set once: if a later response has another ID, that run is not polled or canceled.
        self._id = str(self.state.get("id") or "")
        self._reported: tuple[object, ...] | None = None
        self._is_given_up = False
        self._is_canceled = False

    @property
    def is_created(self) -> bool:
        """Whether the run is known to exist."""
        return bool(self._id)

    def read_created(self, response: httpx.Response, *, is_held: bool = False) -> None:
        """Read the response to the request that creates the run.

        Args:
            response: The response.
            is_held: Whether the API was asked to hold it.

        Raises:
            OutcomeUnknownError: The response did not come from the API.
        """
        try:
            state = read_object(response)
            is_complete = is_held and _has_output(response, state)
            if not (is_complete or state.get("id")):
                raise not_the_api(response)
        except InvalidResponseError as error:
            raise unknown_outcome(error) from error
        self.is_complete = is_complete
        self.state = state
        self._id = str(state.get("id") or "")

    def create_with(self, sending: Flow[httpx.Response]) -> Flow[None]:
        """Send the request that creates the run and read its response.

        Args:
            sending: Sends the request.
        """
        self.read_created((yield from sending))

    def guarded(self, flow: Flow[T]) -> Flow[T]:
        """Run a flow; cancel the run if the flow raises an exception before the run has ended.

        Args:
            flow: Creates the run or waits for it.
        """
        try:
            try:
                try:
                    return (yield from flow)
                finally:
                    close_callback(self.plan.options.on_progress)
            except Exception as error:
                yield from self._cancel_if_needed(error)
                raise
        except GeneratorExit:
            raise
        except BaseException as error:  # an interrupt, possibly during the handling above
            if self.is_sent and not self.is_created and not isinstance(error, Exception):
                note_interruption(error)
            yield from self._cancel_if_needed(error)
            raise

    def _cancel_if_needed(self, error: BaseException) -> Flow[None]:
        if self._is_to_be_canceled():
            try:
                yield from self.cancel_on_exit()
            except BaseException as interrupt:
                self._note_failed_cancel(interrupt)
                raise
            self._note_failed_cancel(error)

    def _note_failed_cancel(self, error: BaseException) -> None:
        if not self._is_canceled:
            error.add_note(f"{self._name()} could not be canceled. It may still be running")

    def _is_to_be_canceled(self) -> bool:
        return (
            self.plan.options.cancel_on_exit
            and self.is_created
            and not (self.is_complete or has_ended(self.state) or self._is_given_up)
            and self.plan.process == os.getpid()
        )

    def until_done(self, *, is_done: bool = False, is_stale: bool = False) -> Flow[None]:
        """Poll the run until it has ended.

        Args:
            is_done: Whether the known state is sufficient, so that no poll is needed.
            is_stale: Whether to poll at once, because the state is old or unknown.

        Raises:
            PredictionTimeout: The deadline has passed.
            APIError: A poll failed with an error that a retry cannot fix.
        """
        if is_stale and not has_ended(self.state):
            yield from self.poll(pauses=False)
        yield from self._report()
        while not (is_done or has_ended(self.state)):
            if (yield from self._call("stop", self.plan.options.stop)):
                yield from self._stop()
                yield from self._report()
                break
            yield from self.poll()
            yield from self._report()

    def _report(self) -> Flow[None]:
        """Call ``on_progress`` if the status, the logs or the output have changed."""
        if self.plan.options.on_progress is None:
            return
        news = tuple(self.state.get(key) for key in ("status", "logs", "output"))
        if news != self._reported:
            self._reported = news
            yield from self._call("on_progress", self.plan.options.on_progress)

    def _call(self, name: str, function: OnProgress | Stop | None) -> Flow[object]:
        if function is None:
            return None
        seen = self.plan.read(self.state)
        result = yield from call(lambda: function(seen))
        if not self.plan.settings.is_async:
            refuse_awaitable(name, result)
        return result

    def poll(self, *, pauses: bool = True) -> Flow[None]:
        """Poll the run once; retry after transient failures.

        Args:
            pauses: Whether to wait for the poll interval first.

        Raises:
            PredictionTimeout: The deadline has passed.
            APIError: The poll failed with an error that a retry cannot fix.
        """
        failures = 0
        failing_since = 0.0
        delay = 0.0
        while True:
            if pauses or failures:
                yield from self._pause(delay)
            try:
                yield from self._refresh()
            except APIError as error:
                now = self.plan.now()
                failing_since = failing_since if failures else now
                failures += 1
                is_long = self.plan.deadline is None and now - failing_since > _LONGEST_OUTAGE
                if is_long or not error.is_transient:
                    raise
                if failures == _WARNED_AT:
                    _log.warning("%s; polling %s continues", error, self._name())
                chance = self.plan.settings.clock.chance()
                delay = policy.back_off(failures, chance, error.retry_after)
            else:
                return

    def _pause(self, at_least: float) -> Flow[None]:
        now = self.plan.now()
        pause = max(self.plan.interval(now - self.plan.started), at_least)
        if self.plan.deadline is not None:
            left = self.plan.deadline - now
            if left <= 0:
                seconds = self.plan.deadline - self.plan.started
                message = f"{self._name()} did not end within {seconds:g} seconds"
                raise PredictionTimeout(self.plan.read(self.state), message)
            # Poll halfway to the deadline, because a poll at the deadline itself would be too late.
            if pause >= left:
                pause = left / 2 if left > policy.SHORTEST_INTERVAL else left
        yield from sleep(pause)

    def _refresh(self) -> Flow[None]:
        get = get_training if self.plan.is_training else get_prediction
        response = yield from send(
            self.plan.settings,
            get.request(self._id),
            deadline=self.plan.deadline,
            max_retries=0,
        )
        self._seen(response)

    def _stop(self) -> Flow[None]:
        """Cancel the run because the caller's ``stop`` returned True."""
        deadline = self.plan.deadline
        until = None if deadline is None else max(deadline, self.plan.now() + CANCEL_SECONDS)
        try:
            yield from self._cancel(until)
        except APIError as error:
            self._is_given_up = True
            if deadline is not None and self.plan.now() >= deadline:
                message = f"{self._name()} could not be canceled in time: {error.message}"
                raise PredictionTimeout(self.plan.read(self.state), message) from error
            raise

    def _cancel(self, deadline: float | None) -> Flow[None]:
        cancel = cancel_training if self.plan.is_training else cancel_prediction
        response = yield from send(
            self.plan.settings,
            cancel.request(self._id),
            deadline=deadline,
            repeatable=cancel.REPEATABLE,
        )
        self._seen(response)

    def _seen(self, response: httpx.Response) -> None:
        state = read_object(response)
        if state.get("id") != self._id:
            raise not_the_api(response)
        self.state = state

    def cancel_on_exit(self) -> Flow[None]:
        """Cancel the run, even if the caller is being canceled. It takes a few seconds at most."""
        yield from shield(self._cancel_quietly(), CANCEL_SECONDS)

    def _cancel_quietly(self) -> Flow[None]:
        """Cancel the run and only log errors, because the caller gets another error."""
        try:
            yield from self._cancel(self.plan.now() + CANCEL_SECONDS)
        except Exception as error:  # noqa: BLE001 - a user's transport may raise anything
            _log.warning("%s could not be canceled: %s", self._name(), error)
        else:
            self._is_canceled = True
        finally:
            self._is_given_up = True  # another attempt would take as long again

    def _name(self) -> str:
        return f"{'training' if self.plan.is_training else 'prediction'} {self._id}"

    def require_success(self) -> None:
        """Raise an error unless the run succeeded.

        Raises:
            PredictionFailed: The model failed.
            PredictionAborted: The run was ended before it started.
            PredictionCanceled: The run was canceled.
        """
        status, reason = self.state.get("status"), self.state.get("error")
        if status == "succeeded":
            return
        kind = {"failed": PredictionFailed, "aborted": PredictionAborted}.get(
            str(status), PredictionCanceled
        )
        ended = "failed" if status == "failed" else f"was {status}"
        message = f"{self._name()} {ended if has_ended(self.state) else 'is being canceled'}"
        raise kind(self.plan.read(self.state), f"{message}: {reason}" if reason else message)


def _has_output(response: httpx.Response, state: dict[str, Any]) -> bool:
    """Return whether a held response has the whole output although its status is processing."""
    return (
        response.status_code == 201
        and state.get("status") == "processing"
        and state.get("output") not in (None, "", [], {})
        and "Reason" not in response.headers
    )
