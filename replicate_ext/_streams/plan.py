"""Plans of streams: of a new prediction, or of an existing one. No I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from replicate_ext._runs.options import CreateOptions, WaitOptions
from replicate_ext._runs.pending import PendingRun
from replicate_ext._runs.plan import plan
from replicate_ext._runs.run import Until, steps
from replicate_ext._streams.reading import StreamPlan

if TYPE_CHECKING:
    from replicate_api.models import Prediction

    from replicate_ext._http.settings import Settings
    from replicate_ext._runs.reference import Reference


def run(
    settings: Settings,
    reference: Reference,
    input: dict[str, Any] | None,
    options: CreateOptions,
    *,
    use_file_output: bool,
    timeout: float | None,
    cancel_on_exit: bool,
    idle_timeout: float,
    max_event_size: int,
) -> StreamPlan:
    """Return the plan of a stream that creates its prediction."""
    waiting = plan(settings, WaitOptions(timeout=timeout, cancel_on_exit=cancel_on_exit))
    watched = PendingRun(waiting)
    creating = steps(watched, reference, input, options, until=Until.CREATED, output=lambda: None)
    planned = StreamPlan(watched, creating, waiting, use_file_output, idle_timeout, max_event_size)
    return planned.checked()


def existing(
    settings: Settings,
    prediction: Prediction | str,
    *,
    use_file_output: bool,
    timeout: float | None,
    cancel_on_exit: bool,
    idle_timeout: float,
    max_event_size: int,
) -> StreamPlan:
    """Return the plan of a stream of a prediction that exists."""
    waiting = plan(settings, WaitOptions(timeout=timeout, cancel_on_exit=cancel_on_exit))
    seen = {"id": prediction} if isinstance(prediction, str) else prediction.to_dict()
    watched = PendingRun(waiting, seen)
    look = watched.poll(pauses=False)
    planned = StreamPlan(watched, look, waiting, use_file_output, idle_timeout, max_event_size)
    return planned.checked()
