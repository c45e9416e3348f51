"""Waiting for a run that exists. No I/O: flows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from replicate_ext._runs.pending import PendingRun
from replicate_ext._runs.plan import is_a, plan, state_of

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
    """Wait until a prediction or training ends and return it.

    Raises:
        InvalidInputError: ``run`` is not a run or the ID of one.
    """
    planned = plan(settings, options, is_training=is_a(run, "Training"))
    pending = PendingRun(planned, state_of(run))
    yield from pending.guarded(pending.until_done(is_stale=True))
    if check:
        pending.require_success()
    return planned.read(pending.state)
