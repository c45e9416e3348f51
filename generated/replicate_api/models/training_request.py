# Generated from openapi.yaml by `make generate`; changes made here are lost.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

import attrs

from ..decoding import getter
from ..encoding import unparsed

if TYPE_CHECKING:
    pass
    from .webhook_event import WebhookEvent


@attrs.define(kw_only=True)
class TrainingRequest:
    """What starts a training.

    Args:
        destination: The model that gets the new version, as owner/name.
        input: What the trainer takes.
        webhook: The https URL to send events to.
        webhook_events_filter: The events to send, of start, output, logs and completed; the API sends output and
            completed where it is left out.
    """

    destination: str
    input: dict[str, Any]
    webhook: str | None = None
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
            destination=get("destination"),
            input=get("input"),
            webhook=get("webhook"),
            webhook_events_filter=get("webhook_events_filter"),
        )
        made._source = source
        return made

    def to_dict(self) -> dict[str, Any]:
        """Return the object as JSON: what it was read from, with what has changed since."""
        return unparsed(
            self._source,
            {
                "destination": self.destination,
                "input": self.input,
                "webhook": self.webhook,
                "webhook_events_filter": self.webhook_events_filter,
            },
        )

    @property
    def additional_properties(self) -> dict[str, Any]:
        """What the API gave beyond the fields that it documents."""
        return {key: value for key, value in self._source.items() if key not in _FIELDS}


_FIELDS = frozenset(("destination", "input", "webhook", "webhook_events_filter"))
