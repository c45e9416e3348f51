"""Starting trainings. No I/O: flows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from replicate_ext._http.flow import shield
from replicate_ext._http.send import send
from replicate_ext._runs.options import WaitOptions
from replicate_ext._runs.pending import CANCEL_SECONDS, PendingRun
from replicate_ext._runs.plan import plan
from replicate_ext._runs.reference import ModelReference
from replicate_ext._runs.request import with_input
from replicate_ext.errors import InvalidInputError, InvalidReferenceError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import httpx

    from replicate_ext._http.flow import Flow
    from replicate_ext._http.settings import Settings
    from replicate_ext._runs.options import CreateOptions
    from replicate_ext.types import Input


def create(
    settings: Settings,
    path: Sequence[str],
    destination: str,
    input: Input,
    options: CreateOptions,
) -> Flow[Any]:
    """Start a training and return it without waiting for its end."""
    from replicate_api.api.trainings import create as operation
    from replicate_api.models import TrainingRequest

    _check_destination(destination)
    body = TrainingRequest(
        destination=destination,
        input={},
        webhook=options.webhook,
        webhook_events_filter=options.events,
    )
    arguments = operation.request(*path, body=body)
    sent = yield from with_input(settings, arguments, input, options.file_encoding)
    pending = PendingRun(plan(settings, WaitOptions.of(), is_training=True))
    sending = send(settings, sent, repeatable=operation.REPEATABLE)
    return (yield from pending.guarded(_created(pending, sending)))


def _created(pending: PendingRun, sending: Flow[httpx.Response]) -> Flow[Any]:
    pending.is_sent = True
    yield from shield(pending.create_with(sending), CANCEL_SECONDS)
    return pending.plan.read(pending.state)


def _check_destination(destination: str) -> None:
    try:
        model = ModelReference.of(destination)
    except InvalidReferenceError:
        model = ModelReference()
    if model.name is None or model.version or model.is_deployment:
        raise InvalidInputError(
            f"destination must be owner/name of an existing model, got {destination!r}: "
            "the training adds a version to it"
        )
