"""The webhook of one prediction or training: which events it sends, and how often."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from typing import cast

from replicate_ext.sandbox._http.responses import encode
from replicate_ext.sandbox._webhooks.message import Event, Message

FIELDS = ("webhook", "webhook_events_filter")
"""Fields of a create request that configure its webhook; each delivery repeats them."""

_DEFAULT_EVENTS: Sequence[Event] = ("output", "completed")
_THROTTLED: Sequence[Event] = ("output", "logs")
_INTERVAL = 0.5


class Hook:
    """The webhook of one prediction or training.

    `output` and `logs` are each sent at most every 500 ms. Updates in between are sent together
    when that time is over, or not at all if `completed`, which contains all output and logs, comes
    first.

    Args:
        send: sends a message. Messages that share a lock arrive in order.
        url: URL of the receiver.
        fields: values of the FIELDS that the create request has.
    """

    def __init__(
        self, send: Callable[[Message, asyncio.Lock], None], url: str, fields: Mapping[str, object]
    ) -> None:
        events = fields.get("webhook_events_filter", _DEFAULT_EVENTS)
        self._deliver = send
        self._url = url
        self._fields = fields
        self._events = cast("Sequence[Event]", events)
        self._lock = asyncio.Lock()
        self._loop = asyncio.get_running_loop()
        self._not_before: dict[Event, float] = {}
        self._scheduled: dict[Event, asyncio.TimerHandle] = {}

    def notify(self, event: Event, snapshot: Callable[[], Mapping[str, object]]) -> None:
        """Send an event, now or when the interval is over, unless the filter excludes it.

        Args:
            event: what happened. `completed` must be the last event.
            snapshot: returns the object as its GET endpoint shows it; called when the event is
                sent.
        """
        if event not in self._events or event in self._scheduled:
            return
        if event == "completed":
            for timer in self._scheduled.values():
                timer.cancel()
        delay = self._not_before.get(event, 0) - self._loop.time()
        if delay > 0:
            self._scheduled[event] = self._loop.call_later(delay, self._send, event, snapshot)
        else:
            self._send(event, snapshot)

    def _send(self, event: Event, snapshot: Callable[[], Mapping[str, object]]) -> None:
        self._scheduled.pop(event, None)
        if event in _THROTTLED:
            self._not_before[event] = self._loop.time() + _INTERVAL
        text = json.dumps(
            {**snapshot(), **self._fields},
            ensure_ascii=False,
            sort_keys=True,
            separators=(",", ":"),
        )
        self._deliver(Message(event=event, url=self._url, body=encode(text)), self._lock)
