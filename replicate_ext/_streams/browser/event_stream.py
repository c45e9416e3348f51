"""Send a stream to a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

from replicate_ext._http.checks import check_seconds
from replicate_ext._messages import shown
from replicate_ext._streams.async_stream import AsyncStream
from replicate_ext._streams.browser.async_body import AsyncEventStream
from replicate_ext._streams.browser.body import EventStream
from replicate_ext._streams.browser.protocols import EventProtocol, protocol_of
from replicate_ext._streams.stream import Stream

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any

_LONGEST_HEARTBEAT = 86_400.0
"""Maximum seconds between heartbeats: a longer wait would overflow the timeouts of locks."""


@overload
def event_stream(
    stream: Stream, protocol: EventProtocol = "raw", *, heartbeat: float = 15
) -> EventStream: ...


@overload
def event_stream(
    stream: AsyncStream, protocol: EventProtocol = "raw", *, heartbeat: float = 15
) -> Coroutine[Any, Any, AsyncEventStream]: ...


def event_stream(
    stream: Stream | AsyncStream, protocol: EventProtocol = "raw", *, heartbeat: float = 15
) -> EventStream | Coroutine[Any, Any, AsyncEventStream]:
    """Create the run of a stream, and return the body of a web framework's streaming response.

    With an AsyncStream, await the call. The body is an iterator over bytes, an async one for an
    AsyncStream. Its ``headers`` are the HTTP headers that the response needs. When the browser
    disconnects, the body closes the stream, which cancels the run with ``cancel_on_exit``.

    An error before the run exists, such as an invalid input, is raised by this call, so that the
    response can have another status. Later errors go to the log; the browser only receives a short
    message without details.

    Args:
        stream: The stream, not read yet. Do not read or close it yourself after this call.
        protocol: "raw" sends events named ``output``, ``error`` and ``done``, as the API does;
            "vercel" sends the UI message stream of the npm package ``ai`` (version 5 or 6), which
            ``useChat`` reads. Default: "raw".
        heartbeat: Seconds without an event after which a comment is sent. It keeps proxies from
            closing the connection, and lets the server notice that the browser has disconnected.
            Default: 15.

    Raises:
        InvalidInputError: An argument is not valid; nothing was sent.
        APIError: The run could not be created.

    Example::

        body = await event_stream(client.stream("owner/name", {"prompt": prompt}))
        return StreamingResponse(body, headers=body.headers)
    """
    encoding = protocol_of(protocol)
    check_seconds("heartbeat", heartbeat)
    seconds = min(heartbeat, _LONGEST_HEARTBEAT)
    if isinstance(stream, AsyncStream):
        return _created(stream, AsyncEventStream(stream, encoding, seconds))
    if isinstance(stream, Stream):
        stream.__enter__()  # the body closes it
        return EventStream(stream, encoding, seconds)
    raise TypeError(f"stream must be the result of client.stream(), got {shown(stream)}")


async def _created(stream: AsyncStream, body: AsyncEventStream) -> AsyncEventStream:
    await stream.__aenter__()  # the body closes it
    return body
