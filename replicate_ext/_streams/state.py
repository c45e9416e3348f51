"""What a stream has given, and what that means for the next event or connection. No I/O."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

import httpx

from replicate_ext._files.output import with_files
from replicate_ext._http import policy
from replicate_ext._runs.plan import prediction_of
from replicate_ext._status import has_ended
from replicate_ext._streams.sse import Decoder, ServerSentEvent
from replicate_ext.errors import (
    PredictionCanceled,
    PredictionError,
    PredictionFailed,
    StreamError,
    StreamInterrupted,
)

if TYPE_CHECKING:
    from replicate_ext._http.settings import Settings

MAX_RECONNECTS = 5
"""Connections in a row that bring nothing new, after which the prediction is looked at instead."""

_KINDS: dict[str | None, type[PredictionError]] = {
    "canceled": PredictionCanceled,
    "error": PredictionFailed,
}
"""The errors for the reasons of a ``done`` that ends no successful run."""

_FILES = "/v1/files/"
"""The start of the paths of streams whose outputs are files; the JavaScript client's rule."""


class Ending(NamedTuple):
    """How the run ended without success, by the stream's own account.

    Args:
        kind: The error for it.
        words: What the stream says about it, empty where it says nothing.
    """

    kind: type[PredictionError]
    words: str

    def error(self, prediction: dict[str, Any]) -> PredictionError:
        """Return the error.

        Args:
            prediction: The prediction as it was last seen, as JSON.
        """
        ended = "was canceled" if self.kind is PredictionCanceled else "failed"
        message = self.words or f"prediction {prediction.get('id')} {ended}"
        return self.kind(prediction_of(prediction), message)


class StreamState:
    """One stream of one prediction.

    ``is_done`` says that the run has ended. ``ending`` says how, where the stream reports an end
    without success. ``error`` is what makes the stream unreadable. ``is_read_out`` says that one of
    them is so, and a connection has nothing more to bring.

    Args:
        settings: The client's settings.
        prediction: The prediction as it was last seen, as JSON.
        use_file_output: Whether outputs that are files become FileOutput.
        max_event_size: The most bytes that one event may have.
    """

    def __init__(
        self,
        settings: Settings,
        prediction: dict[str, Any],
        *,
        use_file_output: bool,
        max_event_size: int,
    ) -> None:
        url = _stream_url(prediction)
        self.prediction: dict[str, Any] = prediction
        self.has_ended: bool = has_ended(prediction)
        self.url: str | None = None if self.has_ended else url  # what it put out can be had at once
        self.is_done: bool = False
        self.was_looked_at: bool = False
        self.ending: Ending | None = None
        self.error: StreamError | None = None
        self.is_read_out: bool = False
        self._settings = settings
        self._use_file_output = use_file_output
        self._has_files = url is None or urlsplit(url).path.startswith(_FILES)
        self._max_event_size = max_event_size
        self._given: list[str] = []
        self._given_ids: set[str] = set()
        self._earlier_ids: frozenset[str] | set[str] = frozenset()
        self._has_nameless = False
        self._has_given_done = False
        self._last_id = ""
        self._retry: int | None = None
        self._failures = 0
        self._decoder = Decoder(max_event_size)

    def headers(self) -> dict[str, Any]:
        """Return the headers of the next connection, which starts with a fresh decoder."""
        self._decoder = Decoder(self._max_event_size, self._last_id)
        # Only what an earlier connection gave can come again: ids need not be unique within one.
        self._earlier_ids |= self._given_ids
        self._given_ids = set()
        headers: dict[str, str | bytes] = {
            "Accept": "text/event-stream",
            "Accept-Encoding": "identity",
            "Cache-Control": "no-store",
        }
        # https://html.spec.whatwg.org/multipage/server-sent-events.html#the-last-event-id-header
        return headers | ({"Last-Event-ID": self._last_id.encode()} if self._last_id else {})

    def feed(self, chunk: bytes) -> list[ServerSentEvent]:
        """Return what is new in a chunk.

        Args:
            chunk: The next bytes of the connection.
        """
        decoder = self._decoder
        events: list[ServerSentEvent] = []
        try:
            for event in decoder.feed(chunk):
                own_id = (decoder.last_id if decoder.has_own_id else "") or None
                if own_id in self._earlier_ids and event.event not in ("done", "error"):
                    continue
                # A greeting comes on every connection: without an id it is no news.
                if own_id is not None or event.event == "output":
                    self._failures = 0
                if own_id is not None:
                    self._last_id = own_id
                    self._given_ids.add(own_id)
                if event.event == "output":
                    self._has_nameless = self._has_nameless or own_id is None
                    self._given.append(event.data)
                    events.append(
                        event._replace(data=self._data(event.data)) if self._has_files else event
                    )
                    continue
                self._note_end(event)
                if event.event != "error":
                    events.append(event)
                if self.is_done:
                    break
        except StreamError as error:  # the events before it are given first
            self.error = error
            self.is_read_out = True
        return events

    def _note_end(self, event: ServerSentEvent) -> None:
        self.is_done = self.is_read_out = event.event in ("done", "error")
        if event.event == "error":
            self.ending = Ending(PredictionFailed, _error_text(event.data).strip())
        elif event.event == "done":
            kind = _KINDS.get(_reason(event.data))
            self.ending = None if kind is None else Ending(kind, "")
        self._has_given_done = event.event == "done"

    def text(self, undelivered: int = 0) -> str:
        """Return the text that was given.

        Args:
            undelivered: How many of the last outputs did not reach the reader.
        """
        return "".join(self._given[: len(self._given) - undelivered])

    def _data(self, text: str) -> Any:
        if not (self._use_file_output and self._has_files):
            return text
        return with_files(text, self._settings.lender, self._settings.clock)

    def reconnect(self, outcome: httpx.Response | httpx.RequestError | None) -> float | None:
        """Return the seconds to wait before the next connection; None if it could not go on.

        Args:
            outcome: The answer that was no stream, why the connection broke off, or None where it
                ended without a ``done``.
        """
        self._failures += 1
        if self._decoder.retry is not None:
            self._retry = self._decoder.retry
        # Without ids a new connection would give again what was given, or leave something out.
        cannot_resume = self._has_nameless
        if cannot_resume or self._failures > MAX_RECONNECTS:
            return None
        if isinstance(outcome, httpx.Response) and not policy.is_transient(outcome):
            return None
        if self._retry is not None:
            return min(self._retry / 1000, policy.MAX_RETRY_AFTER)
        failure: policy.Outcome = httpx.ReadError("")
        if isinstance(outcome, httpx.Response | httpx.TransportError):
            failure = outcome
        chance = self._settings.clock.chance()
        return policy.delay_before_retry(failure, self._failures, chance, repeatable=True)

    def catch_up(self, prediction: dict[str, Any]) -> list[ServerSentEvent]:
        """Return what a prediction's output has beyond what was given.

        Args:
            prediction: The prediction as it is now, as JSON.

        Raises:
            StreamInterrupted: Its output does not continue what was given.
        """
        self.prediction = prediction
        self.was_looked_at = True
        output = prediction.get("output")
        items = [_text(item) for item in (output if isinstance(output, list) else [output])]
        items = [] if output is None else items
        if self.url is not None:  # events have lines, so any end of a line is the same in them
            items = [item.replace("\r\n", "\n").replace("\r", "\n") for item in items]
        self.is_done = self.is_read_out = has_ended(prediction)
        new = self._items_beyond(items)
        self._given += new
        events = [ServerSentEvent("output", self._data(item), self._last_id, None) for item in new]
        if prediction.get("status") == "succeeded" and not self._has_given_done:
            self._has_given_done = True
            events.append(ServerSentEvent("done", "{}", self._last_id, None))
        return events

    def _items_beyond(self, items: list[str]) -> list[str]:
        """Items are compared as one text: events and items need not have the same borders."""
        given, whole = "".join(self._given), "".join(items)
        if not whole.startswith(given):
            is_running = not has_ended(self.prediction)
            # While it runs, the API may show less than the stream gave already.
            if is_running and given.startswith(whole):
                return []
            # A run without success may have no output; how it ended is what its reader must know.
            if not is_running and self.prediction.get("status") != "succeeded":
                return []
            raise StreamInterrupted(
                "the stream broke off, and the prediction's output does not continue its text",
                given,
                prediction_of(self.prediction),
            )
        left = len(given)
        for index, item in enumerate(items):
            if left < len(item):
                return [item[left:], *items[index + 1 :]]
            left -= len(item)
        return []


def _stream_url(prediction: dict[str, Any]) -> str | None:
    urls = prediction.get("urls")
    url = urls.get("stream") if isinstance(urls, dict) else None
    try:
        if not isinstance(url, str) or urlsplit(url).scheme not in ("http", "https"):
            return None
        has_place = urlsplit(url).port != 0 and httpx.URL(url).host  # a port may be out of range
    except (ValueError, httpx.InvalidURL):
        return None
    return url if has_place else None


def _text(item: Any) -> str:
    return item if isinstance(item, str) else json.dumps(item)


def _error_text(data: str) -> str:
    try:
        detail = json.loads(data)["detail"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return data
    return detail if isinstance(detail, str) else data


def _reason(data: str) -> str | None:
    try:
        reason = json.loads(data).get("reason")
    except (ValueError, AttributeError, RecursionError):
        return None
    return reason if isinstance(reason, str) else None
