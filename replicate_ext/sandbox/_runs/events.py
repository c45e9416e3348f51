"""Event streams of predictions. Their URLs are secret, so requests need no token.

https://replicate.com/docs/topics/predictions/streaming
"""

import asyncio
import json
import math
import re
import secrets
import time
from base64 import b32encode
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import TypeAlias, cast
from weakref import WeakValueDictionary

from anyio import create_task_group
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from replicate_ext.sandbox._http.clock import Clock
from replicate_ext.sandbox._http.responses import encode
from replicate_ext.sandbox._models.script import End
from replicate_ext.sandbox._models.signature import StreamOf

_Id: TypeAlias = tuple[int, int]

# The real streams are on separate hosts. Clients recognize a stream of files by "/v1/files/strm-".
# No URL of an uploaded file starts like this, since ids of files are base64, without a dash.
_PATHS: Mapping[StreamOf, str] = {"text": "/streams/", "files": "/v1/files/strm-"}
_GREETING = b": hi\n\n"
# The API sends this line 30 seconds after the last event, or if the data of the prediction is
# removed. The sandbox sends it without a delay, for clients that read to the end of the response.
_FAREWELL = b":408: 408 Request Timeout\n\n"
_REASONS: Mapping[str, str] = {"failed": "error", "canceled": "canceled", "aborted": "canceled"}
_ID = re.compile(r"(\d{1,20}):(\d{1,20})")
_EVENT_OVERHEAD = 200
# Line ends of the event-stream format; other line separators are text.
_LINE_END = re.compile(r"\r\n|\r|\n")


class EventLog:
    """The events of one prediction, kept for clients that reconnect.

    Args:
        url: URL of the stream.
        of: kind of data; a stream of text starts with an empty output.
        has_ids: whether events have ids, which clients need to resume a stream.
    """

    def __init__(self, url: str, of: StreamOf, *, has_ids: bool) -> None:
        self.url = url
        self._of = of
        self._has_ids = has_ids
        self._events: list[tuple[_Id | None, bytes]] = []
        self.size = 0
        """Roughly how many bytes of memory the events take up."""
        self._last_id = (0, -1)
        self._kept_until = math.inf
        self._has_ended = False
        self._changed = asyncio.Event()

    def output(self, value: object) -> None:
        """Add an output event.

        Args:
            value: JSON value; text is sent unchanged, a list of files as one event for each file,
                and other values as JSON.
        """
        if self._of == "text" and not self._events:
            self._add("output", "", self._next_id())
        is_list = self._of == "files" and isinstance(value, list)
        for item in cast("list[object]", value) if is_list else [value]:
            data = item if isinstance(item, str) else json.dumps(item)
            self._add("output", data, self._next_id())

    def end(self, status: End, error: str | None, kept_until: float) -> None:
        """Add the last event, `done`; if the prediction failed, add `error` before it.

        Args:
            status: terminal status of the prediction.
            error: error message of the prediction, or None.
            kept_until: time at which the events are removed, in nanoseconds since 1970.
        """
        if status == "failed":
            self._add("error", json.dumps({"detail": error or ""}), None)
        self._has_ended = True
        self._kept_until = kept_until
        reason = _REASONS.get(status)
        self._add("done", json.dumps({"reason": reason} if reason else {}), self._next_id())

    async def read(self, last_id: str, now: int) -> AsyncGenerator[bytes, None]:
        """Yield encoded events, and wait for new ones until the stream ends.

        Args:
            last_id: value of `Last-Event-ID`, after which to start. An unknown id starts at the
                first event.
            now: the time in nanoseconds since 1970.
        """
        if now >= self._kept_until:
            yield _FAREWELL
            return
        match = _ID.fullmatch(last_id)
        seen = (int(match[1]), int(match[2])) if match else (0, -1)
        position = 0
        while True:
            changed = self._changed
            news = self._events[position:]
            position += len(news)
            text = b"".join(event for id_, event in news if id_ is None or id_ > seen)
            if text:
                yield text
            elif self._has_ended:
                yield _FAREWELL
                return
            else:
                await changed.wait()

    def _next_id(self) -> _Id | None:
        if not self._has_ids:
            return None
        second, number = self._last_id
        now = max(int(time.time()), second)
        self._last_id = (now, number + 1 if now == second else 0)
        return self._last_id

    def _add(self, event: str, data: str, id_: _Id | None) -> None:
        lines = [f"event: {event}"]
        if id_ is not None:
            lines.append(f"id: {id_[0]}:{id_[1]}")
        lines += [f"data: {line}" for line in _LINE_END.split(data)]
        text = encode("\n".join(lines) + "\n\n")
        self._events.append((id_, text))
        self.size += len(text) + _EVENT_OVERHEAD
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()


class Streams:
    """The event streams of a server, with their routes. Use it in the server's event loop.

    Args:
        origin: scheme, host and port of the server.
        clock: the time.
    """

    def __init__(self, origin: str, clock: Clock) -> None:
        self._origin = origin
        self._clock = clock
        # A log lasts as long as its prediction is kept.
        self._logs: WeakValueDictionary[str, EventLog] = WeakValueDictionary()
        self.open = 0
        """Number of open connections."""

    def create(self, of: StreamOf, *, has_ids: bool) -> EventLog:
        """Create a log with a URL that cannot be guessed.

        Args:
            of: kind of data.
            has_ids: whether events have ids.
        """
        key = b32encode(secrets.token_bytes(32)).decode().rstrip("=").lower()
        path = f"{_PATHS[of]}{key}"
        log = self._logs[path] = EventLog(f"{self._origin}{path}", of, has_ids=has_ids)
        return log

    def routes(self) -> list[BaseRoute]:
        """Return the routes, relative to the root of the server."""
        return [Route(f"{path}{{key}}", self._get) for path in _PATHS.values()]

    async def _get(self, request: Request) -> Response:
        log = self._logs.get(request.url.path)
        if log is None:
            raise HTTPException(404)
        events = log.read(request.headers.get("last-event-id", ""), self._clock.now())
        return _EventStream(self, events)


class _EventStream(Response):
    """A response that sends events, and stops at once when the client disconnects.

    Args:
        streams: counts the connection.
        events: encoded events.
    """

    media_type = "text/event-stream"

    def __init__(self, streams: Streams, events: AsyncGenerator[bytes, None]) -> None:
        super().__init__(headers={"cache-control": "no-cache"})
        del self.headers["content-length"]
        self._streams = streams
        self._events = events

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI
        """Send the events."""
        self._streams.open += 1
        try:
            async with create_task_group() as group:
                group.start_soon(self._send_events, send)
                # uvicorn also reports a disconnect when the response is complete.
                while (await receive())["type"] != "http.disconnect":
                    pass
                group.cancel_scope.cancel()
        finally:
            self._streams.open -= 1

    async def _send_events(self, send: Send) -> None:
        await send(
            {
                "type": "http.response.start",
                "status": self.status_code,
                "headers": self.raw_headers,
            }
        )
        await send({"type": "http.response.body", "body": _GREETING, "more_body": True})
        async with aclosing(self._events) as events:
            async for text in events:
                await send({"type": "http.response.body", "body": text, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
