# Printed from async_stream.py by `make generate`; changes made here are lost.
"""Streams of events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self, cast

import httpx

from replicate_ext._http.response_body import body_chunks
from replicate_ext._http.tracebacks import shortened
from replicate_ext._streams.closing import AutoClosing
from replicate_ext._streams.connection import Connection
from replicate_ext._streams.reading import Connect, Reading, is_event_stream
from replicate_ext.errors import ReplicateError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from replicate_ext._http.driver import Driver
    from replicate_ext._http.flow import Flow
    from replicate_ext._resources.objects import Prediction
    from replicate_ext._streams.plan import StreamPlan
    from replicate_ext._streams.sse import ServerSentEvent


class Stream(AutoClosing):
    """Events of a prediction, as they happen. A context manager, which closes the stream.

    After a stream was closed or interrupted before its end, each read raises StreamInterrupted.
    With ``cancel_on_exit``, closing the stream cancels a prediction that is still running.

    Use the stream as a context manager to be sure that it is closed. After a bare ``break`` it is
    closed when it is garbage collected; an async stream only if its event loop still runs.

    Args:
        driver: Runs flows and opens connections.
        plan: Which prediction is read, and how.
    """

    def __init__(self, driver: Driver, plan: StreamPlan) -> None:
        self._driver = driver
        self._ready: Iterator[ServerSentEvent] = iter(())
        self._connection = Connection()
        super().__init__(Reading(plan))

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> ServerSentEvent:
        while True:
            # A list iterator: no signal can arrive between taking an event and returning it.
            for event in self._ready:
                return event
            if not self._fill():
                raise StopIteration

    def __enter__(self) -> Self:
        """Create the prediction, so that an invalid input raises its error here."""
        self._reading.begin()
        try:
            if self._reading.state is None and not self._reading.is_over():
                self._ready = iter(self._perform(self._reading.next_step()))
        except BaseException as error:
            self._reading.fail(error)
            if isinstance(error, ReplicateError):
                raise shortened(error) from error.__cause__
            raise
        finally:
            if self._reading.end():
                self._leave()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection at once, and cancel the prediction if ``cancel_on_exit`` is set.

        Any thread or task may close a stream. A read in progress raises StreamInterrupted.
        """
        if self._reading.is_foreign:
            return
        self._reading.close(self._ready)
        if self._reading.is_being_read:
            self._connection.shut_down()
            self._cancel()
        else:
            self._leave()

    @property
    def prediction(self) -> Prediction | None:
        """Latest known state of the prediction; None before it is created."""
        return cast("Prediction | None", self._reading.prediction)

    def texts(self) -> Iterator[str]:
        """Return an iterator over the text of each output event."""
        return _Texts(self)

    def text(self) -> str:
        """Read the stream to its end and return the text of its output events."""
        return "".join([str(event) for event in self if _is_output(event)])

    def _fill(self) -> bool:
        """Read until there are events. Return False at the end of the stream."""
        reading, connection = self._reading, self._connection
        reading.begin()
        try:
            while not reading.is_over():
                state = reading.state
                if connection.chunks is None or state is None:
                    events = self._perform(reading.next_step())
                else:
                    try:
                        events = state.feed(next(connection.chunks))
                        if state.is_read_out:
                            connection.close()
                    except StopIteration:
                        events = self._lose(None)
                    except (httpx.TransportError, httpx.DecodingError) as error:
                        events = self._lose(error)
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
                self._leave()
        return False

    def _perform(self, step: Connect | Flow[list[ServerSentEvent]]) -> list[ServerSentEvent]:
        with self._connection.step():
            if isinstance(step, Connect):
                return self._connect(step)
            return self._driver.run(step)
        return []

    def _connect(self, step: Connect) -> list[ServerSentEvent]:
        connection = self._connection
        outcome: httpx.Response | httpx.RequestError
        try:
            response = connection.cleanup.enter_context(self._driver.stream(*step))
            if is_event_stream(response):
                connection.response, connection.chunks = response, body_chunks(response)
                return []
            response.read()
            outcome = response
        except (httpx.TransportError, httpx.DecodingError) as error:
            outcome = error
        return self._lose(outcome)

    def _lose(self, outcome: httpx.Response | httpx.RequestError | None) -> list[ServerSentEvent]:
        self._connection.close()
        self._reading.lose(outcome)
        return []

    def _leave(self) -> None:
        try:
            self._connection.close()
        finally:
            self._cancel()

    def _cancel(self) -> None:
        flow = self._reading.cancel()
        if flow is not None:
            self._driver.run(flow)


class _Texts:
    """Iterator over the texts of the output events.

    It is not a generator, because an interrupted generator would seem to have reached its end.

    Args:
        stream: The stream.
    """

    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        while True:
            event = next(self._stream)
            if _is_output(event):
                return str(event)


def _is_output(event: ServerSentEvent) -> bool:
    return event.event == "output"
