"""Streams of events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self, cast

import httpx

from replicate_ext._http.async_response_body import async_body_chunks
from replicate_ext._http.tracebacks import shortened
from replicate_ext._streams.closing import AsyncAutoClosing
from replicate_ext._streams.connection import AsyncConnection
from replicate_ext._streams.reading import Connect, Reading, is_event_stream
from replicate_ext.errors import ReplicateError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from replicate_ext._http.async_driver import AsyncDriver
    from replicate_ext._http.flow import Flow
    from replicate_ext._resources.async_objects import AsyncPrediction
    from replicate_ext._streams.plan import StreamPlan
    from replicate_ext._streams.sse import ServerSentEvent


class AsyncStream(AsyncAutoClosing):
    """Events of a prediction, as they happen. A context manager, which closes the stream.

    After a stream was closed or interrupted before its end, each read raises StreamInterrupted.
    With ``cancel_on_exit``, closing the stream cancels a prediction that is still running.

    Use the stream as a context manager to be sure that it is closed. After a bare ``break`` it is
    closed when it is garbage collected; an async stream only if its event loop still runs.

    Args:
        driver: Runs flows and opens connections.
        plan: Which prediction is read, and how.
    """

    def __init__(self, driver: AsyncDriver, plan: StreamPlan) -> None:
        self._driver = driver
        self._ready: Iterator[ServerSentEvent] = iter(())
        self._connection = AsyncConnection()
        super().__init__(Reading(plan))

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> ServerSentEvent:
        while True:
            # A list iterator: no signal can arrive between taking an event and returning it.
            for event in self._ready:
                return event
            if not await self._fill():
                raise StopAsyncIteration

    async def __aenter__(self) -> Self:
        """Create the prediction, so that an invalid input raises its error here."""
        self._reading.begin()
        try:
            if self._reading.state is None and not self._reading.is_over():
                self._ready = iter(await self._perform(self._reading.next_step()))
        except BaseException as error:
            self._reading.fail(error)
            if isinstance(error, ReplicateError):
                raise shortened(error) from error.__cause__
            raise
        finally:
            if self._reading.end():
                await self._leave()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connection at once, and cancel the prediction if ``cancel_on_exit`` is set.

        Any thread or task may close a stream. A read in progress raises StreamInterrupted.
        """
        if self._reading.is_foreign:
            return
        self._reading.close(self._ready)
        if self._reading.is_being_read:
            await self._connection.shut_down()
            await self._cancel()
        else:
            await self._leave()

    @property
    def prediction(self) -> AsyncPrediction | None:
        """Latest known state of the prediction; None before it is created."""
        return cast("AsyncPrediction | None", self._reading.prediction)

    def texts(self) -> AsyncIterator[str]:
        """Return an iterator over the text of each output event."""
        return _AsyncTexts(self)

    async def text(self) -> str:
        """Read the stream to its end and return the text of its output events."""
        return "".join([str(event) async for event in self if _is_output(event)])

    async def _fill(self) -> bool:
        """Read until there are events. Return False at the end of the stream."""
        reading, connection = self._reading, self._connection
        reading.begin()
        try:
            while not reading.is_over():
                state = reading.state
                if connection.chunks is None or state is None:
                    events = await self._perform(reading.next_step())
                else:
                    try:
                        events = state.feed(await anext(connection.chunks))
                        if state.is_read_out:
                            await connection.aclose()
                    except StopAsyncIteration:
                        events = await self._lose(None)
                    except (httpx.TransportError, httpx.DecodingError) as error:
                        events = await self._lose(error)
                if events:
                    self._ready = iter(events)
                    return True
        except BaseException as error:
            reading.fail(error)
            if isinstance(error, ReplicateError):
                raise shortened(error) from error.__cause__
            raise
        finally:
            if reading.end():
                await self._leave()
        return False

    async def _perform(self, step: Connect | Flow[list[ServerSentEvent]]) -> list[ServerSentEvent]:
        with self._connection.step():
            if isinstance(step, Connect):
                return await self._connect(step)
            return await self._driver.run(step)
        return []

    async def _connect(self, step: Connect) -> list[ServerSentEvent]:
        connection = self._connection
        outcome: httpx.Response | httpx.RequestError
        try:
            response = await connection.cleanup.enter_async_context(self._driver.stream(*step))
            if is_event_stream(response):
                connection.response, connection.chunks = response, async_body_chunks(response)
                return []
            await response.aread()
            outcome = response
        except (httpx.TransportError, httpx.DecodingError) as error:
            outcome = error
        return await self._lose(outcome)

    async def _lose(
        self, outcome: httpx.Response | httpx.RequestError | None
    ) -> list[ServerSentEvent]:
        await self._connection.aclose()
        self._reading.lose(outcome)
        return []

    async def _leave(self) -> None:
        try:
            await self._connection.aclose()
        finally:
            await self._cancel()

    async def _cancel(self) -> None:
        flow = self._reading.cancel()
        if flow is not None:
            await self._driver.run(flow)


class _AsyncTexts:
    """Iterator over the texts of the output events.

    It is not a generator, because an interrupted generator would seem to have reached its end.

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
