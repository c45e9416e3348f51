"""Streams of events: two short loops around what ``_stream_reading`` decides."""

from __future__ import annotations

import atexit
import sys
import threading
from contextlib import AsyncExitStack, ExitStack, suppress
from typing import TYPE_CHECKING, Self
from weakref import WeakSet

import httpx

from replicate_ext._files.chunks import async_body_chunks, body_chunks
from replicate_ext._http.reading import unwind
from replicate_ext._streams.closing import finish_soon, shut_down, shut_down_async
from replicate_ext._streams.reading import Connect, Reading, StreamPlan

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    import anyio

    from replicate_ext._http.drivers import AsyncDriver, Driver
    from replicate_ext._http.flow import Flow
    from replicate_ext._streams.sse import ServerSentEvent
    from replicate_ext._streams.state import StreamState

_CLOSE_SECONDS = 5.0
"""The longest that closing a connection may take while its reader is being canceled."""


class Stream:
    """The events of a prediction, as they happen. Also a context manager, which closes it.

    After a stream was closed or interrupted before its end, each read raises StreamInterrupted.
    With ``cancel_on_exit`` its prediction is canceled, also when the stream is garbage collected or
    the interpreter exits.

    Args:
        driver: What runs flows.
        planned: How the stream is read.
    """

    def __init__(self, driver: Driver, planned: StreamPlan) -> None:
        self._driver = driver
        self._reading = Reading(planned)
        self._ready: Iterator[ServerSentEvent] = iter(())
        self._connection = ExitStack()
        self._chunks: tuple[StreamState, Iterator[bytes]] | None = None
        self._response: httpx.Response | None = None
        # Reentrant, as a signal's handler may close the stream at any moment.
        self._hold = threading.RLock()
        _open_streams.add(self)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> ServerSentEvent:
        while True:
            # A list's iterator: no signal can come between taking an event and returning it.
            for event in self._ready:
                return event
            if not self._fill():
                raise StopIteration

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self, is_finalizing: Callable[[], bool] = sys.is_finalizing) -> None:
        # At the interpreter's end nothing can be sent any more, and modules lose their globals; the
        # exit handler was there before.
        if not is_finalizing():
            with suppress(Exception):
                self.close()

    def close(self) -> None:
        """Close the connection at once, and cancel a prediction that goes on if so planned.

        Any thread may close a stream. One that is reading it gets StreamInterrupted.
        """
        if self._reading.is_foreign:
            return
        self._reading.close(self._ready)
        if self._reading.is_being_read:
            with self._hold:
                if self._response is not None:
                    shut_down(self._response)
            self._cancel()
        else:
            self._leave()

    def texts(self) -> Iterator[str]:
        """Yield the text of each output event."""
        # No generator: interrupted, it would end as if the stream had.
        return map(str, filter(_is_output, self))

    def text(self) -> str:
        """Return all the text that is still to come, when it has come."""
        return "".join(self.texts())

    def _fill(self) -> bool:
        """Read until there are events; False at the end of the stream."""
        reading = self._reading
        reading.begin()
        try:
            while not reading.is_over():
                if self._chunks is None:
                    events = self._perform(reading.next_step())
                else:
                    state, chunks = self._chunks
                    try:
                        events = state.feed(next(chunks))
                        if state.is_read_out:
                            self._disconnect()
                    except StopIteration:
                        events = self._lose(None)
                    except (httpx.TransportError, httpx.DecodingError) as error:
                        events = self._lose(error)
                if events:
                    self._ready = iter(events)
                    return True
        except BaseException as error:
            reading.fail(error)
            raise
        finally:
            if reading.end():
                self._leave()
        return False

    def _perform(self, step: Connect | Flow[list[ServerSentEvent]]) -> list[ServerSentEvent]:
        if not isinstance(step, Connect):
            return self._driver.run(step)
        outcome: httpx.Response | httpx.RequestError
        try:
            answer = self._connection.enter_context(
                self._driver.stream(step.url, step.headers, step.timeout, deadline=step.deadline)
            )
            if _is_stream(answer):
                self._response, self._chunks = answer, (step.state, body_chunks(answer))
                return []
            answer.read()
            outcome = answer
        except (httpx.TransportError, httpx.DecodingError) as error:
            outcome = error
        return self._lose(outcome)

    def _lose(self, outcome: httpx.Response | httpx.RequestError | None) -> list[ServerSentEvent]:
        self._disconnect()
        self._reading.lose(outcome)
        return []

    def _disconnect(self) -> None:
        with self._hold:  # the socket may serve another request when it is free
            self._chunks = self._response = None
        with suppress(Exception):  # what breaks while it is closed is closed too
            self._connection.close()

    def _leave(self) -> None:
        try:
            self._disconnect()
        finally:
            self._cancel()

    def _cancel(self) -> None:
        flow = self._reading.cancel()
        if flow is not None:
            self._driver.run(flow)


_open_streams: WeakSet[Stream] = WeakSet()


@atexit.register
def _close_open_streams() -> None:
    for stream in list(_open_streams):
        with suppress(Exception):  # the others are to be closed too
            stream.close()


class AsyncStream:
    """The events of a prediction, as they happen. Also a context manager, which closes it.

    After a stream was closed or interrupted before its end, each read raises StreamInterrupted.
    With ``cancel_on_exit`` its prediction is canceled.

    Use ``async with`` to be sure that a stream is closed. After a bare ``break`` out of
    ``async for`` the event loop closes it when it is garbage collected, if it still runs then.

    Args:
        driver: What runs flows.
        planned: How the stream is read.
    """

    def __init__(self, driver: AsyncDriver, planned: StreamPlan) -> None:
        self._driver = driver
        self._reading = Reading(planned)
        self._ready: Iterator[ServerSentEvent] = iter(())
        self._connection = AsyncExitStack()
        self._chunks: tuple[StreamState, AsyncIterator[bytes]] | None = None
        self._response: httpx.Response | None = None
        self._step: anyio.CancelScope | None = None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> ServerSentEvent:
        while True:
            # A list's iterator: no signal can come between taking an event and returning it.
            for event in self._ready:
                return event
            if not await self._fill():
                raise StopAsyncIteration

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def __del__(self, is_finalizing: Callable[[], bool] = sys.is_finalizing) -> None:
        if not is_finalizing() and self._reading.is_open:
            finish_soon(self._abandon)

    async def aclose(self) -> None:
        """Close the connection at once, and cancel a prediction that goes on if so planned.

        Any task may close a stream. One that is reading it gets StreamInterrupted.
        """
        if self._reading.is_foreign:
            return
        self._reading.close(self._ready)
        if not self._reading.is_being_read:
            await self._leave()
            return
        if self._step is not None:
            self._step.cancel()
        if self._response is not None:
            await shut_down_async(self._response)
        await self._cancel()

    async def _abandon(self) -> None:
        with suppress(Exception):  # nobody is there to be told
            await self.aclose()

    def texts(self) -> AsyncIterator[str]:
        """Yield the text of each output event."""
        return _Texts(self)

    async def text(self) -> str:
        """Return all the text that is still to come, when it has come."""
        return "".join([text async for text in self.texts()])

    async def _fill(self) -> bool:
        """Read until there are events; False at the end of the stream."""
        reading = self._reading
        reading.begin()
        try:
            while not reading.is_over():
                if self._chunks is None:
                    events = await self._perform(reading.next_step())
                else:
                    state, chunks = self._chunks
                    try:
                        events = state.feed(await anext(chunks))
                        if state.is_read_out:
                            await self._disconnect()
                    except StopAsyncIteration:
                        events = await self._lose(None)
                    except (httpx.TransportError, httpx.DecodingError) as error:
                        events = await self._lose(error)
                if events:
                    self._ready = iter(events)
                    return True
        except BaseException as error:
            reading.fail(error)
            raise
        finally:
            if reading.end():
                await self._leave()
        return False

    async def _perform(self, step: Connect | Flow[list[ServerSentEvent]]) -> list[ServerSentEvent]:
        import anyio

        # Another task that closes the stream cancels what goes on here.
        with anyio.CancelScope() as self._step:
            if isinstance(step, Connect):
                return await self._connect(step)
            return await self._driver.run(step)
        return []

    async def _connect(self, step: Connect) -> list[ServerSentEvent]:
        outcome: httpx.Response | httpx.RequestError
        try:
            answer = await self._connection.enter_async_context(
                self._driver.stream(step.url, step.headers, step.timeout, deadline=step.deadline)
            )
            if _is_stream(answer):
                self._response, self._chunks = answer, (step.state, async_body_chunks(answer))
                return []
            await answer.aread()
            outcome = answer
        except (httpx.TransportError, httpx.DecodingError) as error:
            outcome = error
        return await self._lose(outcome)

    async def _lose(
        self, outcome: httpx.Response | httpx.RequestError | None
    ) -> list[ServerSentEvent]:
        await self._disconnect()
        self._reading.lose(outcome)
        return []

    async def _disconnect(self) -> None:
        import anyio

        chunks, self._chunks, self._response = self._chunks, None, None
        with anyio.move_on_after(_CLOSE_SECONDS, shield=True):
            if chunks is not None:
                await unwind(chunks[1])
            with suppress(Exception):  # what breaks while it is closed is closed too
                await self._connection.aclose()

    async def _leave(self) -> None:
        try:
            await self._disconnect()
        finally:
            await self._cancel()

    async def _cancel(self) -> None:
        flow = self._reading.cancel()
        if flow is not None:
            await self._driver.run(flow)


class _Texts:
    """The texts of an async stream's outputs; a generator, interrupted, would end as if it had.

    Args:
        stream: The stream.
    """

    def __init__(self, stream: AsyncStream) -> None:
        self._stream = stream

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> str:
        while True:
            event = await anext(self._stream)
            if _is_output(event):
                return str(event)


def _is_output(event: ServerSentEvent) -> bool:
    return event.event == "output"


def _is_stream(answer: httpx.Response) -> bool:
    kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return answer.is_success and kind == "text/event-stream"
