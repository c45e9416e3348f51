"""Waiting for a run to end: when to look, what to tell, when to give up. No I/O: flows."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from replicate_api.types import as_segment

from replicate_ext._http.callbacks import check_callback, refuse_awaitable
from replicate_ext._http.flow import Flow, call, shield, sleep
from replicate_ext._http.options import poll_seconds
from replicate_ext._http.policy import MAX_RETRY_AFTER
from replicate_ext._http.send import log, not_the_api, read_object, send
from replicate_ext._status import has_ended
from replicate_ext.errors import (
    APIError,
    PredictionAborted,
    PredictionCanceled,
    PredictionFailed,
    PredictionTimeout,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx
    from replicate_api.models import Prediction, Training
    from replicate_api.types import RequestArguments

    from replicate_ext._http.options import OnProgress, PollInterval, Stop
    from replicate_ext._http.settings import Settings
    from replicate_ext._runs.options import WaitOptions

T = TypeVar("T")

_LATENESS = 0.14
"""Of a run's length so far: looking this much later again keeps a result at most 15 % late."""
_SHORTEST_INTERVAL = 0.1
_LONGEST_INTERVAL = 5.0
_LONGEST_OUTAGE = 300.0
"""Seconds without an answer after which waiting ends, where the caller set no deadline."""
CANCEL_SECONDS = 5.0
"""How long an interrupted caller waits for the remote run to be created or canceled."""


def adaptive_interval(elapsed: float) -> float:
    """Return the seconds until the next look at a run that has taken this many.

    Args:
        elapsed: Seconds since the run was asked for.
    """
    return min(max(_LATENESS * elapsed, _SHORTEST_INTERVAL), _LONGEST_INTERVAL)


class Plan(NamedTuple):
    """How a run is waited for; ``plan`` makes it.

    Args:
        settings: The client's settings.
        path: Where runs of its kind are: ``/predictions`` or ``/trainings``.
        read: Makes the object that callers see from its JSON.
        started: The clock's time when the run was asked for.
        deadline: The clock's time when waiting ends; None waits as long as it takes.
        poll_interval: As ``run`` takes it.
        on_progress: As ``run`` takes it.
        stop: As ``run`` takes it.
        cancel_on_exit: As ``run`` takes it.
        process: The process that the run belongs to; a forked child leaves it alone.
    """

    settings: Settings
    path: str
    read: Callable[[dict[str, Any]], Prediction | Training]
    started: float
    deadline: float | None
    poll_interval: PollInterval | None
    on_progress: OnProgress | None
    stop: Stop | None
    cancel_on_exit: bool
    process: int


def plan(settings: Settings, options: WaitOptions, *, is_training: bool = False) -> Plan:
    """Return a plan that starts now.

    Args:
        settings: Settings of the client.
        options: How the caller waits.
        is_training: Whether the run is a training instead of a prediction.

    Raises:
        InvalidInputError: The client cannot call a function among the options.
    """
    check_callback("on_progress", options.on_progress, is_async=settings.is_async)
    check_callback("stop", options.stop, is_async=settings.is_async)
    started = settings.clock.now()
    interval = options.poll_interval
    return Plan(
        settings,
        path="/trainings" if is_training else "/predictions",
        read=training_of if is_training else prediction_of,
        started=started,
        deadline=None if options.timeout is None else started + options.timeout,
        poll_interval=settings.poll_interval if interval is None else interval,
        on_progress=options.on_progress,
        stop=options.stop,
        cancel_on_exit=options.cancel_on_exit,
        process=os.getpid(),
    )


def prediction_of(source: dict[str, Any]) -> Prediction:
    """Return the object of a prediction's JSON."""
    # Imported late: most runs end without one, and attrs takes longer to import than they run.
    from replicate_api.models import Prediction

    return Prediction.from_dict(source)


def training_of(source: dict[str, Any]) -> Training:
    """Return the object of a training's JSON."""
    from replicate_api.models import Training

    return Training.from_dict(source)


class Wait:
    """A run that is being waited for.

    Args:
        plan: How to wait.
        run: The run as it was last seen, as JSON; None before it is created.
    """

    def __init__(self, plan: Plan, run: dict[str, Any] | None = None) -> None:
        self.run: dict[str, Any] = run or {}
        self.is_complete: bool = False
        self._plan = plan
        # The run's own id: whatever later answers say, no other run is looked at or canceled.
        self._id = str(self.run.get("id") or "")
        self._told: tuple[object, ...] | None = None
        self._is_left = False
        self._is_canceled = False

    @property
    def is_created(self) -> bool:
        """Whether the run is known to exist."""
        return bool(self._id)

    def created(self, run: dict[str, Any], *, is_complete: bool = False) -> None:
        """Take note of the answer to a create.

        Args:
            run: The run as JSON.
            is_complete: Whether its output is complete whatever its status says.
        """
        self.run = run
        self.is_complete = is_complete
        self._id = str(run.get("id") or "")

    def guarded(self, flow: Flow[T]) -> Flow[T]:
        """Run a flow; cancel the run when an exception leaves it while the run goes on.

        Args:
            flow: Creates the run or waits for it.
        """
        try:
            try:
                return (yield from flow)
            except Exception as error:
                yield from self._leave(error)
                raise
        except GeneratorExit:
            raise
        except BaseException as error:  # an interrupt, perhaps before the run was left
            yield from self._leave(error)
            raise

    def _leave(self, error: BaseException) -> Flow[None]:
        if self._is_to_be_canceled():
            try:
                yield from self.cancel_on_exit()
            except BaseException as interrupt:
                self._note(interrupt)
                raise
            self._note(error)

    def _note(self, error: BaseException) -> None:
        """Tell the caller about a run that could not be canceled."""
        if not self._is_canceled:
            error.add_note(f"{self._name()} could not be canceled. It may still be running")

    def _is_to_be_canceled(self) -> bool:
        return (
            self._plan.cancel_on_exit
            and self.is_created
            and not (self.is_complete or self._is_terminal() or self._is_left)
            and self._plan.process == os.getpid()
        )

    def until_done(self, *, is_done: bool = False, is_stale: bool = False) -> Flow[dict[str, Any]]:
        """Look at the run until it has ended, and return it as it then is.

        Args:
            is_done: Whether it has ended whatever its status says.
            is_stale: Whether to look at once, because it was last seen long ago or never.

        Raises:
            PredictionTimeout: The deadline passed.
            APIError: The API cannot be asked.
        """
        if is_stale and not self._is_terminal():
            yield from self.look_at_once()
        yield from self._tell()
        while not (is_done or self._is_terminal()):
            if (yield from self._call("stop", self._plan.stop)):
                yield from self._stop()
                yield from self._tell()
                break
            yield from self.look()
            yield from self._tell()
        return self.run

    def _is_terminal(self) -> bool:
        return has_ended(self.run)

    def _tell(self) -> Flow[None]:
        """Call ``on_progress`` if anything changed that it is about."""
        news = tuple(self.run.get(key) for key in ("status", "logs", "output"))
        if self._plan.on_progress is not None and news != self._told:
            self._told = news
            yield from self._call("on_progress", self._plan.on_progress)

    def _call(self, name: str, function: OnProgress | Stop | None) -> Flow[object]:
        if function is None:
            return None
        seen = self._plan.read(self.run)
        result = yield from call(lambda: function(seen))
        if not self._plan.settings.is_async:
            refuse_awaitable(name, result)
        return result

    def look_at_once(self) -> Flow[dict[str, Any]]:
        """Look at the run and return it; an API that is out for a while ends nothing."""
        yield from self._look(pauses=False)
        return self.run

    def look(self) -> Flow[None]:
        """Let the interval pass and look again; an API that is out for a while ends nothing."""
        yield from self._look(pauses=True)

    def _look(self, *, pauses: bool) -> Flow[None]:
        asked = 0.0
        failing_since: float | None = None
        while True:
            if pauses:
                yield from self._pause(asked)
            pauses = True
            try:
                yield from self._refresh()
            except APIError as error:
                now = self._plan.settings.clock.now()
                failing_since = now if failing_since is None else failing_since
                is_out_for_long = (
                    self._plan.deadline is None and now - failing_since > _LONGEST_OUTAGE
                )
                if is_out_for_long or not error.is_transient:
                    raise
                backing_off = min(2 * asked + 0.5, _LONGEST_INTERVAL)
                asked = min(error.retry_after or backing_off, MAX_RETRY_AFTER)
            else:
                return

    def _pause(self, at_least: float) -> Flow[None]:
        now = self._plan.settings.clock.now()
        pause = max(self._interval(now - self._plan.started), at_least)
        if self._plan.deadline is not None:
            left = self._plan.deadline - now
            if left <= 0:
                seconds = self._plan.deadline - self._plan.started
                message = f"{self._name()} is not done in time ({seconds:g} s)"
                raise PredictionTimeout(self._plan.read(self.run), message)
            # Look once more before the deadline rather than at it, when it is too late.
            if pause >= left:
                pause = left / 2 if left > _SHORTEST_INTERVAL else left
        yield from sleep(pause)

    def _interval(self, elapsed: float) -> float:
        if callable(self._plan.poll_interval):
            return poll_seconds(self._plan.poll_interval(elapsed))
        return (
            adaptive_interval(elapsed)
            if self._plan.poll_interval is None
            else self._plan.poll_interval
        )

    def _refresh(self) -> Flow[None]:
        arguments: RequestArguments = {"method": "GET", "url": self._url()}
        response = yield from send(
            self._plan.settings, arguments, deadline=self._plan.deadline, max_retries=0
        )
        self._seen(response)

    def _stop(self) -> Flow[None]:
        """Cancel the run because the caller says so."""
        now = self._plan.settings.clock.now()
        deadline = self._plan.deadline
        until = None if deadline is None else max(deadline, now + CANCEL_SECONDS)
        try:
            yield from self._cancel(until)
        except APIError as error:
            self._is_left = True
            if deadline is not None and self._plan.settings.clock.now() >= deadline:
                message = f"{self._name()} could not be canceled in time: {error.message}"
                raise PredictionTimeout(self._plan.read(self.run), message) from error
            raise

    def _cancel(self, deadline: float | None) -> Flow[None]:
        arguments: RequestArguments = {"method": "POST", "url": f"{self._url()}/cancel"}
        response = yield from send(
            self._plan.settings, arguments, deadline=deadline, repeatable=True
        )
        self._seen(response)

    def _seen(self, response: httpx.Response) -> None:
        run = read_object(response)
        if run.get("id") != self._id:
            raise not_the_api(response)
        self.run = run

    def cancel_on_exit(self) -> Flow[None]:
        """Cancel the run even while being canceled, taking a few seconds at most."""
        yield from shield(self._cancel_quietly(), CANCEL_SECONDS)

    def _cancel_quietly(self) -> Flow[None]:
        """Cancel on the way out, where another error is already on its way to the caller."""
        try:
            yield from self._cancel(self._plan.settings.clock.now() + CANCEL_SECONDS)
        except Exception as error:  # noqa: BLE001 - a user's transport may raise anything
            log.warning("%s could not be canceled: %s", self._name(), error)
        else:
            self._is_canceled = True
        finally:
            self._is_left = True  # another try would take as long again

    def _url(self) -> str:
        return f"{self._plan.path}/{as_segment(self._id)}"

    def _name(self) -> str:
        return f"{self._plan.path.strip('/').removesuffix('s')} {self._id}"

    def require_success(self) -> None:
        """Raise unless the run succeeded.

        Raises:
            PredictionFailed: The model failed.
            PredictionAborted: The run was ended before it started.
            PredictionCanceled: The run was canceled.
        """
        status, reason = self.run.get("status"), self.run.get("error")
        if status == "succeeded":
            return
        kind = {"failed": PredictionFailed, "aborted": PredictionAborted}.get(
            str(status), PredictionCanceled
        )
        ended = "failed" if status == "failed" else f"was {status}"
        message = f"{self._name()} {ended if has_ended(self.run) else 'was asked to stop'}"
        raise kind(self._plan.read(self.run), f"{message}: {reason}" if reason else message)
