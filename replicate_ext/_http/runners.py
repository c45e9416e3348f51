"""Running flows: one runner blocks, the other awaits.

The blocking and the async code differ by more than ``async`` and ``await``, so both runners are
written by hand.
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncGenerator, AsyncIterable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import httpx

from replicate_ext._http.async_response_body import async_read_response
from replicate_ext._http.exchange import (
    BaseRunner,
    absolute,
    built_by_httpx,
    extensions_for,
    has_ended,
    response_of_hook,
)
from replicate_ext._http.finishing import finish
from replicate_ext._http.flow import Call, Effect, Exchange, Flow, Shield, Together, Work
from replicate_ext._http.interrupts import DeferredInterrupt
from replicate_ext._http.response_body import read_response
from replicate_ext._http.threads import in_threads
from replicate_ext._http.together import run_together
from replicate_ext._http.tracebacks import shortened
from replicate_ext._network.clients import AsyncClients, Clients
from replicate_ext.errors import InvalidInputError, ReplicateError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from replicate_api.types import RequestArguments


T = TypeVar("T")

_CHUNK = 64 * 1024
"""Bytes of a file that are read at a time."""


class Runner(BaseRunner[Clients]):
    """Runs flows by blocking."""

    is_async = False

    def run(self, flow: Flow[T]) -> T:
        """Run a flow and return its result.

        Args:
            flow: The flow, not started yet.
        """
        step: Callable[[], Effect] = partial(next, flow)
        while True:
            # Ctrl-C can arrive between any two lines, even while an error is handled. It is always
            # thrown into the flow.
            try:
                return self._run(flow, step)
            except BaseException as error:
                if has_ended(flow):
                    if isinstance(error, ReplicateError):
                        raise shortened(error) from error.__cause__
                    raise
                step = partial(flow.throw, error)

    def _run(self, flow: Flow[T], step: Callable[[], Effect]) -> T:
        while True:
            try:
                while True:
                    effect = step()
                    result = self._perform(effect)
                    step = partial(flow.send, result)
            except Exception as error:
                if has_ended(flow):
                    if isinstance(error, StopIteration):
                        return error.value  # type: ignore[no-any-return] # typeshed: Any
                    raise
                step = partial(flow.throw, error)

    def _perform(self, effect: Effect) -> object:
        if isinstance(effect, Exchange):
            return self._exchange(effect)
        if isinstance(effect, Call | Work):
            return effect.function()
        if isinstance(effect, Shield):
            with DeferredInterrupt(effect.seconds):
                return self.run(effect.flow)
        if isinstance(effect, Together):
            for flow in effect.flows:
                self.run(flow)
            return None
        self.settings.clock.sleep(effect.seconds)
        return None

    def _exchange(self, effect: Exchange) -> httpx.Response:
        arguments = absolute(effect.arguments, self.settings)
        content = arguments.get("content")
        if isinstance(content, Iterable) and not isinstance(content, str | bytes):
            arguments["content"] = iter(content)
        elif isinstance(content, AsyncIterable):
            raise InvalidInputError("content is an async iterator: use AsyncReplicate")
        extensions = extensions_for(self.settings, effect.deadline)
        try:
            response = self._response(arguments, effect.timeout, extensions)
        except httpx.HTTPStatusError as error:  # raised by a hook of the user's own client
            return response_of_hook(error)
        read_response(response, self.settings.max_response_size, extensions.get("seconds_left"))
        return response

    def _response(
        self, arguments: RequestArguments, timeout: httpx.Timeout, extensions: dict[str, Any]
    ) -> httpx.Response:
        """Send a request and return its response with the body unread."""
        pool = self._clients.pool(arguments)
        if pool is not None:
            build = partial(self._clients.composer.outgoing, arguments, timeout, extensions)
            return pool.respond(self._built(build, arguments))
        client = self._clients.sender()
        request = self._built(
            partial(built_by_httpx, client, arguments, timeout, extensions), arguments
        )
        # The API never redirects, and a user's own client must not send a create elsewhere.
        return client.send(request, auth=self._auth, stream=True, follow_redirects=False)


class AsyncRunner(BaseRunner[AsyncClients]):
    """Runs flows by awaiting, on asyncio or trio."""

    is_async = True

    async def run(self, flow: Flow[T]) -> T:
        """Run a flow and return its result.

        Args:
            flow: The flow, not started yet.
        """
        step: Callable[[], Effect] = partial(next, flow)
        while True:
            try:
                while True:
                    effect = step()
                    result = await self._perform(effect)
                    step = partial(flow.send, result)
            except BaseException as error:
                if has_ended(flow):
                    if isinstance(error, StopIteration):
                        return error.value  # type: ignore[no-any-return] # typeshed: Any
                    if isinstance(error, ReplicateError):
                        raise shortened(error) from error.__cause__
                    raise
                step = partial(flow.throw, error)

    async def _perform(self, effect: Effect) -> object:
        if isinstance(effect, Exchange):
            return await self._exchange(effect)
        if isinstance(effect, Call):
            result = effect.function()
            return await result if inspect.isawaitable(result) else result
        if isinstance(effect, Work):
            from anyio import to_thread

            return await to_thread.run_sync(effect.function)
        if isinstance(effect, Shield):
            await finish(self.run(effect.flow), effect.seconds)
        elif isinstance(effect, Together):
            await run_together(self.run, effect.flows)
        else:
            await self.settings.clock.async_sleep(effect.seconds)
        return None

    async def _exchange(self, effect: Exchange) -> httpx.Response:
        arguments = absolute(effect.arguments, self.settings)
        content = arguments.get("content")
        body: AsyncIterator[bytes] | None = None
        if isinstance(content, AsyncIterable):
            arguments["content"] = body = aiter(content)
        elif isinstance(content, Iterable) and not isinstance(content, str | bytes):
            arguments["content"] = body = in_threads(_content_chunks(content))
        try:
            return await self._respond(arguments, effect)
        finally:
            # If the request fails, httpx leaves the body open, and trio warns about it.
            if isinstance(body, AsyncGenerator):
                await body.aclose()

    async def _respond(self, arguments: RequestArguments, effect: Exchange) -> httpx.Response:
        extensions = extensions_for(self.settings, effect.deadline)
        try:
            response = await self._response(arguments, effect.timeout, extensions)
        except httpx.HTTPStatusError as error:  # raised by a hook of the user's own client
            return response_of_hook(error)
        await async_read_response(
            response, self.settings.max_response_size, extensions.get("seconds_left")
        )
        return response

    async def _response(
        self, arguments: RequestArguments, timeout: httpx.Timeout, extensions: dict[str, Any]
    ) -> httpx.Response:
        """Send a request and return its response with the body unread."""
        pool = self._clients.pool(arguments)
        if pool is not None:
            build = partial(self._clients.composer.outgoing, arguments, timeout, extensions)
            return await pool.respond(self._built(build, arguments))
        client = self._clients.sender()
        request = self._built(
            partial(built_by_httpx, client, arguments, timeout, extensions), arguments
        )
        if isinstance(request.stream, Iterable) and "files" in arguments:
            request.stream = _FromThreads(request.stream)
        return await client.send(request, auth=self._auth, stream=True, follow_redirects=False)


class _FromThreads(httpx.AsyncByteStream):
    """Body of a form, whose files are read in threads."""

    def __init__(self, parts: Iterable[bytes]) -> None:
        self._parts = parts

    def __aiter__(self) -> AsyncIterator[bytes]:
        return in_threads(iter(self._parts))


def _content_chunks(content: Iterable[bytes]) -> Iterator[bytes]:
    """Return the chunks of a body. A file is read in chunks of equal size, not line by line."""
    read = getattr(content, "read", None)
    return iter(content) if read is None else iter(lambda: read(_CHUNK), b"")
