"""Plans of streams: which prediction is read, and how. No I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import httpx

from replicate_ext._http.checks import check_seconds, check_size
from replicate_ext._runs.options import CreateOptions, WaitOptions
from replicate_ext._runs.pending import PendingRun
from replicate_ext._runs.plan import plan, state_of
from replicate_ext._runs.run import Until, steps
from replicate_ext._streams.state import StreamState
from replicate_ext.errors import PredictionTimeout

if TYPE_CHECKING:
    from replicate_api.models import Prediction

    from replicate_ext._http.flow import Flow
    from replicate_ext._http.settings import Settings
    from replicate_ext._runs.plan import Plan
    from replicate_ext._runs.reference import AnyReference
    from replicate_ext.types import Input


class StreamPlan(NamedTuple):
    """How a stream is read.

    Args:
        pending: The prediction, which may not be created yet.
        start: Flow that creates or fetches the prediction.
        waiting: Deadline, and how the prediction is polled if it has no stream.
        use_file_output: Whether outputs that are files become FileOutput.
        idle_timeout: Seconds without data after which the stream reconnects.
        max_event_size: Maximum size of an event, in bytes.
    """

    pending: PendingRun
    start: Flow[object]
    waiting: Plan
    use_file_output: bool
    idle_timeout: float
    max_event_size: int

    def state(self, prediction: dict[str, Any]) -> StreamState:
        """Return the initial state of the stream."""
        return StreamState(
            self.waiting.settings,
            prediction,
            use_file_output=self.use_file_output,
            max_event_size=self.max_event_size,
        )

    def left(self, state: StreamState) -> float | None:
        """Return the seconds until the deadline; None for no deadline.

        Raises:
            PredictionTimeout: The deadline has passed.
        """
        if self.waiting.deadline is None:
            return None
        left = self.waiting.deadline - self.waiting.settings.clock.now()
        if left <= 0:
            seconds = self.waiting.deadline - self.waiting.started
            name = f"the stream of prediction {state.prediction.get('id')}"
            message = f"{name} did not end within {seconds:g} seconds"
            raise PredictionTimeout(self.waiting.read(state.prediction), message)
        return left

    def within(self, state: StreamState, delay: float) -> float:
        """Return a delay, or the time until the deadline if that is shorter."""
        left = self.left(state)
        return delay if left is None else min(delay, left)

    def timeout(self, state: StreamState) -> httpx.Timeout:
        """Return the timeouts of a connection.

        Raises:
            PredictionTimeout: The deadline has passed.
        """
        usual, left = self.waiting.settings.timeout, self.left(state)
        read = self.idle_timeout if left is None else min(self.idle_timeout, left)
        return httpx.Timeout(usual.connect, read=read, write=usual.write, pool=left)


def plan_run(
    settings: Settings,
    reference: AnyReference,
    input: Input | None,
    options: CreateOptions,
    *,
    use_file_output: bool | None,
    timeout: float | None,
    cancel_on_exit: bool,
    idle_timeout: float,
    max_event_size: int,
) -> StreamPlan:
    """Return the plan of a stream that creates its prediction; options as in ``Replicate.stream``.

    Raises:
        InvalidInputError: An option is not valid.
    """
    _check(idle_timeout, max_event_size)
    use_files = settings.use_file_output if use_file_output is None else use_file_output
    waiting = plan(
        settings,
        WaitOptions.of(
            timeout=timeout, cancel_on_exit=cancel_on_exit, use_file_output=use_file_output
        ),
    )
    pending = PendingRun(waiting)
    creating = steps(pending, reference, input, options, until=Until.CREATED, output=lambda: None)
    return StreamPlan(pending, creating, waiting, use_files, idle_timeout, max_event_size)


def plan_existing(
    settings: Settings,
    prediction: Prediction | str,
    *,
    use_file_output: bool | None,
    timeout: float | None,
    cancel_on_exit: bool,
    idle_timeout: float,
    max_event_size: int,
) -> StreamPlan:
    """Return the plan of a stream of an existing prediction; options as in ``predictions.stream``.

    Raises:
        InvalidInputError: An option is not valid.
    """
    _check(idle_timeout, max_event_size)
    use_files = settings.use_file_output if use_file_output is None else use_file_output
    waiting = plan(
        settings,
        WaitOptions.of(
            timeout=timeout, cancel_on_exit=cancel_on_exit, use_file_output=use_file_output
        ),
    )
    pending = PendingRun(waiting, state_of(prediction))
    polling = pending.poll(pauses=False)
    return StreamPlan(pending, polling, waiting, use_files, idle_timeout, max_event_size)


def _check(idle_timeout: float, max_event_size: int) -> None:
    check_seconds("idle_timeout", idle_timeout)
    check_size("max_event_size", max_event_size)
