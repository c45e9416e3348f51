"""Calling a model's function, whichever of the five kinds it is, so that it can be stopped."""

import asyncio
import inspect
import math
from collections.abc import Callable, Generator, Iterable
from contextlib import aclosing
from typing import cast

from anyio import CapacityLimiter, to_thread

from replicate_ext.sandbox._models.model import Program


async def run(
    program: Program,
    arguments: dict[str, object],
    encode: Callable[[object], object],
    emit: Callable[[object], None],
    stopped: Callable[[], bool],
) -> None:
    """Call a model's function.

    Cancelling this stops coroutines and asynchronous generators where they are, generators where
    they next yield. A plain function cannot be stopped: what it returns is dropped.

    Args:
        program: whose function to call.
        arguments: its keyword arguments.
        encode: makes JSON of an output; called in a thread.
        emit: receives the output, or one piece after another when the model streams; called in
            the event loop.
        stopped: says, in any thread, whether nobody wants the output any more.
    """
    function = program.function
    if inspect.isasyncgenfunction(function):
        async with aclosing(function(**arguments)) as pieces:
            async for piece in pieces:
                emit(await _encode(piece, encode))
    elif inspect.iscoroutinefunction(function):
        emit(await _encode(await function(**arguments), encode))
    else:
        await _run_in_thread(program, arguments, encode, emit, stopped)


async def _encode(value: object, encode: Callable[[object], object]) -> object:
    # A thread costs more than a token does.
    return value if isinstance(value, str) else await to_thread.run_sync(encode, value)


async def _run_in_thread(
    program: Program,
    arguments: dict[str, object],
    encode: Callable[[object], object],
    emit: Callable[[object], None],
    stopped: Callable[[], bool],
) -> None:
    loop = asyncio.get_running_loop()

    def work() -> None:
        result = program.function(**arguments)
        if not program.signature.streams:
            loop.call_soon_threadsafe(emit, encode(result))
            return
        if not isinstance(result, Iterable):
            raise TypeError(f"The model returned {type(result).__name__} instead of an iterator")
        for piece in cast("Iterable[object]", result):
            if stopped():
                break
            loop.call_soon_threadsafe(emit, encode(piece))
        if isinstance(result, Generator):
            result.close()

    # No limit of its own: a function that waits for another prediction must not block it.
    limiter = CapacityLimiter(math.inf)
    await to_thread.run_sync(work, abandon_on_cancel=True, limiter=limiter)
