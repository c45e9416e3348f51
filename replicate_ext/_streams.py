"""Streams of events: two short loops around what ``_stream_state`` decides."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import httpx

from replicate_ext import _predictions
from replicate_ext._downloads import async_body_chunks, body_chunks
from replicate_ext._flow import Flow, sleep
from replicate_ext._sse import MAX_EVENT_SIZE, ServerSentEvent
from replicate_ext._stream_state import StreamState
from replicate_ext._wait import Wait, plan
from replicate_ext.errors import PredictionTimeout

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator

    from replicate_api.models import Prediction

    from replicate_ext._drivers import AsyncDriver, SyncDriver
    from replicate_ext._send import Settings
    from replicate_ext._wait import Plan

IDLE_SECONDS = 60.0
"""Without a byte for so long a connection counts as lost, by default."""


class StreamPlan(NamedTuple):
    """How a stream is read.

    Args:
        start: Creates the prediction, or looks at it, and returns its JSON.
        waiting: The deadline, and what is looked at where there is no stream.
        use_file_output: Whether outputs that are files become FileOutput.
        idle_timeout: Seconds without a byte after which a connection counts as lost.
        max_event_size: The most bytes that one event may have.
    """

    start: Flow[dict[str, Any]]
    waiting: Plan
    use_file_output: bool
    idle_timeout: float
    max_event_size: int

    def state(self, prediction: dict[str, Any]) -> StreamState:
        """Return the state that a stream begins with."""
        return StreamState(
            self.waiting.settings,
            prediction,
            use_file_output=self.use_file_output,
            max_event_size=self.max_event_size,
        )

    def left(self, state: StreamState) -> float | None:
        """Return the seconds until the deadline, None where there is none.

        Raises:
            PredictionTimeout: The deadline has passed.
        """
        if self.waiting.deadline is None:
            return None
        left = self.waiting.deadline - self.waiting.settings.clock.now()
        if left <= 0:
            seen = self.waiting.read(state.prediction)
            raise PredictionTimeout(seen, "the stream did not end in time")
        return left

    def within(self, state: StreamState, delay: float) -> float:
        """Return a delay, or what is left until the deadline where that is shorter."""
        left = self.left(state)
        return delay if left is None else min(delay, left)

    def timeout(self, state: StreamState) -> httpx.Timeout:
        """Return the timeouts of a connection.

        Raises:
            PredictionTimeout: The deadline has passed.
        """
        usual, left = self.waiting.settings.timeout, self.left(state)
        read = self.idle_timeout if left is None else min(self.idle_timeout, left)
        return httpx.Timeout(usual.connect, read=read, write=usual.write, pool=left)


def run(
    settings: Settings,
    reference: Any,
    input: dict[str, Any] | None,
    *,
    use_file_output: bool = True,
    timeout: float | None = None,
    cancel_on_exit: bool = True,
    idle_timeout: float = IDLE_SECONDS,
    max_event_size: int = MAX_EVENT_SIZE,
    **options: Any,
) -> StreamPlan:
    """Return the plan of a stream that creates its prediction."""
    waiting = plan(settings, timeout=timeout, cancel_on_exit=cancel_on_exit)
    start = _created(settings, reference, input, waiting, options)
    return StreamPlan(start, waiting, use_file_output, idle_timeout, max_event_size)


def _created(
    settings: Settings,
    reference: Any,
    input: dict[str, Any] | None,
    waiting: Plan,
    options: dict[str, Any],
) -> Flow[dict[str, Any]]:
    watched = Wait(waiting)
    creating = _predictions.start(settings, watched, waiting, reference, input, **options)
    yield from watched.guarded(creating)
    return watched.run


def existing(
    settings: Settings,
    prediction: Prediction | str,
    *,
    use_file_output: bool = True,
    timeout: float | None = None,
    cancel_on_exit: bool = False,
    idle_timeout: float = IDLE_SECONDS,
    max_event_size: int = MAX_EVENT_SIZE,
) -> StreamPlan:
    """Return the plan of a stream of a prediction that exists."""
    waiting = plan(settings, timeout=timeout, cancel_on_exit=cancel_on_exit)
    seen = {"id": prediction} if isinstance(prediction, str) else prediction.to_dict()
    start = Wait(waiting, seen).look_at_once()
    return StreamPlan(start, waiting, use_file_output, idle_timeout, max_event_size)


def _next_look(
    planned: StreamPlan, state: StreamState, *, is_first: bool
) -> Flow[list[ServerSentEvent]]:
    """Look at the prediction, at once or after an interval, and return what is new in it."""
    planned.left(state)
    watched = Wait(planned.waiting, state.prediction)
    yield from watched.look_at_once() if is_first else watched.look()
    return state.catch_up(watched.run)


class Stream:
    """The events of a prediction, as they happen. Also a context manager, which leaves at once.

    Args:
        driver: What runs flows.
        planned: How the stream is read.
    """

    def __init__(self, driver: SyncDriver, planned: StreamPlan) -> None:
        self._driver = driver
        self._plan = planned
        self._events = self._generate()

    def __iter__(self) -> Iterator[ServerSentEvent]:
        return self._events

    def __next__(self) -> ServerSentEvent:
        return next(self._events)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection at once, and cancel a prediction that goes on if so planned."""
        self._events.close()

    def texts(self) -> Iterator[str]:
        """Yield the text of each output event."""
        return (str(event) for event in self if event.event == "output")

    def text(self) -> str:
        """Return all the text that is still to come, when it has come."""
        return "".join(self.texts())

    def _generate(self) -> Generator[ServerSentEvent, None, None]:
        state = self._plan.state(self._driver.run(self._plan.start))
        try:
            if state.url is not None:
                yield from self._stream(state, state.url)
            elif state.has_ended:
                yield from state.catch_up(state.prediction)
            is_first = state.url is not None
            while not state.is_done:
                flow = _next_look(self._plan, state, is_first=is_first)
                yield from self._driver.run(flow)
                is_first = False
            if state.was_looked_at:
                Wait(self._plan.waiting, state.prediction).require_success()
        finally:
            if not state.is_done and self._plan.waiting.cancel_on_exit:
                self._driver.run(Wait(self._plan.waiting, state.prediction).cancel_on_exit())

    def _stream(self, state: StreamState, url: str) -> Iterator[ServerSentEvent]:
        """Read connections until the stream is done or cannot go on."""
        while True:
            outcome: httpx.Response | httpx.RequestError | None = None
            try:
                with self._driver.stream(
                    url,
                    state.headers(),
                    self._plan.timeout(state),
                    deadline=self._plan.waiting.deadline,
                ) as answer:
                    if _is_stream(answer):
                        for chunk in body_chunks(answer):
                            yield from state.feed(chunk)
                            if state.is_done:
                                return
                            self._plan.left(state)
                    else:
                        answer.read()
                        outcome = answer
            except (httpx.TransportError, httpx.DecodingError) as error:
                outcome = error
            delay = state.reconnect(outcome)
            if delay is None:
                return
            self._driver.run(sleep(self._plan.within(state, delay)))


class AsyncStream:
    """The events of a prediction, as they happen. Also a context manager, which leaves at once.

    A bare ``break`` out of ``async for`` leaves the connection open until the stream is collected;
    ``async with`` closes it at once.

    Args:
        driver: What runs flows.
        planned: How the stream is read.
    """

    def __init__(self, driver: AsyncDriver, planned: StreamPlan) -> None:
        self._driver = driver
        self._plan = planned
        self._events = self._generate()

    def __aiter__(self) -> AsyncIterator[ServerSentEvent]:
        return self._events

    async def __anext__(self) -> ServerSentEvent:
        return await anext(self._events)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connection at once, and cancel a prediction that goes on if so planned."""
        await self._events.aclose()

    async def texts(self) -> AsyncIterator[str]:
        """Yield the text of each output event."""
        async for event in self:
            if event.event == "output":
                yield str(event)

    async def text(self) -> str:
        """Return all the text that is still to come, when it has come."""
        return "".join([text async for text in self.texts()])

    async def _generate(self) -> AsyncGenerator[ServerSentEvent, None]:
        state = self._plan.state(await self._driver.run(self._plan.start))
        try:
            if state.url is not None:
                # Closing the outer generator does not close an inner one.
                async with aclosing(self._stream(state, state.url)) as events:
                    async for event in events:
                        yield event
            elif state.has_ended:
                for event in state.catch_up(state.prediction):
                    yield event
            is_first = state.url is not None
            while not state.is_done:
                flow = _next_look(self._plan, state, is_first=is_first)
                for event in await self._driver.run(flow):
                    yield event
                is_first = False
            if state.was_looked_at:
                Wait(self._plan.waiting, state.prediction).require_success()
        finally:
            if not state.is_done and self._plan.waiting.cancel_on_exit:
                await self._driver.run(Wait(self._plan.waiting, state.prediction).cancel_on_exit())

    async def _stream(self, state: StreamState, url: str) -> AsyncGenerator[ServerSentEvent, None]:
        """Read connections until the stream is done or cannot go on."""
        while True:
            outcome: httpx.Response | httpx.RequestError | None = None
            try:
                async with self._driver.stream(
                    url,
                    state.headers(),
                    self._plan.timeout(state),
                    deadline=self._plan.waiting.deadline,
                ) as answer:
                    if _is_stream(answer):
                        async with aclosing(_unwound(async_body_chunks(answer))) as chunks:
                            async for chunk in chunks:
                                for event in state.feed(chunk):
                                    yield event
                                if state.is_done:
                                    return
                                self._plan.left(state)
                    else:
                        await answer.aread()
                        outcome = answer
            except (httpx.TransportError, httpx.DecodingError) as error:
                outcome = error
            delay = state.reconnect(outcome)
            if delay is None:
                return
            await self._driver.run(sleep(self._plan.within(state, delay)))


def _is_stream(answer: httpx.Response) -> bool:
    kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return answer.is_success and kind == "text/event-stream"


async def _unwound(chunks: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    """Yield a body's chunks; left early, let the generators below run to their ends.

    httpx and httpcore have six of them, one in the other, and closing one does not close the next;
    trio warns of each that it has to close itself.
    """
    import anyio

    try:
        async for chunk in chunks:
            yield chunk
    finally:
        with anyio.CancelScope() as scope:
            scope.cancel()
            async for _ in chunks:
                pass
