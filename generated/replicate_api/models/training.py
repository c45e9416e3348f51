# Generated from openapi.yaml by `make generate`; changes made here are lost.
from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

import attrs

from .. import models
from ..decoding import getter, parsed
from ..encoding import unparsed
from ..timestamps import timestamp

if TYPE_CHECKING:
    from .prediction_status import PredictionStatus
    from .source import Source
    from .training_output import TrainingOutput
    from .training_urls import TrainingUrls
    from .webhook_event import WebhookEvent


@attrs.define(kw_only=True)
class Training:
    """A training, which makes a new version of a model.

    Args:
        completed_at: Time when the training finished: succeeded, failed or was canceled.
        created_at: Time when the training was created.
        error: The error message, if the training failed.
        id: The ID of the training.
        input: The input of the training.
        logs: The log output of the training.
        metrics: Measurements of the run, such as predict_time in seconds.
        model: The trained model, as owner/name.
        source: Where the training was created: "api" or "web".
        started_at: Time when the training started.
        status: The status: "starting", "processing", "succeeded", "failed", "canceled" or
            "aborted".
        urls: The URLs of a training.
        version: The ID of the version that is trained from: 64 hexadecimal digits.
        webhook: The URL that webhooks are sent to.
        webhook_completed: The URL that a webhook is sent to when the run finishes.
        webhook_events_filter: The events that webhooks are sent for.
    """

    completed_at: datetime | None = None
    created_at: datetime | None = None
    error: str | None = None
    id: str | None = None
    input: dict[str, Any] | None = None
    logs: str | None = None
    metrics: dict[str, Any] | None = None
    model: str | None = None
    output: TrainingOutput | None = None
    source: Source | None = None
    started_at: datetime | None = None
    status: PredictionStatus | None = None
    urls: TrainingUrls | None = None
    version: str | None = None
    webhook: str | None = None
    webhook_completed: str | None = None
    webhook_events_filter: list[WebhookEvent] | None = None
    _source: Mapping[str, Any] = attrs.field(
        factory=dict[str, Any], init=False, repr=False, eq=False
    )

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Create the object from JSON. A value of an unexpected type is kept unchanged.

        Args:
            source: The JSON object. It is stored, not copied.
        """
        get = getter(source)
        made = cls(
            completed_at=timestamp(get("completed_at")),
            created_at=timestamp(get("created_at")),
            error=get("error"),
            id=get("id"),
            input=get("input"),
            logs=get("logs"),
            metrics=get("metrics"),
            model=get("model"),
            output=parsed(models.TrainingOutput.from_dict, get("output")),
            source=get("source"),
            started_at=timestamp(get("started_at")),
            status=get("status"),
            urls=parsed(models.TrainingUrls.from_dict, get("urls")),
            version=get("version"),
            webhook=get("webhook"),
            webhook_completed=get("webhook_completed"),
            webhook_events_filter=get("webhook_events_filter"),
        )
        made._source = source
        return made

    def to_dict(self) -> dict[str, Any]:
        """Return the object as JSON: the JSON that it was created from, with later changes."""
        return unparsed(
            self._source,
            {
                "completed_at": self.completed_at,
                "created_at": self.created_at,
                "error": self.error,
                "id": self.id,
                "input": self.input,
                "logs": self.logs,
                "metrics": self.metrics,
                "model": self.model,
                "output": self.output,
                "source": self.source,
                "started_at": self.started_at,
                "status": self.status,
                "urls": self.urls,
                "version": self.version,
                "webhook": self.webhook,
                "webhook_completed": self.webhook_completed,
                "webhook_events_filter": self.webhook_events_filter,
            },
        )

    @property
    def additional_properties(self) -> dict[str, Any]:
        """Fields of the JSON that the API does not document."""
        return {key: value for key, value in self._source.items() if key not in _FIELDS}


_FIELDS = frozenset(
    (
        "completed_at",
        "created_at",
        "error",
        "id",
        "input",
        "logs",
        "metrics",
        "model",
        "output",
        "source",
        "started_at",
        "status",
        "urls",
        "version",
        "webhook",
        "webhook_completed",
        "webhook_events_filter",
    )
)
