"""Plans for waiting for runs."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple

from replicate_ext._http.callbacks import check_callback
from replicate_ext._http.checks import poll_seconds
from replicate_ext._http.policy import adaptive_interval
from replicate_ext._messages import shown
from replicate_ext.errors import InvalidInputError

if TYPE_CHECKING:
    from replicate_api.models import Prediction, Training

    from replicate_ext._http.settings import Settings
    from replicate_ext._runs.options import WaitOptions
    from replicate_ext.types import PollInterval


class Plan(NamedTuple):
    """Plan for waiting for a run; created by ``plan``.

    Args:
        settings: Settings of the client.
        is_training: Whether the run is a training instead of a prediction.
        started: Clock time at which the call started.
        deadline: Clock time of the deadline; None for no deadline.
        poll_interval: The ``poll_interval`` of the call, or of the client if the call has none.
        options: Options of the call.
        process: The process that the run belongs to; a forked child never cancels it.
    """

    settings: Settings
    is_training: bool
    started: float
    deadline: float | None
    poll_interval: PollInterval | None
    options: WaitOptions
    process: int

    def now(self) -> float:
        """Return the time of the clock."""
        return self.settings.clock.now()

    def interval(self, elapsed: float) -> float:
        """Return the seconds until the next poll.

        Args:
            elapsed: Seconds since the call started.

        Raises:
            InvalidInputError: The function ``poll_interval`` returned an invalid value.
        """
        if callable(self.poll_interval):
            return poll_seconds(self.poll_interval(elapsed))
        return adaptive_interval(elapsed) if self.poll_interval is None else self.poll_interval

    def read(self, state: dict[str, Any]) -> Any:
        """Convert the JSON of a run to an object that is bound to the client."""
        read = training_of if self.is_training else prediction_of
        return self.settings.bind(read(state), self.options.use_file_output)


def plan(settings: Settings, options: WaitOptions, *, is_training: bool = False) -> Plan:
    """Return a plan that starts now.

    Args:
        settings: Settings of the client.
        options: Options of the caller.
        is_training: Whether the run is a training instead of a prediction.

    Raises:
        InvalidInputError: ``on_progress`` or ``stop`` is not a function that the client can call.
    """
    check_callback("on_progress", options.on_progress, is_async=settings.is_async)
    check_callback("stop", options.stop, is_async=settings.is_async)
    started = settings.clock.now()
    interval = options.poll_interval
    return Plan(
        settings,
        is_training=is_training,
        started=started,
        deadline=None if options.timeout is None else started + options.timeout,
        poll_interval=settings.poll_interval if interval is None else interval,
        options=options,
        process=os.getpid(),
    )


def state_of(run: Prediction | Training | str) -> dict[str, Any]:
    """Return the known state of a run as JSON.

    Args:
        run: The run, or the ID of a prediction.

    Raises:
        InvalidInputError: The value is neither.
    """
    if isinstance(run, str):
        return {"id": run}
    if is_a(run, "Prediction") or is_a(run, "Training"):
        return run.to_dict()
    raise InvalidInputError(
        f"invalid prediction {shown(run)}: expected a Prediction, a Training or the ID of a "
        "prediction, as in client.wait(prediction) or client.wait(prediction.id)"
    )


def is_a(run: object, name: str) -> bool:
    """Return whether an object is an instance of a class with a name.

    By name, because importing the class takes longer than anything else here.

    Args:
        run: The object.
        name: "Prediction" or "Training".
    """
    return any(kind.__name__ == name for kind in type(run).__mro__)


def prediction_of(state: dict[str, Any]) -> Prediction:
    """Convert the JSON of a prediction to an object."""
    # Imported late: most calls of run() need no object, and importing attrs is slow.
    from replicate_api.models import Prediction

    return Prediction.from_dict(state)


def training_of(state: dict[str, Any]) -> Training:
    """Convert the JSON of a training to an object."""
    from replicate_api.models import Training

    return Training.from_dict(state)
