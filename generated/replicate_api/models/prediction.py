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
    from .prediction_urls import PredictionUrls
    from .source import Source
    from .webhook_event import WebhookEvent


@attrs.define(kw_only=True)
class Prediction:
    """A run of a model.

    Args:
        created_at: Time when the prediction was created.
        error: The error message, if the prediction failed.
        id: The ID of the prediction.
        input: The input of the model.
        status: The status: "starting", "processing", "succeeded", "failed", "canceled" or
            "aborted".
        urls: The URLs of a prediction.
        version: The ID of the version: 64 hexadecimal digits, or "hidden" for official models.
        completed_at: Time when the prediction finished: succeeded, failed or was canceled.
        data_removed: Whether input, output and logs have been deleted. They are deleted an hour
            after the run.
        deadline: Time when the prediction is canceled automatically, if Cancel-After was sent.
        deployment: The deployment that runs the prediction.
        logs: The log output of the model.
        metrics: Measurements of the run, such as predict_time in seconds.
        model: The model, as owner/name.
        output: The output of the model: any JSON value.
        source: Where the prediction was created: "api" or "web".
        started_at: Time when the model started the prediction.
        webhook: The URL that webhooks are sent to.
        webhook_completed: The URL that a webhook is sent to when the run finishes.
        webhook_events_filter: The events that webhooks are sent for.
    """

    created_at: datetime
    error: str | None
    id: str
    input: dict[str, Any]
    status: PredictionStatus
    urls: PredictionUrls
    version: str
    completed_at: datetime | None = None
    data_removed: bool | None = None
    deadline: datetime | None = None
    deployment: str | None = None
    logs: str | None = None
    metrics: dict[str, Any] | None = None
    model: str | None = None
    output: Any = None
    source: Source | None = None
    started_at: datetime | None = None
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
            created_at=timestamp(get("created_at")),
            error=get("error"),
            id=get("id"),
            input=get("input"),
            status=get("status"),
            urls=parsed(models.PredictionUrls.from_dict, get("urls")),
            version=get("version"),
            completed_at=timestamp(get("completed_at")),
            data_removed=get("data_removed"),
            deadline=timestamp(get("deadline")),
            deployment=get("deployment"),
            logs=get("logs"),
            metrics=get("metrics"),
            model=get("model"),
            output=get("output"),
            source=get("source"),
            started_at=timestamp(get("started_at")),
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
                "created_at": self.created_at,
                "error": self.error,
                "id": self.id,
                "input": self.input,
                "status": self.status,
                "urls": self.urls,
                "version": self.version,
                "completed_at": self.completed_at,
                "data_removed": self.data_removed,
                "deadline": self.deadline,
                "deployment": self.deployment,
                "logs": self.logs,
                "metrics": self.metrics,
                "model": self.model,
                "output": self.output,
                "source": self.source,
                "started_at": self.started_at,
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
        "created_at",
        "error",
        "id",
        "input",
        "status",
        "urls",
        "version",
        "completed_at",
        "data_removed",
        "deadline",
        "deployment",
        "logs",
        "metrics",
        "model",
        "output",
        "source",
        "started_at",
        "webhook",
        "webhook_completed",
        "webhook_events_filter",
    )
)
