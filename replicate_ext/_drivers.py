"""The two drivers of flows: one blocks, the other awaits."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterable, Iterable
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, TypeVar

import httpx

from replicate_ext import _send
from replicate_ext._flow import Call, Effect, Exchange, Flow, Shield, Work
from replicate_ext.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Iterator

    from replicate_api.types import RequestArguments

    from replicate_ext._send import Settings

T = TypeVar("T")

_CHUNK = 64 * 1024
"""Bytes that are read of a file at a time."""


class SyncDriver:
    """Runs flows by blocking.

    Args:
        client: Returns the client to send with.
        auth: Adds the token to a request.
        settings: The client's settings.
    """

    def __init__(
        self, client: Callable[[], httpx.Client], auth: httpx.Auth, settings: Settings
    ) -> None:
        self._client = client
        self._auth = auth
        self.settings = settings

    def run(self, flow: Flow[T]) -> T:
        """Run a flow and return its result.

        Args:
            flow: The flow, not yet started.
        """
        try:
            effect = next(flow)
            while True:
                try:
                    result = self._perform(effect)
                except BaseException as error:  # noqa: BLE001 - the flow decides on every error
                    effect = flow.throw(error)
                else:
                    effect = flow.send(result)
        except StopIteration as stop:
            return stop.value  # type: ignore[no-any-return] # a generator's result has no type here
        finally:
            flow.close()

    def perform(self, arguments: RequestArguments, parse: Callable[[httpx.Response], T]) -> T:
        """Perform one operation, with retries, and return the object of its answer.

        Args:
            arguments: The request.
            parse: What reads a successful answer.

        Raises:
            APIError: The kind tells what happened.
        """
        return self.run(_send.perform(self.settings, arguments, parse))

    @contextmanager
    def stream(
        self, url: str, headers: dict[str, str], timeout: httpx.Timeout
    ) -> Iterator[httpx.Response]:
        """Open a connection and give its answer, whose body is not read yet.

        Args:
            url: An absolute URL; the token goes along if it is on the API's origin.
            headers: Headers of the request.
            timeout: For each step.
        """
        client = self._client()
        request = client.build_request("GET", url, headers=headers, timeout=timeout)
        response = client.send(request, auth=self._auth, stream=True, follow_redirects=False)
        try:
            yield response
        finally:
            response.close()

    def _perform(self, effect: Effect) -> object:
        if isinstance(effect, Exchange):
            return self._exchange(effect)
        if isinstance(effect, Call | Work):
            return effect.function()
        if isinstance(effect, Shield):
            return self.run(effect.flow)
        self.settings.clock.sleep(effect.seconds)
        return None

    def _exchange(self, effect: Exchange) -> httpx.Response:
        client = self._client()
        arguments = _absolute(effect.arguments, self.settings)
        content = arguments.get("content")
        if isinstance(content, Iterable) and not isinstance(content, str | bytes):
            arguments["content"] = iter(content)
        elif isinstance(content, AsyncIterable):
            raise InvalidInputError("content is async, which the blocking client cannot read")
        request = client.build_request(**arguments, timeout=effect.timeout)
        # The API redirects nothing, and a caller's own client must not take a create elsewhere.
        return client.send(request, auth=self._auth, follow_redirects=False)


class AsyncDriver:
    """Runs flows by awaiting, on asyncio or trio.

    Args:
        client: Returns the client to send with, for the running event loop.
        auth: Adds the token to a request.
        settings: The client's settings.
    """

    def __init__(
        self, client: Callable[[], httpx.AsyncClient], auth: httpx.Auth, settings: Settings
    ) -> None:
        self._client = client
        self._auth = auth
        self.settings = settings

    async def run(self, flow: Flow[T]) -> T:
        """Run a flow and return its result.

        Args:
            flow: The flow, not yet started.
        """
        try:
            effect = next(flow)
            while True:
                try:
                    result = await self._perform(effect)
                except BaseException as error:  # noqa: BLE001 - the flow decides on every error
                    effect = flow.throw(error)
                else:
                    effect = flow.send(result)
        except StopIteration as stop:
            return stop.value  # type: ignore[no-any-return] # a generator's result has no type here
        finally:
            flow.close()

    async def perform(self, arguments: RequestArguments, parse: Callable[[httpx.Response], T]) -> T:
        """Perform one operation, with retries, and return the object of its answer.

        Args:
            arguments: The request.
            parse: What reads a successful answer.

        Raises:
            APIError: The kind tells what happened.
        """
        return await self.run(_send.perform(self.settings, arguments, parse))

    @asynccontextmanager
    async def stream(
        self,
        url: str,
        headers: dict[str, str],
        timeout: httpx.Timeout,  # noqa: ASYNC109 - httpx's own, for each step
    ) -> AsyncIterator[httpx.Response]:
        """Open a connection and give its answer, whose body is not read yet.

        Args:
            url: An absolute URL; the token goes along if it is on the API's origin.
            headers: Headers of the request.
            timeout: For each step.
        """
        client = self._client()
        request = client.build_request("GET", url, headers=headers, timeout=timeout)
        response = await client.send(request, auth=self._auth, stream=True, follow_redirects=False)
        try:
            yield response
        finally:
            await response.aclose()

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
            await self._shielded(effect)
        else:
            await self.settings.clock.async_sleep(effect.seconds)
        return None

    async def _exchange(self, effect: Exchange) -> httpx.Response:
        client = self._client()
        arguments = _absolute(effect.arguments, self.settings)
        content = arguments.get("content")
        if isinstance(content, AsyncIterable):
            arguments["content"] = aiter(content)
        elif isinstance(content, Iterable) and not isinstance(content, str | bytes):
            arguments["content"] = _in_threads(content)
        request = client.build_request(**arguments, timeout=effect.timeout)
        if isinstance(request.stream, Iterable) and "files" in arguments:
            request.stream = _FromThreads(request.stream)
        return await client.send(request, auth=self._auth, follow_redirects=False)

    async def _shielded(self, effect: Shield) -> None:
        import sniffio

        if sniffio.current_async_library() == "asyncio":
            await _finish_on_asyncio(self.run(effect.flow), effect.seconds)
            return
        import anyio

        with anyio.move_on_after(effect.seconds, shield=True):
            await self.run(effect.flow)


async def _finish_on_asyncio(work: Coroutine[object, object, object], seconds: float) -> None:
    """Await work in a task of its own: asyncio can cancel this one more than once."""
    import asyncio

    import anyio

    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    canceled: asyncio.CancelledError | None = None
    # anyio's scopes cancel again at every step, unless they are told to wait.
    with anyio.CancelScope(shield=True):
        while not task.done() and loop.time() < until:
            try:
                await asyncio.wait({task}, timeout=until - loop.time())
            except asyncio.CancelledError as error:
                canceled = error
    if task.done():
        task.result()
    else:
        task.cancel()
    if canceled is not None:
        raise canceled


def _absolute(arguments: RequestArguments, settings: Settings) -> RequestArguments:
    changed = arguments.copy()
    changed["url"] = _send.absolute(settings, arguments["url"])
    return changed


class _FromThreads(httpx.AsyncByteStream):
    """The body of a form, whose files are read in threads."""

    def __init__(self, parts: Iterable[bytes]) -> None:
        self._parts = parts

    def __aiter__(self) -> AsyncIterator[bytes]:
        return _in_threads(self._parts)


async def _in_threads(content: Iterable[bytes]) -> AsyncIterator[bytes]:
    """Yield what may have to wait for its bytes, without the event loop waiting too."""
    from anyio import to_thread

    read = getattr(content, "read", None)
    chunks = iter(content) if read is None else iter(lambda: read(_CHUNK), b"")
    while (chunk := await to_thread.run_sync(next, chunks, None)) is not None:
        yield chunk
