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
    from .training_output import TrainingOutput
    from .training_urls import TrainingUrls

    pass
    from .source import Source
    from .status import Status
    from .webhook_event import WebhookEvent


@attrs.define(kw_only=True)
class Training:
    """One training of a new version of a model.

    Args:
        completed_at: When it ended, in whatever way.
        error: Why it failed.
        logs: What the training printed.
        metrics: predict_time in seconds, and what else the training counts.
        urls: Where a training can be reached.
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
    source: Source | str | None = None
    started_at: datetime | None = None
    status: Status | str | None = None
    urls: TrainingUrls | None = None
    version: str | None = None
    webhook: str | None = None
    webhook_completed: str | None = None
    webhook_events_filter: list[WebhookEvent | str] | None = None
    _source: Mapping[str, Any] = attrs.field(
        factory=dict[str, Any], init=False, repr=False, eq=False
    )

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read the object from JSON, whatever it holds.

        Args:
            source: The JSON object; it is kept, not copied.
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
        """Return the object as JSON: what it was read from, with what has changed since."""
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
        """What the API gave beyond the fields that it documents."""
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
