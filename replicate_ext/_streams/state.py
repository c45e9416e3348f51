"""State of a stream: which events are new, and how to reconnect. No I/O."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

import httpx

from replicate_ext._files.output import with_files
from replicate_ext._http import policy
from replicate_ext._runs.plan import prediction_of
from replicate_ext._status import has_ended
from replicate_ext._streams.received import ReceivedIds, ReceivedText
from replicate_ext._streams.sse import Decoder, ServerSentEvent
from replicate_ext.errors import (
    PredictionCanceled,
    PredictionError,
    PredictionFailed,
    StreamError,
    StreamInterrupted,
)

if TYPE_CHECKING:
    from replicate_api.models import Prediction

    from replicate_ext._http.settings import Settings

MAX_RECONNECTS = 5
"""Consecutive connections without new events, after which the prediction is polled instead."""

_UNFOLDED = 1 << 16
"""Number of bytes after which the ids and texts that were received are made compact."""

_KINDS: dict[str | None, type[PredictionError]] = {
    "canceled": PredictionCanceled,
    "error": PredictionFailed,
}
"""Errors for the reasons in a ``done`` event."""

_FILES = "/v1/files/"
"""Path prefix of streams whose outputs are files, as in the JavaScript client."""


class Ending(NamedTuple):
    """End of a prediction without success, as the stream reported it.

    Args:
        kind: Type of the error to raise.
        words: Message of the stream; may be empty.
    """

    kind: type[PredictionError]
    words: str

    def error(self, prediction: Prediction) -> PredictionError:
        """Return the error.

        Args:
            prediction: Latest known prediction.
        """
        ended = "was canceled" if self.kind is PredictionCanceled else "failed"
        message = self.words or f"prediction {prediction.id} {ended}"
        return self.kind(prediction, message)


class StreamState:
    """State of the stream of one prediction.

    ``is_done`` is true once the prediction has ended, and ``ending`` is set if the stream reported
    that it did not succeed. ``error`` is set if the stream cannot be read. ``is_read_out`` is true
    if no connection can deliver more events.

    Args:
        settings: Settings of the client.
        prediction: Latest known prediction, as JSON.
        use_file_output: Whether outputs that are files become FileOutput.
        max_event_size: Maximum size of an event, in bytes.
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
        self.url: str | None = None if self.has_ended else url  # its output is already complete
        self.is_done: bool = False
        self.was_polled: bool = False
        self.ending: Ending | None = None
        self.error: StreamError | None = None
        self.is_read_out: bool = False
        self._settings = settings
        self._use_file_output = use_file_output
        self._has_files = url is None or urlsplit(url).path.startswith(_FILES)
        self._max_event_size = max_event_size
        self._unfolded = 0
        self._text = ReceivedText()
        self._ids = ReceivedIds()
        self._has_outputs_without_id = False
        self._has_yielded_done = False
        self._last_id = ""
        self._retry: int | None = None
        self._failures = 0
        self._decoder = Decoder(max_event_size)

    def headers(self) -> dict[str, Any]:
        """Return the headers of the next connection, and start a new decoder for it."""
        self._decoder = Decoder(self._max_event_size, self._last_id)
        self._ids.begin_connection()
        headers: dict[str, str | bytes] = {
            "Accept": "text/event-stream",
            "Accept-Encoding": "identity",
            "Cache-Control": "no-store",
        }
        # https://html.spec.whatwg.org/multipage/server-sent-events.html#the-last-event-id-header
        return headers | ({"Last-Event-ID": self._last_id.encode()} if self._last_id else {})

    def feed(self, chunk: bytes) -> list[ServerSentEvent]:
        """Return the new events of a chunk.

        Args:
            chunk: The next bytes of the connection.
        """
        decoder, received = self._decoder, self._ids
        events: list[ServerSentEvent] = []
        self._unfolded += len(chunk)
        if self._unfolded > _UNFOLDED:
            self._unfolded = len(chunk)
            received.fold()
            self._text.fold()
        add_id, add_text = received.add, self._text.add
        try:
            for event in decoder.feed(chunk):
                kind, data, latest_id, _ = event
                own_id = latest_id if decoder.has_own_id else ""
                if own_id:
                    if received.is_repeated(own_id) and kind not in ("done", "error"):
                        continue
                    self._last_id = own_id
                    add_id(own_id)
                if kind == "output":
                    self._failures = 0
                    self._has_outputs_without_id = self._has_outputs_without_id or not own_id
                    add_text(data)
                    events.append(
                        event._replace(data=self._data(data)) if self._has_files else event
                    )
                    continue
                # Every connection may begin with a greeting: only outputs and ids are progress.
                if own_id:
                    self._failures = 0
                self._process_end(event)
                if kind != "error":
                    events.append(event)
                if self.is_done:
                    break
        except StreamError as error:  # the events before it are returned first
            self.error = error
            self.is_read_out = True
        return events

    def _process_end(self, event: ServerSentEvent) -> None:
        self.is_done = self.is_read_out = event.event in ("done", "error")
        if event.event == "error":
            self.ending = Ending(PredictionFailed, _error_text(event.data).strip())
        elif event.event == "done":
            kind = _KINDS.get(_reason(event.data))
            self.ending = None if kind is None else Ending(kind, "")
        self._has_yielded_done = event.event == "done"

    def text(self, undelivered: int = 0) -> str:
        """Return the text of all outputs so far; of a long text, only its last part.

        Args:
            undelivered: Number of the latest outputs to leave out: the reader did not get them.
        """
        return self._text.text(undelivered)

    def _data(self, text: str) -> Any:
        if not (self._use_file_output and self._has_files):
            return text
        return with_files(text, self._settings.download_client, self._settings.clock)

    def reconnect(self, outcome: httpx.Response | httpx.RequestError | None) -> float | None:
        """Return the seconds to wait before the next connection; None if the stream cannot resume.

        Args:
            outcome: The response that was not a stream, the error that cut the connection, or None
                if it ended without a ``done`` event.
        """
        self._failures += 1
        if self._decoder.retry is not None:
            self._retry = self._decoder.retry
        # Without the ids of all outputs, a new connection would repeat or omit some of them.
        cannot_resume = self._has_outputs_without_id or self._ids.is_full()
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
        """Return events for the part of a prediction's output that the stream did not deliver.

        Args:
            prediction: The polled prediction, as JSON.

        Raises:
            StreamInterrupted: The output does not continue the text of the stream.
        """
        self.prediction = prediction
        self.was_polled = True
        output = prediction.get("output")
        items = [_text(item) for item in (output if isinstance(output, list) else [output])]
        items = [] if output is None else items
        if self.url is not None:  # events do not preserve the type of line break
            items = [item.replace("\r\n", "\n").replace("\r", "\n") for item in items]
        self.is_done = self.is_read_out = has_ended(prediction)
        new = self._items_beyond(items)
        for item in new:
            self._text.add(item)
        events = [ServerSentEvent("output", self._data(item), self._last_id, None) for item in new]
        if prediction.get("status") == "succeeded" and not self._has_yielded_done:
            self._has_yielded_done = True
            events.append(ServerSentEvent("done", "{}", self._last_id, None))
        return events

    def _items_beyond(self, items: list[str]) -> list[str]:
        """Return the part of the output that follows the received text."""
        rest = self._text.rest_of(items)
        if rest is not None:
            return rest
        is_running = not has_ended(self.prediction)
        # While the prediction runs, the API may show less output than the stream has sent.
        if is_running and self._text.is_longer_than("".join(items)):
            return []
        # A prediction without success may have no output; its error is raised instead.
        if not is_running and self.prediction.get("status") != "succeeded":
            return []
        raise StreamInterrupted(
            "the connection was lost, and the output of the prediction does not continue "
            "the text that was received",
            self._text.text(),
            self._settings.bind(prediction_of(self.prediction), self._use_file_output),
        )


def _stream_url(prediction: dict[str, Any]) -> str | None:
    urls = prediction.get("urls")
    url = urls.get("stream") if isinstance(urls, dict) else None
    try:
        if not isinstance(url, str) or urlsplit(url).scheme not in ("http", "https"):
            return None
        has_place = urlsplit(url).port != 0 and httpx.URL(url).host  # a port may be invalid
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
