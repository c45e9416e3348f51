"""What ends a wait early: progress callbacks, stop, Ctrl-C, cancellation. Guarantee 5."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import anyio.lowlevel
import httpx
import pytest
import trio
from support.clients import Kind, created, looked, make_client, start
from support.clock import VirtualClock

from replicate_ext import AsyncReplicate, PredictionCanceled, parse_progress
from replicate_ext.sandbox import Sandbox

CANCEL = "POST /v1/predictions/p1/cancel"


def respond(request: httpx.Request) -> httpx.Response:
    return looked("canceled" if request.method == "POST" else "processing", logs="50%|##| 1/2")


def either(kind: Kind, function: Callable[[Any], object]) -> Callable[[Any], object]:
    """The function, as a coroutine function for async clients."""
    if kind == "sync":
        return function

    async def awaited(seen: Any) -> object:
        await anyio.lowlevel.checkpoint()
        return function(seen)

    return awaited


def test_progress_is_told_of_the_creation_and_of_each_change_and_of_nothing_else(
    kind: Kind, clock: VirtualClock
) -> None:
    told: list[Any] = []
    client, _ = start(
        kind,
        clock,
        created(logs=None),
        looked("processing", logs="40%|####   | 2/5"),
        looked("processing", logs="40%|####   | 2/5"),
        looked("processing", logs="40%|####   | 2/5", output=["a"]),
        looked("succeeded", logs="100%|##########| 5/5", output=["a", "b"]),
    )

    client.run("owner/name", {}, wait=False, on_progress=either(kind, told.append))

    assert [(seen.status, parse_progress(seen), seen.output) for seen in told] == [
        ("starting", None, None),
        ("processing", (0.4, 2, 5), None),
        ("processing", (0.4, 2, 5), ["a"]),
        ("succeeded", (1.0, 5, 5), ["a", "b"]),
    ]


def test_an_error_in_progress_cancels_the_run_and_goes_on(kind: Kind, clock: VirtualClock) -> None:
    def fail(seen: Any) -> None:
        if seen.status == "processing":
            raise ZeroDivisionError

    client, script = start(kind, clock, created(), respond)

    with pytest.raises(ZeroDivisionError):
        client.run("owner/name", {}, wait=False, on_progress=either(kind, fail))

    assert script.seen[-1] == CANCEL


def test_an_error_in_progress_after_the_end_cancels_nothing(
    kind: Kind, clock: VirtualClock
) -> None:
    def fail(_: Any) -> None:
        raise ZeroDivisionError

    client, script = start(kind, clock, created("processing", output="whole"))

    with pytest.raises(ZeroDivisionError):
        client.run("owner/name", {}, wait=True, on_progress=either(kind, fail))

    assert len(script.seen) == 1


def test_stop_cancels_and_progress_hears_of_it(kind: Kind, clock: VirtualClock) -> None:
    told: list[str] = []
    client, script = start(kind, clock, created(), respond)

    with pytest.raises(PredictionCanceled) as caught:
        client.run(
            "owner/name",
            {},
            wait=False,
            stop=either(kind, lambda seen: seen.status == "processing"),
            on_progress=lambda seen: told.append(seen.status),
        )

    assert caught.value.prediction.status == "canceled"
    assert told == ["starting", "processing", "canceled"]
    assert script.seen[1:] == ["GET /v1/predictions/p1", CANCEL]


def test_stop_is_asked_before_the_first_look(kind: Kind, clock: VirtualClock) -> None:
    client, script = start(kind, clock, created(), respond)

    with pytest.raises(PredictionCanceled):
        client.run("owner/name", {}, wait=False, stop=lambda _: True)

    assert script.seen[1:] == [CANCEL]


def test_a_run_that_ended_before_stop_took_effect_is_not_lost(
    kind: Kind, clock: VirtualClock
) -> None:
    client, _ = start(kind, clock, created(), looked("succeeded", output="just in time"))

    assert client.run("owner/name", {}, wait=False, stop=lambda _: True) == "just in time"


@pytest.mark.parametrize("cancel_on_exit", [True, False])
def test_ctrl_c_while_waiting_cancels_the_run(clock: VirtualClock, *, cancel_on_exit: bool) -> None:
    def interrupt(_: httpx.Request) -> httpx.Response:
        raise KeyboardInterrupt

    client, script = start("sync", clock, created(), interrupt, looked("canceled"))

    with pytest.raises(KeyboardInterrupt):
        client.run("owner/name", {}, wait=False, cancel_on_exit=cancel_on_exit)

    assert (script.seen[-1] == CANCEL) is cancel_on_exit


def test_a_cancel_that_fails_hides_nothing(clock: VirtualClock) -> None:
    client, script = start(
        "sync", clock, created(), KeyboardInterrupt(), httpx.ConnectError("gone")
    )

    with pytest.raises(KeyboardInterrupt):
        client.run("owner/name", {}, wait=False)

    assert CANCEL in script.seen
    assert clock.elapsed < 6


def test_an_interrupted_create_says_that_its_outcome_is_unknown(clock: VirtualClock) -> None:
    client, _ = start("sync", clock, KeyboardInterrupt())

    with pytest.raises(KeyboardInterrupt) as caught:
        client.run("owner/name", {})

    assert any("may have succeeded" in note for note in caught.value.__notes__)


def slow_run(client: AsyncReplicate, **options: Any) -> Any:
    story = {"prompt": "patience", "delay": 5.0}
    return client.run("sandbox/storyteller", story, wait=False, **options)


async def newest(client: AsyncReplicate) -> Any:
    page = await client.predictions.list()
    assert page.results
    return page.results[0]


@pytest.mark.parametrize("times", [1, 2])
def test_canceling_the_task_cancels_the_remote_run(sandbox: Sandbox, times: int) -> None:
    async def main() -> Any:
        async with AsyncReplicate(sandbox.api_token, sandbox.base_url) as client:
            created = asyncio.Event()
            task = asyncio.ensure_future(slow_run(client, on_progress=lambda _: created.set()))
            await created.wait()
            for _ in range(times):
                task.cancel()
                await asyncio.sleep(0)
            with pytest.raises(asyncio.CancelledError):
                await task
            return await newest(client)

    assert asyncio.run(main()).status == "canceled"


def test_a_timeout_around_the_call_cancels_the_remote_run(sandbox: Sandbox) -> None:
    async def main() -> Any:
        async with AsyncReplicate(sandbox.api_token, sandbox.base_url) as client:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.2):
                    await slow_run(client)
            return await newest(client)

    assert asyncio.run(main()).status == "canceled"


def test_a_trio_cancel_scope_cancels_the_remote_run(sandbox: Sandbox) -> None:
    async def main() -> Any:
        async with AsyncReplicate(sandbox.api_token, sandbox.base_url) as client:
            with trio.move_on_after(0.2) as scope:
                await slow_run(client)
            assert scope.cancelled_caught
            return await newest(client)

    assert trio.run(main).status == "canceled"


def test_the_real_deadline_cancels_the_remote_run(kind: Kind, sandbox: Sandbox) -> None:
    client = make_client(kind, api_token=sandbox.api_token, base_url=sandbox.base_url)

    with pytest.raises(TimeoutError) as caught:
        client.run("sandbox/storyteller", {"prompt": "x", "delay": 5.0}, wait=False, timeout=0.4)

    run = caught.value.prediction  # type: ignore[attr-defined] # PredictionTimeout has one
    assert client.predictions.get(run.id).status == "canceled"


def test_ctrl_c_at_the_first_look_of_wait_cancels_the_run(clock: VirtualClock) -> None:
    client, script = start("sync", clock, KeyboardInterrupt(), looked("canceled"))

    with pytest.raises(KeyboardInterrupt):
        client.wait("p1")

    assert script.seen == ["GET /v1/predictions/p1", CANCEL]
