"""Starting trainings. No I/O: flows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replicate_ext._http.flow import shield
from replicate_ext._http.options import Input, check_file_encoding, check_webhook
from replicate_ext._http.send import Settings, noted, perform
from replicate_ext._runs.flows import with_input
from replicate_ext._runs.reference import ModelReference
from replicate_ext._runs.wait import CANCEL_SECONDS, Wait, plan, training_of
from replicate_ext.errors import InvalidInputError, InvalidReferenceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from replicate_api.models import Training

    from replicate_ext._http.flow import Flow
    from replicate_ext._http.options import FileEncoding


def create(
    settings: Settings,
    path: Sequence[str],
    destination: str,
    input: Input,
    *,
    webhook: str | None,
    webhook_events_filter: Iterable[str] | None,
    file_encoding: FileEncoding | None,
) -> Flow[Training]:
    """Start a training and return it as it starts."""
    from replicate_api.api.trainings import create as operation
    from replicate_api.models import TrainingRequest

    encoding = settings.file_encoding if file_encoding is None else file_encoding
    check_file_encoding(encoding)
    _check_destination(destination)
    body = TrainingRequest(
        destination=destination,
        input={},
        webhook=webhook,
        webhook_events_filter=check_webhook(webhook, webhook_events_filter),
    )
    arguments = operation.request(*path, body=body)
    sent = yield from with_input(settings, arguments, input, encoding)
    watched = Wait(plan(settings, is_training=True))
    creating = _created(watched, perform(settings, sent, operation.parse))
    shielded = noted(shield(creating, CANCEL_SECONDS), lambda: watched.is_created)
    return (yield from watched.guarded(_training_of(watched, shielded)))


def _created(watched: Wait, performing: Flow[Training]) -> Flow[None]:
    training = yield from performing
    watched.created(training.to_dict())


def _training_of(watched: Wait, creating: Flow[None]) -> Flow[Training]:
    """Create a training and return it: an interrupt between the two still finds it guarded."""
    yield from creating
    return training_of(watched.run)


def _check_destination(destination: str) -> None:
    try:
        model = ModelReference.of(destination)
    except InvalidReferenceError:
        model = ModelReference()
    if model.name is None or model.version or model.is_deployment:
        raise InvalidInputError(
            f"destination is {destination!r}: expected owner/name of a model that exists, to which "
            "the training adds a version"
        )
