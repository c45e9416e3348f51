"""Finish work even if the task that waits for it is canceled, on asyncio and trio."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Coroutine

_CLOSE_SECONDS = 1.0
"""Time limit for abandoned work to close its connection."""


async def finish(work: Coroutine[object, object, object], seconds: float) -> None:
    """Await work. If this task is canceled, the work continues for a limited time.

    Args:
        work: The work.
        seconds: Time limit of the work, in seconds after the cancellation.
    """
    import sniffio

    if sniffio.current_async_library() == "asyncio":
        await _finish_on_asyncio(work, seconds)
    else:
        await _finish_on_trio(work, seconds)


async def _finish_on_asyncio(work: Coroutine[object, object, object], seconds: float) -> None:
    """Await work in a task of its own, as asyncio can cancel this task more than once."""
    import asyncio

    import anyio

    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    until: float | None = None
    canceled: asyncio.CancelledError | None = None
    # The scopes of anyio cancel again at every step, unless they are shielded.
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
            await asyncio.wait({task}, timeout=_CLOSE_SECONDS)
    failure = task.exception() if task.done() and not task.cancelled() else None
    if canceled is not None:
        raise canceled
    if failure is not None:
        raise failure


async def _finish_on_trio(work: Coroutine[object, object, object], seconds: float) -> None:
    """Await work in a task of its own, which the scopes around this task do not cancel."""
    import contextvars

    import trio

    scope = trio.CancelScope(shield=True)  # at the end of trio.run such tasks are canceled too
    done = trio.Event()
    failures: list[Exception] = []

    async def work_on() -> None:
        try:
            with scope:
                await work
        except Exception as error:  # noqa: BLE001 - raised below, in the task that waits
            failures.append(error)
        finally:
            done.set()

    trio.lowlevel.spawn_system_task(work_on, context=contextvars.copy_context())
    try:
        await done.wait()
    except (trio.Cancelled, KeyboardInterrupt):  # trio raises Ctrl-C in the main task
        with trio.CancelScope(shield=True):
            with trio.move_on_after(seconds):
                await done.wait()
            scope.cancel()
            with trio.move_on_after(_CLOSE_SECONDS):
                await done.wait()
        raise
    if failures:
        raise failures[0]
