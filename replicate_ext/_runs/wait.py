"""Waiting for a run that exists. No I/O: flows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from replicate_ext._runs.pending import PendingRun
from replicate_ext._runs.plan import plan

if TYPE_CHECKING:
    from replicate_api.models import Prediction, Training

    from replicate_ext._http.flow import Flow
    from replicate_ext._http.settings import Settings
    from replicate_ext._runs.options import WaitOptions


def wait(
    settings: Settings,
    run: Prediction | Training | str,
    options: WaitOptions,
    *,
    check: bool,
) -> Flow[Any]:
    """Wait until a prediction or training ends and return it."""
    # By name, as importing the class takes longer than anything else here.
    is_training = type(run).__name__ in ("Training", "AsyncTraining")
    planned = plan(settings, options, is_training=is_training)
    pending = PendingRun(planned, {"id": run} if isinstance(run, str) else run.to_dict())
    yield from pending.guarded(pending.until_done(is_stale=True))
    if check:
        pending.require_success()
    return planned.read(pending.state)
