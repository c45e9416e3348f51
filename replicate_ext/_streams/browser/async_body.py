"""Bodies of streaming responses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from replicate_ext._streams.browser.protocols import Ended
from replicate_ext._streams.browser.readers import AsyncReader

if TYPE_CHECKING:
    from replicate_ext._streams.async_stream import AsyncStream
    from replicate_ext._streams.browser.protocols import RawProtocol


class AsyncEventStream:
    """Body of a streaming response: server-sent events as bytes. ``event_stream`` returns it.

    The stream is closed when the body is closed or garbage collected, or a read is interrupted.
    ``headers`` has the HTTP headers that the response needs, as a dict.

    Args:
        stream: The stream.
        protocol: How the events are encoded.
        heartbeat: Seconds without an event after which a comment is sent.
    """

    def __init__(self, stream: AsyncStream, protocol: RawProtocol, heartbeat: float) -> None:
        self.headers: dict[str, str] = dict(protocol.headers)
        self._reader = AsyncReader(stream)
        self._protocol = protocol
        self._heartbeat = heartbeat
        self._is_open = True

    def __del__(self) -> None:
        self._reader.abandon()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        if not self._is_open:
            raise StopAsyncIteration
        if self._reader.start():
            return self._protocol.start()
        try:
            item = await self._reader.next(self._heartbeat)
        except BaseException:  # such as a cancellation, with which servers end a request
            await self.aclose()
            raise
        if not self._is_open:  # it was closed meanwhile
            raise StopAsyncIteration
        if isinstance(item, Ended):
            await self.aclose()
        return self._protocol.encode(item)

    async def aclose(self) -> None:
        """Close the stream. With ``cancel_on_exit``, a run that has not ended is canceled."""
        self._is_open = False
        await self._reader.aclose()
