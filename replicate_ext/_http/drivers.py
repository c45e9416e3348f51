"""The two drivers of flows: one blocks, the other awaits."""

from __future__ import annotations

import inspect
from collections.abc import AsyncGenerator, AsyncIterable, Iterable
from contextlib import asynccontextmanager, contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Self, TypeAlias, TypeVar

import httpx

from replicate_ext._http import send
from replicate_ext._http.async_response_body import async_read_response
from replicate_ext._http.flow import Call, Effect, Exchange, Flow, Shield, Work
from replicate_ext._http.interrupts import DeferredInterrupt
from replicate_ext._http.reading import CODINGS, with_content
from replicate_ext._http.response_body import read_response
from replicate_ext._http.threads import in_threads
from replicate_ext.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Iterator

    from replicate_api.types import RequestArguments

    from replicate_ext._http.settings import Settings

    Explain: TypeAlias = Callable[[RequestArguments, Exception], InvalidInputError]

T = TypeVar("T")

_CHUNK = 64 * 1024
"""Bytes that are read of a file at a time."""
_LETTING_GO = 1.0
"""Seconds that shielded work has to close its connection after it was given up."""


class Driver:
    """Runs flows by blocking.

    Args:
        client: Returns the client to send with.
        auth: Adds the token to a request.
        settings: The client's settings.
        explain: Returns the error for a request that cannot be built.
    """

    is_async = False

    def __init__(
        self,
        client: Callable[[], httpx.Client],
        auth: httpx.Auth,
        settings: Settings,
        explain: Explain,
    ) -> None:
        self._client = client
        self._auth = auth
        self._explain = explain
        self.settings = settings

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Return this driver: connections cannot be copied."""
        return self

    def run(self, flow: Flow[T]) -> T:
        """Run a flow and return its result.

        Args:
            flow: The flow, not yet started.
        """
        step: Callable[[], Effect] = partial(next, flow)
        while True:
            # Ctrl-C may strike between any two lines, those that handle an error included:
            # wherever it does, the flow hears of it.
            try:
                return self._run(flow, step)
            except BaseException as error:
                if _has_ended(flow):
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
                if _has_ended(flow):
                    if isinstance(error, StopIteration):
                        return error.value  # type: ignore[no-any-return] # it has no type here
                    raise
                step = partial(flow.throw, error)

    def perform(
        self,
        arguments: RequestArguments,
        parse: Callable[[httpx.Response], T],
        *,
        repeatable: bool,
    ) -> T:
        """Perform one operation, with retries, and return the object of its answer.

        Args:
            arguments: The request.
            parse: What reads a successful answer.
            repeatable: Whether the request may be sent again after a failure whose outcome is
                unknown.

        Raises:
            APIError: The kind tells what happened.
        """
        return self.run(send.perform(self.settings, arguments, parse, repeatable=repeatable))

    @contextmanager
    def stream(
        self,
        url: str,
        headers: dict[str, str],
        timeout: httpx.Timeout,
        deadline: float | None = None,
    ) -> Iterator[httpx.Response]:
        """Open a connection and give its answer, whose body is not read yet.

        Args:
            url: An absolute URL; the token goes along if it is on the API's origin.
            headers: Headers of the request.
            timeout: For each step.
            deadline: The clock's time after which nothing more is read; None for no limit.
        """
        client = self._client()
        extensions = _extensions(self.settings, deadline)
        request = client.build_request(
            "GET", url, headers=headers, timeout=timeout, extensions=extensions
        )
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
            with DeferredInterrupt(effect.seconds):
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
        extensions = _extensions(self.settings, effect.deadline)
        request = _built(client, arguments, effect.timeout, extensions, self._explain)
        try:
            # The API redirects nothing, and a caller's own client must not take a create elsewhere.
            response = client.send(request, auth=self._auth, stream=True, follow_redirects=False)
        except httpx.HTTPStatusError as error:  # a hook of the caller's own client raises it
            return _of_hook(error)
        read_response(response, self.settings.max_response_size, extensions.get("seconds_left"))
        return response


class AsyncDriver:
    """Runs flows by awaiting, on asyncio or trio.

    Args:
        client: Returns the client to send with, for the running event loop.
        auth: Adds the token to a request.
        settings: The client's settings.
        explain: Returns the error for a request that cannot be built.
    """

    is_async = True

    def __init__(
        self,
        client: Callable[[], httpx.AsyncClient],
        auth: httpx.Auth,
        settings: Settings,
        explain: Explain,
    ) -> None:
        self._client = client
        self._auth = auth
        self._explain = explain
        self.settings = settings

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Return this driver: connections cannot be copied."""
        return self

    async def run(self, flow: Flow[T]) -> T:
        """Run a flow and return its result.

        Args:
            flow: The flow, not yet started.
        """
        step: Callable[[], Effect] = partial(next, flow)
        while True:
            try:
                while True:
                    effect = step()
                    result = await self._perform(effect)
                    step = partial(flow.send, result)
            except BaseException as error:
                if _has_ended(flow):
                    if isinstance(error, StopIteration):
                        return error.value  # type: ignore[no-any-return] # it has no type here
                    raise
                step = partial(flow.throw, error)

    async def perform(
        self,
        arguments: RequestArguments,
        parse: Callable[[httpx.Response], T],
        *,
        repeatable: bool,
    ) -> T:
        """Perform one operation, with retries, and return the object of its answer.

        Args:
            arguments: The request.
            parse: What reads a successful answer.
            repeatable: Whether the request may be sent again after a failure whose outcome is
                unknown.

        Raises:
            APIError: The kind tells what happened.
        """
        return await self.run(send.perform(self.settings, arguments, parse, repeatable=repeatable))

    @asynccontextmanager
    async def stream(
        self,
        url: str,
        headers: dict[str, str],
        timeout: httpx.Timeout,
        deadline: float | None = None,
    ) -> AsyncIterator[httpx.Response]:
        """Open a connection and give its answer, whose body is not read yet.

        Args:
            url: An absolute URL; the token goes along if it is on the API's origin.
            headers: Headers of the request.
            timeout: For each step.
            deadline: The clock's time after which nothing more is read; None for no limit.
        """
        client = self._client()
        extensions = _extensions(self.settings, deadline)
        request = client.build_request(
            "GET", url, headers=headers, timeout=timeout, extensions=extensions
        )
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
        arguments = _absolute(effect.arguments, self.settings)
        content = arguments.get("content")
        body: AsyncIterator[bytes] | None = None
        if isinstance(content, AsyncIterable):
            arguments["content"] = body = aiter(content)
        elif isinstance(content, Iterable) and not isinstance(content, str | bytes):
            arguments["content"] = body = in_threads(_chunks(content))
        try:
            return await self._answered(arguments, effect)
        finally:
            # httpx leaves it open where the request failed; trio warns of that.
            if isinstance(body, AsyncGenerator):
                await body.aclose()

    async def _answered(self, arguments: RequestArguments, effect: Exchange) -> httpx.Response:
        client = self._client()
        extensions = _extensions(self.settings, effect.deadline)
        request = _built(client, arguments, effect.timeout, extensions, self._explain)
        if isinstance(request.stream, Iterable) and "files" in arguments:
            request.stream = _FromThreads(request.stream)
        try:
            response = await client.send(
                request, auth=self._auth, stream=True, follow_redirects=False
            )
        except httpx.HTTPStatusError as error:  # a hook of the caller's own client raises it
            return _of_hook(error)
        await async_read_response(
            response, self.settings.max_response_size, extensions.get("seconds_left")
        )
        return response

    async def _shielded(self, effect: Shield) -> None:
        import sniffio

        work = self.run(effect.flow)
        if sniffio.current_async_library() == "asyncio":
            await _finish_on_asyncio(work, effect.seconds)
        else:
            await _finish_on_trio(work, effect.seconds)


async def _finish_on_asyncio(work: Coroutine[object, object, object], seconds: float) -> None:
    """Await work in a task of its own: asyncio can cancel this one more than once."""
    import asyncio

    import anyio

    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    until: float | None = None
    canceled: asyncio.CancelledError | None = None
    # anyio's scopes cancel again at every step, unless they are told to wait.
    while not task.done() and (until is None or loop.time() < until):
        try:
            with anyio.CancelScope(shield=until is not None):
                await asyncio.wait({task}, timeout=until and until - loop.time())
        except asyncio.CancelledError as error:
            canceled = error
            until = until or loop.time() + seconds
    if not task.done():
        task.cancel()
        with anyio.CancelScope(shield=True), suppress(asyncio.CancelledError):
            await asyncio.wait({task}, timeout=_LETTING_GO)
    failure = task.exception() if task.done() and not task.cancelled() else None
    if canceled is not None:
        raise canceled
    if failure is not None:
        raise failure


async def _finish_on_trio(work: Coroutine[object, object, object], seconds: float) -> None:
    """Await work in a task of its own, out of reach of the scopes around this one."""
    import contextvars

    import trio

    scope = trio.CancelScope(shield=True)  # at the end of trio.run such tasks are canceled too
    done = trio.Event()
    failures: list[Exception] = []

    async def finish() -> None:
        try:
            with scope:
                await work
        except Exception as error:  # noqa: BLE001 - raised below, in the task that waits
            failures.append(error)
        finally:
            done.set()

    trio.lowlevel.spawn_system_task(finish, context=contextvars.copy_context())
    try:
        await done.wait()
    except (trio.Cancelled, KeyboardInterrupt):  # trio raises Ctrl-C in the main task
        with trio.CancelScope(shield=True):
            with trio.move_on_after(seconds):
                await done.wait()
            scope.cancel()
            with trio.move_on_after(_LETTING_GO):
                await done.wait()
        raise
    if failures:
        raise failures[0]


def _has_ended(flow: Flow[Any]) -> bool:
    return inspect.getgeneratorstate(flow) == inspect.GEN_CLOSED


def _extensions(settings: Settings, deadline: float | None) -> dict[str, Any]:
    """Return what our transport reads of a request beside its timeouts."""
    if deadline is None:
        return {}
    return {"seconds_left": lambda: deadline - settings.clock.now()}


def _built(
    client: httpx.Client | httpx.AsyncClient,
    arguments: RequestArguments,
    timeout: httpx.Timeout,
    extensions: dict[str, Any],
    explain: Explain,
) -> httpx.Request:
    """Return a request.

    Raises:
        InvalidInputError: It has something that cannot be sent.
    """
    try:
        return client.build_request(**arguments, timeout=timeout, extensions=extensions)
    except InvalidInputError:
        raise
    except (ValueError, TypeError, RecursionError) as error:
        raise explain(arguments, error) from None


def _of_hook(error: httpx.HTTPStatusError) -> httpx.Response:
    """Return the response of an error that httpx closed before its body was read."""
    seen = error.response
    try:
        content = seen.content
    except httpx.ResponseNotRead:
        content = b""
    return with_content(seen, content)


def _absolute(arguments: RequestArguments, settings: Settings) -> RequestArguments:
    changed = arguments.copy()
    changed["url"] = send.absolute(settings, arguments["url"])
    changed["headers"] = {**CODINGS, **arguments.get("headers", {})}
    return changed


class _FromThreads(httpx.AsyncByteStream):
    """The body of a form, whose files are read in threads."""

    def __init__(self, parts: Iterable[bytes]) -> None:
        self._parts = parts

    def __aiter__(self) -> AsyncIterator[bytes]:
        return in_threads(iter(self._parts))


def _chunks(content: Iterable[bytes]) -> Iterator[bytes]:
    """Return what a body consists of; a file in pieces of equal size, not in lines."""
    read = getattr(content, "read", None)
    return iter(content) if read is None else iter(lambda: read(_CHUNK), b"")
