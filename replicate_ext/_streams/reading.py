"""Control of a stream: the next step of its reader, and its end. No I/O."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from replicate_ext._http.flow import Flow, sleep
from replicate_ext._runs.pending import PendingRun
from replicate_ext._status import has_ended
from replicate_ext.errors import (
    PredictionError,
    PredictionTimeout,
    ReplicateError,
    StreamError,
    StreamInterrupted,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    import httpx

    from replicate_ext._streams.plan import StreamPlan
    from replicate_ext._streams.sse import ServerSentEvent
    from replicate_ext._streams.state import Ending, StreamState

_LAST_POLL_SECONDS = 5.0
"""Seconds that the API may take to show the end of a prediction after its stream reported it."""

_PAUSE_SECONDS = 1.0
"""Maximum seconds of one pause; a stream that is closed during a pause ends after it."""


class _Process:
    """The id of this process, cached: the system call takes as long as reading an event."""

    id = os.getpid()

    @classmethod
    def update(cls) -> None:
        cls.id = os.getpid()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_Process.update)


class Connect(NamedTuple):
    """Open a connection to the stream; the fields are the arguments of a driver's ``stream``."""

    url: str
    headers: dict[str, Any]
    timeout: httpx.Timeout
    deadline: float | None


class Reading:
    """Control of one stream, from the creation of its prediction to its end.

    Args:
        plan: How the stream is read.
    """

    def __init__(self, plan: StreamPlan) -> None:
        self._plan = plan
        self.state: StreamState | None = None
        self._process: int | None = None
        self._turn = threading.Lock()
        self._cancellation = threading.Lock()  # acquired once, by the first caller that cancels
        self._has_deadline = plan.waiting.deadline is not None
        self._has_ended = False
        self._cut: str | None = None
        self._error: ReplicateError | None = None
        self._undelivered = 0
        self._can_connect = True
        self._delay = 0.0

    @property
    def is_foreign(self) -> bool:
        """Whether another process started the stream: a forked child must not cancel its run."""
        return self._process is not None and self._process != _Process.id

    @property
    def is_open(self) -> bool:
        """Whether there may be a connection to close or a prediction to cancel."""
        return self._process == _Process.id and not self._has_ended

    @property
    def is_being_read(self) -> bool:
        """Whether a thread or task is waiting for events."""
        return self._turn.locked()

    @property
    def prediction(self) -> Any:
        """Latest known state of the prediction, bound to the client; None before it is created."""
        state = self.state
        return None if state is None else self._plan.waiting.read(state.prediction)

    def begin(self) -> None:
        """Start waiting for events; ``end`` must follow.

        Raises:
            StreamInterrupted: The stream belongs to another process.
            StreamError: Another thread or task is waiting for events.
        """
        if self._process != _Process.id:
            if self._process is not None:
                raise self._interrupted("another process started the stream; read it there")
            self._process = _Process.id
        if not self._turn.acquire(False):  # noqa: FBT003 - a keyword takes three times as long
            raise StreamError("another thread or task is reading this stream")

    def end(self) -> bool:
        """Stop waiting for events. Return whether the stream has ended and must be closed."""
        self._turn.release()
        return self._has_ended

    def is_over(self) -> bool:
        """Return whether the stream has ended and the prediction succeeded.

        Raises:
            PredictionError: The prediction failed, was canceled or aborted, or did not end before
                the deadline.
            StreamError: The stream was closed or interrupted, or cannot be read.
            APIError: An earlier read failed.
        """
        state = self.state
        if self._has_ended:
            if self._cut is not None:
                raise self._interrupted(self._cut)
            if self._error is not None:
                raise self._error
            return True
        if state is None:
            return False
        if state.is_read_out:
            if state.error is not None:
                raise state.error
            if state.was_polled:
                self._require_success(state)
            self._has_ended = state.was_polled or state.ending is None
        elif self._has_deadline:
            self._plan.left(state)
        return self._has_ended

    def _interrupted(self, message: str) -> StreamInterrupted:
        state = self.state
        if state is None:
            return StreamInterrupted(message, "", None)
        text = state.text(self._undelivered)
        prediction = self._plan.waiting.read(state.prediction)
        return StreamInterrupted(message, text, prediction)

    def _require_success(self, state: StreamState) -> None:
        try:
            PendingRun(self._plan.waiting, state.prediction).require_success()
        except PredictionError as error:
            words = "" if state.ending is None else state.ending.words
            if not words or words in error.message:
                raise
            raise type(error)(error.prediction, f"{error.message}: {words}") from None

    def next_step(self) -> Connect | Flow[list[ServerSentEvent]]:
        """Return the next step while not connected: a connection, or a flow that returns events."""
        state = self.state
        if state is None:
            return self._start()
        if state.ending is not None:
            return self._last_poll(state, state.ending)
        if state.url is None or not self._can_connect:
            return self._poll(state)
        if self._delay > 0:
            return self._pause()
        deadline = self._plan.waiting.deadline
        return Connect(state.url, state.headers(), self._plan.timeout(state), deadline)

    def _start(self) -> Flow[list[ServerSentEvent]]:
        return (yield from self._plan.pending.guarded(self._started()))

    def _started(self) -> Flow[list[ServerSentEvent]]:
        """Start the stream. ``guarded`` cancels the prediction if this is interrupted."""
        yield from self._plan.start
        state = self.state = self._plan.state(self._plan.pending.state)
        return state.catch_up(state.prediction) if state.has_ended else []

    def _pause(self) -> Flow[list[ServerSentEvent]]:
        seconds = min(self._delay, _PAUSE_SECONDS)
        self._delay -= seconds
        yield from sleep(seconds)
        return []

    def _poll(self, state: StreamState) -> Flow[list[ServerSentEvent]]:
        pending = PendingRun(self._plan.waiting, state.prediction)
        has_broken_off = state.url is not None and not state.was_polled
        yield from pending.poll(pauses=False) if has_broken_off else pending.poll()
        return state.catch_up(pending.state)

    def _last_poll(self, state: StreamState, ending: Ending) -> Flow[list[ServerSentEvent]]:
        """Poll a prediction that has ended according to its stream."""
        now = self._plan.waiting.settings.clock.now()
        until = now + _LAST_POLL_SECONDS
        deadline = until if (given := self._plan.waiting.deadline) is None else min(until, given)
        pending = PendingRun(
            self._plan.waiting._replace(started=now, deadline=deadline), state.prediction
        )
        with suppress(ReplicateError):  # the error below uses what the stream reported
            yield from pending.poll(pauses=False)
            while not has_ended(pending.state):
                state.prediction, state.is_done = pending.state, False
                yield from pending.poll()
        if has_ended(pending.state):
            return state.catch_up(pending.state)
        raise ending.error(self._plan.waiting.read(state.prediction))

    def lose(self, outcome: httpx.Response | httpx.RequestError | None) -> None:
        """Process the end of a connection.

        Args:
            outcome: The response that was not a stream, the error that cut the connection, or None
                if it ended without a ``done`` event.
        """
        if self.state is None:
            return
        delay = self.state.reconnect(outcome)
        self._can_connect = delay is not None
        self._delay = delay or 0.0
        if delay and self._cut is None:
            self._delay = self._plan.within(self.state, delay)

    def fail(self, error: BaseException) -> None:
        """Process the error of a read, so that no later read reports the stream as complete.

        Args:
            error: The error.

        Raises:
            StreamInterrupted: The read failed because the stream was closed meanwhile.
        """
        if self._cut is not None and isinstance(error, Exception):
            raise self._interrupted(self._cut) from None
        if self._has_ended:
            return
        self._has_ended = True
        # No events follow the end of the prediction. After any other error, some may be missing.
        is_the_end = isinstance(error, PredictionError) and not isinstance(error, PredictionTimeout)
        if isinstance(error, ReplicateError):
            self._error = None if is_the_end else error
        else:
            self._cut = f"reading the stream was interrupted by {type(error).__name__}"

    def close(self, ready: Iterable[ServerSentEvent]) -> None:
        """Make every later read fail, unless the stream was read to its end.

        Args:
            ready: The events that the reader has not received yet.
        """
        if self._has_ended:
            return
        undelivered = sum(event.event == "output" for event in ready)
        state = self.state
        if state is None or not state.is_done or state.ending or undelivered:
            self._undelivered = undelivered
            self._cut = "the stream was closed before it ended"
            self._has_ended = True

    def cancel(self) -> Flow[None] | None:
        """Return the flow that cancels the prediction; None if that is not necessary."""
        state = self.state
        if state is None or state.is_done or not self._plan.waiting.options.cancel_on_exit:
            return None
        if not self._cancellation.acquire(blocking=False):
            return None
        return PendingRun(self._plan.waiting, state.prediction).cancel_on_exit()


def is_event_stream(response: httpx.Response) -> bool:
    """Return whether a response is an event stream.

    Args:
        response: The response, its body not read yet.
    """
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return response.is_success and kind == "text/event-stream"
