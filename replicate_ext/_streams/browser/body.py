# Printed from async_body.py by `make generate`; changes made here are lost.
"""Bodies of streaming responses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from replicate_ext._streams.browser.protocols import Ended
from replicate_ext._streams.browser.readers import Reader

if TYPE_CHECKING:
    from replicate_ext._streams.browser.protocols import RawProtocol
    from replicate_ext._streams.stream import Stream


class EventStream:
    """Body of a streaming response: server-sent events as bytes. ``event_stream`` returns it.

    The stream is closed when the body is closed or garbage collected, or a read is interrupted.
    ``headers`` has the HTTP headers that the response needs, as a dict.

    Args:
        stream: The stream.
        protocol: How the events are encoded.
        heartbeat: Seconds without an event after which a comment is sent.
    """

    def __init__(self, stream: Stream, protocol: RawProtocol, heartbeat: float) -> None:
        self.headers: dict[str, str] = dict(protocol.headers)
        self._reader = Reader(stream)
        self._protocol = protocol
        self._heartbeat = heartbeat
        self._is_open = True

    def __del__(self) -> None:
        self._reader.abandon()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        if not self._is_open:
            raise StopIteration
        if self._reader.start():
            return self._protocol.start()
        try:
            item = self._reader.next(self._heartbeat)
        except BaseException:  # such as a cancellation, with which servers end a request
            self.close()
            raise
        if not self._is_open:  # it was closed meanwhile
            raise StopIteration
        if isinstance(item, Ended):
            self.close()
        return self._protocol.encode(item)

    def close(self) -> None:
        """Close the stream. With ``cancel_on_exit``, a run that has not ended is canceled."""
        self._is_open = False
        self._reader.close()
