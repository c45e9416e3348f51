"""A call that is canceled at any of its awaits loses nothing. Guarantees 5 and 17.

After each cancellation the same client works, every run that the API started was canceled or its
caller knows that it may exist, and every connection is closed with the client.
"""

from __future__ import annotations

import asyncio
import functools
import gc
import os
import signal
import ssl
import weakref
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, NamedTuple, TypeAlias

import anyio
import anyio.lowlevel
import httpx
import pytest
import trio
from support.awaits import driven
from support.clients import TOKEN
from support.scripted import Fault, Request, Run, Server, scripted

from replicate_ext import AsyncReplicate
from replicate_ext._runs import pending as _pending
from replicate_ext._runs import run as _run

INSTANT: dict[str, Any] = {}
POLLED = {"polls": 3}
FILE = {"polls": 2, "file": b"\x89PNG\r\n" * 50_000}
UNKNOWN = "may have succeeded"
MOST_AWAITS = 200
pytestmark = [
    pytest.mark.usefixtures("both_ways"),
    # Where sending is canceled, httpcore leaves the generator of httpx's that it sends from.
    pytest.mark.filterwarnings("ignore:Async generator 'httpx:ResourceWarning"),
]
TLS = ssl.create_default_context()  # costs more than a run: made once

Call: TypeAlias = Callable[[AsyncReplicate, str], Awaitable[Any]]


def a_training(client: AsyncReplicate, _: str) -> Awaitable[Any]:
    return client.trainings.create(
        "owner", "name", "v1", destination="owner/new", input={"polls": 2}
    )


CALLS: dict[str, Call] = {
    "instant run": lambda client, _: client.run("owner/name", INSTANT, wait=False),
    "held run": lambda client, _: client.run("owner/name", {"hold": 0.002}, wait=True),
    "held run that is polled": lambda client, _: client.run("owner/name", POLLED, wait=True),
    "polled run": lambda client, _: client.run("owner/name", POLLED, wait=False),
    "run with an upload": lambda client, _: client.run("owner/name", FILE, wait=False),
    "create": lambda client, _: client.predictions.create("owner/name", POLLED),
    "training": a_training,
    "wait": lambda client, run: client.wait(run),
}


class Outcome(NamedTuple):
    """How an interrupted call ended.

    Args:
        is_reached: Whether there was an await of that number.
        is_canceled: Whether whoever canceled sees that it was.
        error: What the call raised.
    """

    is_reached: bool
    is_canceled: bool
    error: BaseException | None


class Canceled:
    """Awaits a call, which is canceled at one of its awaits.

    Args:
        step: The number of the await.
    """

    def __init__(self, step: int) -> None:
        self._step = step
        self._is_reached = False
        self._error: BaseException | None = None

    async def _awaited(self, call: Awaitable[Any], cancel: Callable[[Any], None]) -> None:
        async def called() -> None:
            await call

        def at(number: int, waited: Any) -> None:
            if self._is_due(number):
                self._is_reached = True
                cancel(waited)

        try:
            await driven(called(), at)
        except BaseException as error:
            self._error = error
            raise

    def _is_due(self, number: int) -> bool:
        return number == self._step

    async def by_task(self, call: Awaitable[Any]) -> Outcome:
        """Cancel the task, as asyncio.timeout and wait_for do."""
        task: asyncio.Task[None]

        def cancel(waited: Any) -> None:
            self._cancel(task, waited)

        task = asyncio.ensure_future(self._awaited(call, cancel))
        await asyncio.wait({task})
        return Outcome(self._is_reached, task.cancelled(), self._error)

    def _cancel(self, task: asyncio.Task[None], _: Any) -> None:
        asyncio.get_running_loop().call_soon(task.cancel)

    async def by_scope(self, call: Awaitable[Any]) -> Outcome:
        """Cancel a scope around the call, as trio's timeouts do."""
        with anyio.CancelScope() as scope:
            await self._awaited(call, lambda _: scope.cancel())
            # Of a call that had its result by then, the cancellation is seen here.
            await anyio.lowlevel.checkpoint()
        return Outcome(self._is_reached, scope.cancelled_caught, self._error)


class LateCanceled(Canceled):
    """Cancels when what is waited for is there, and the task has not seen it yet."""

    def _cancel(self, task: asyncio.Task[None], waited: Any) -> None:
        if isinstance(waited, asyncio.Future):
            waited.add_done_callback(lambda _: task.cancel())
        else:
            super()._cancel(task, waited)


class CanceledOverAndOver(Canceled):
    """Cancels again at every later await."""

    def _is_due(self, number: int) -> bool:
        return number >= self._step


Way: TypeAlias = Callable[[int, Awaitable[Any]], Awaitable[Outcome]]
WAYS: dict[str, tuple[str, Way]] = {
    "task": ("asyncio", lambda step, call: Canceled(step).by_task(call)),
    "task, late": ("asyncio", lambda step, call: LateCanceled(step).by_task(call)),
    "task, over and over": ("asyncio", lambda step, call: CanceledOverAndOver(step).by_task(call)),
    "scope on asyncio": ("asyncio", lambda step, call: Canceled(step).by_scope(call)),
    "scope on trio": ("trio", lambda step, call: Canceled(step).by_scope(call)),
}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with scripted() as running:
        yield running


async def check_each_await(server: Server, call: Call, way: Way, *, is_lent: bool = False) -> int:
    """Cancel a call at each of its awaits in turn, and return how many there are."""
    for step in range(MOST_AWAITS):
        if not await check(server, call, way, step, is_lent=is_lent):
            return step
    raise AssertionError("the call has no end")


async def check(server: Server, call: Call, way: Way, step: int, *, is_lent: bool) -> bool:
    lent = httpx.AsyncClient(verify=TLS) if is_lent else None
    async with AsyncReplicate(TOKEN, server.url, poll_interval=0.001, http_client=lent) as client:
        earlier = len(server.journal.runs)
        waiting = server.journal.start(polls=3) if call is CALLS["wait"] else Run("", "", {})
        outcome = await way(step, call(client, waiting.id))
        assert outcome.is_canceled is outcome.is_reached, (step, outcome)
        started = list(server.journal.runs.values())[earlier:]
        with anyio.fail_after(2):
            assert await client.run("owner/name", {"n": step}) == step
    if lent is not None:
        await lent.aclose()
    if outcome.is_reached:
        assert_accounted_for(started, outcome, step)
    assert await anyio.to_thread.run_sync(server.journal.closes_all), step
    return outcome.is_reached


def assert_accounted_for(runs: list[Run], outcome: Outcome, step: int) -> None:
    notes = getattr(outcome.error, "__notes__", [])
    lost = [run for run in runs if not run.has_ended]
    assert not lost or any(UNKNOWN in note for note in notes), (step, lost, notes)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("call", ["held run that is polled", "create"])
def test_a_call_canceled_at_any_await_over_a_lent_client_loses_nothing(
    server: Server, call: str, way: str
) -> None:
    backend, cancel = WAYS[way]

    async def main() -> int:
        return await check_each_await(server, CALLS[call], cancel, is_lent=True)

    assert anyio.run(main, backend=backend) > 0


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("call", CALLS)
def test_a_call_canceled_at_any_await_loses_nothing(server: Server, call: str, way: str) -> None:
    backend, cancel = WAYS[way]

    awaits = anyio.run(check_each_await, server, CALLS[call], cancel, backend=backend)

    assert awaits > 0


class Failing(httpx.AsyncHTTPTransport):
    """A transport of a user's own, which fails where a run is canceled."""

    def __init__(self, failure: BaseException) -> None:
        super().__init__(verify=TLS)
        self._failure = failure

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/cancel"):
            raise self._failure
        return await super().handle_async_request(request)


FAILURES = [
    RuntimeError("Cannot send a request, as the client has been closed."),
    KeyError("x"),
    ExceptionGroup("several", [ValueError("a"), OSError("b")]),
    httpx.ReadError("gone"),
    httpx.InvalidURL("odd"),
]


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: type(failure).__name__)
@pytest.mark.parametrize("way", WAYS)
def test_whatever_fails_while_a_run_is_canceled_the_cancellation_goes_on(
    server: Server, way: str, failure: Exception
) -> None:
    async def main() -> None:
        for step in range(1, 9):  # the first await is the create
            lent = httpx.AsyncClient(transport=Failing(failure))
            client = AsyncReplicate(
                TOKEN, server.url, poll_interval=0.001, max_retries=0, http_client=lent
            )
            outcome = await cancel(step, client.run("owner/name", {"polls": 9}, wait=False))
            assert outcome.is_reached
            assert outcome.is_canceled
            assert outcome.error is not None
            assert any("could not be canceled" in note for note in outcome.error.__notes__)
            await lent.aclose()

    backend, cancel = WAYS[way]
    anyio.run(main, backend=backend)


@pytest.mark.parametrize("way", WAYS)
def test_a_lent_client_that_is_closed_does_not_hide_a_cancellation(
    server: Server, way: str
) -> None:
    async def close(lent: httpx.AsyncClient, _: Any, *, after: int) -> None:
        for _ in range(after):
            await anyio.lowlevel.checkpoint()
        await lent.aclose()
        await anyio.sleep(1)

    async def main() -> None:
        for step in range(1, 9):
            lent = httpx.AsyncClient(verify=TLS)
            client = AsyncReplicate(TOKEN, server.url, poll_interval=0.001, http_client=lent)

            closing = functools.partial(close, lent, after=step)
            outcome = await cancel(step + 1, client.run("o/n", {"polls": 9}, on_progress=closing))
            assert outcome.is_reached
            assert outcome.is_canceled
            await lent.aclose()

    backend, cancel = WAYS[way]
    anyio.run(main, backend=backend)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_client_that_is_closed_leaves_nothing_behind_in_its_event_loop(
    server: Server, backend: str
) -> None:
    async def main() -> None:
        made = []
        for n in range(3):
            client = AsyncReplicate(TOKEN, server.url)
            for _ in range(2):  # it works again after it was closed
                async with client:
                    assert await client.run("owner/name", {"n": n}) == n
            made.append(weakref.ref(client))
        del client
        gc.collect()
        assert [reference() for reference in made] == [None] * 3

    anyio.run(main, backend=backend)


class Slow(httpx.AsyncHTTPTransport):
    """A transport of a user's own, which keeps to no deadline."""

    def __init__(self, path: str) -> None:
        super().__init__(verify=TLS)
        self._path = path

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith(self._path):
            await anyio.sleep(3)
        return await super().handle_async_request(request)


# A create is the first await of its caller, the first poll comes after it.
@pytest.mark.parametrize(("path", "step"), [("/cancel", 2), ("/predictions", 0)])
@pytest.mark.parametrize("way", ["task, over and over", "scope on asyncio", "scope on trio"])
def test_who_cancels_again_waits_a_few_seconds_at_most(
    server: Server, monkeypatch: pytest.MonkeyPatch, way: str, path: str, step: int
) -> None:
    for module in (_pending, _run):
        monkeypatch.setattr(module, "CANCEL_SECONDS", 0.1)

    async def main() -> Outcome:
        async with httpx.AsyncClient(transport=Slow(path)) as lent:
            client = AsyncReplicate(TOKEN, server.url, poll_interval=0.001, http_client=lent)
            with anyio.fail_after(2):
                return await cancel(step, client.run("owner/name", {"polls": 9}, wait=False))

    backend, cancel = WAYS[way]
    outcome = anyio.run(main, backend=backend)

    assert outcome.is_canceled
    assert outcome.error is not None
    text = "could not be canceled" if path == "/cancel" else UNKNOWN
    assert any(text in note for note in outcome.error.__notes__)


def test_ctrl_c_on_trio_does_not_abandon_a_create() -> None:
    def fault(request: Request) -> Fault:
        if request.path.endswith("/predictions"):
            os.kill(os.getpid(), signal.SIGINT)  # while trio waits for what is received
            return Fault.SLOW
        return Fault.NONE

    async def main(url: str) -> None:
        async with AsyncReplicate(TOKEN, url) as client:
            await client.run("owner/name", {"polls": 9}, wait=False)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with scripted(fault) as server:
            with pytest.raises(KeyboardInterrupt):
                trio.run(main, server.url)
            assert [run.status for run in server.journal.runs.values()] == ["canceled"]
    finally:
        signal.signal(signal.SIGINT, before)


class ClosedLate(httpx.AsyncHTTPTransport):
    """A transport of a user's own that takes a while to close."""

    is_closed = False

    async def aclose(self) -> None:
        await super().aclose()
        await anyio.sleep(0.01)
        self.is_closed = True


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_client_that_nobody_closed_is_closed_to_the_end_with_its_event_loop(
    server: Server, backend: str
) -> None:
    transport = ClosedLate(verify=TLS)
    client = AsyncReplicate(TOKEN, server.url, transport=transport)

    anyio.run(client.run, "owner/name", {}, backend=backend)

    assert transport.is_closed
    assert server.journal.closes_all()
