"""Encoding a stream for a browser, in one of two protocols. No I/O.

Both are server-sent events:
https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
"""

from __future__ import annotations

import json
import logging
import re
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from replicate_ext._messages import shown
from replicate_ext.errors import (
    InvalidInputError,
    PredictionAborted,
    PredictionCanceled,
    PredictionFailed,
    PredictionTimeout,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from replicate_ext._streams.sse import ServerSentEvent

EventProtocol: TypeAlias = Literal["raw", "vercel"]

_log = logging.getLogger("replicate_ext")

_COMMENT = b":\n\n"
"""A comment, which every reader of server-sent events ignores."""

_HEADERS = {
    "Content-Type": "text/event-stream",
    "Cache-Control": "no-cache, no-transform",  # compression would delay the events
    "X-Accel-Buffering": "no",  # nginx and similar proxies then pass on each event at once
}

_LINE_END = re.compile(r"\r\n|\r|\n")  # str.splitlines knows more line ends

# Messages for the browser; those of the model and the API could contain anything.
_MESSAGES: tuple[tuple[type[BaseException], str], ...] = (
    (PredictionTimeout, "The model did not finish in time."),
    (PredictionAborted, "The model did not start in time."),
    (PredictionCanceled, "The run was canceled."),
    (PredictionFailed, "The model failed."),
    (BaseException, "An error occurred."),
)


class Ended(NamedTuple):
    """End of a stream.

    Args:
        error: Reason why the stream is not complete; None if it is complete.
    """

    error: BaseException | None


class RawProtocol:
    """The events of Replicate's own streams: ``output``, ``error`` and ``done``."""

    headers: Mapping[str, str] = _HEADERS

    def encode(self, item: ServerSentEvent | Ended | None) -> bytes:
        """Return the bytes for an event, for the end of the stream, or for a heartbeat (None)."""
        if isinstance(item, Ended):
            if item.error is None:
                return self.finish()
            _log.error("Sent an error event to the browser", exc_info=item.error)
            return self.fail(next(text for kind, text in _MESSAGES if isinstance(item.error, kind)))
        if item is None or item.event != "output":
            return _COMMENT
        return self.output(str(item), item.id)

    def start(self) -> bytes:
        """Return the first bytes. Servers send the response headers together with them."""
        return _COMMENT

    def output(self, text: str, id: str) -> bytes:
        """Return the bytes for one output event."""
        return _event("event: output", *([f"id: {id}"] if id else []), *_data(text))

    def fail(self, message: str) -> bytes:
        """Return the last bytes of a stream that is not complete."""
        return _event("event: error", *_data(_json({"detail": message})))

    def finish(self) -> bytes:
        """Return the last bytes of a complete stream."""
        return _event("event: done", "data: {}")


class VercelProtocol(RawProtocol):
    """The UI message stream of the npm package ``ai``, versions 5 and 6.

    https://ai-sdk.dev/docs/ai-sdk-ui/stream-protocol#data-stream-protocol
    """

    headers: Mapping[str, str] = {**_HEADERS, "x-vercel-ai-ui-message-stream": "v1"}

    def __init__(self) -> None:
        self._has_text = False

    def start(self) -> bytes:
        """Return the first bytes. Servers send the response headers together with them."""
        return _part("start")

    def output(self, text: str, id: str) -> bytes:  # noqa: ARG002 - text parts have no event ids
        """Return the bytes for one output event."""
        start = b"" if self._has_text else _part("text-start", id="text")
        self._has_text = True
        return start + _part("text-delta", id="text", delta=text)

    def fail(self, message: str) -> bytes:
        """Return the last bytes of a stream that is not complete."""
        return _part("error", errorText=message) + _event("data: [DONE]")

    def finish(self) -> bytes:
        """Return the last bytes of a complete stream."""
        end = _part("text-end", id="text") if self._has_text else b""
        return end + _part("finish") + _event("data: [DONE]")


_PROTOCOLS: Mapping[str, type[RawProtocol]] = {"raw": RawProtocol, "vercel": VercelProtocol}


def protocol_of(name: str) -> RawProtocol:
    """Return a protocol by its name.

    Raises:
        InvalidInputError: The name is not "raw" or "vercel".
    """
    if name not in _PROTOCOLS:
        raise InvalidInputError(f"protocol must be 'raw' or 'vercel', got {shown(name)}")
    return _PROTOCOLS[name]()


def _part(kind: str, **fields: str) -> bytes:
    return _event(*_data(_json({"type": kind, **fields})))


def _data(text: str) -> list[str]:
    return [f"data: {line}" for line in _LINE_END.split(text)]


def _event(*lines: str) -> bytes:
    # Texts decoded from JSON may have lone surrogates, which UTF-8 cannot encode.
    return "\n".join([*lines, "", ""]).encode("utf-8", "replace")


def _json(value: dict[str, str]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
