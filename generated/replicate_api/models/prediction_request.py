# Generated from openapi.yaml by `make generate`; changes made here are lost.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

import attrs

from ..decoding import getter
from ..encoding import unparsed

if TYPE_CHECKING:
    from .webhook_event import WebhookEvent


@attrs.define(kw_only=True)
class PredictionRequest:
    """Parameters for creating a prediction with the model or deployment of the path.

    Args:
        input: The input of the model. See the openapi_schema of its version.
        stream: Deprecated. Models that can stream always offer a stream URL.
        webhook: The HTTPS URL to send webhooks to.
        webhook_events_filter: The events to send webhooks for: "start", "output", "logs",
            "completed". Default: "output" and "completed".
    """

    input: dict[str, Any]
    stream: bool | None = None
    webhook: str | None = None
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
            input=get("input"),
            stream=get("stream"),
            webhook=get("webhook"),
            webhook_events_filter=get("webhook_events_filter"),
        )
        made._source = source
        return made

    def to_dict(self) -> dict[str, Any]:
        """Return the object as JSON: the JSON that it was created from, with later changes."""
        return unparsed(
            self._source,
            {
                "input": self.input,
                "stream": self.stream,
                "webhook": self.webhook,
                "webhook_events_filter": self.webhook_events_filter,
            },
        )

    @property
    def additional_properties(self) -> dict[str, Any]:
        """Fields of the JSON that the API does not document."""
        return {key: value for key, value in self._source.items() if key not in _FIELDS}


_FIELDS = frozenset(("input", "stream", "webhook", "webhook_events_filter"))
