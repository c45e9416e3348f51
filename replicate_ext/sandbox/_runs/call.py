"""Calls of a model's function: plain, generator or asynchronous."""

import asyncio
import inspect
import math
from collections.abc import Callable, Generator, Iterable
from contextlib import aclosing
from typing import cast

from anyio import CapacityLimiter, to_thread

from replicate_ext.sandbox._models.model import Program


async def call(
    program: Program,
    arguments: dict[str, object],
    encode: Callable[[object], object],
    emit: Callable[[object], None],
    stopped: Callable[[], bool],
) -> None:
    """Call a model's function.

    Cancellation stops coroutines and asynchronous generators at once, and generators at their next
    `yield`. A plain function runs to its end in its thread, and its result is discarded.

    Args:
        program: the function to call.
        arguments: keyword arguments of the function.
        encode: converts output to JSON; called in a thread.
        emit: receives the output, or each part of it from a generator; called in the event loop.
        stopped: returns whether the output is no longer needed; called in any thread.
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
    # Text needs no encoding, and a thread would take longer than producing a token.
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
            raise TypeError(f"The model must return an iterator, got {type(result).__name__}")
        for piece in cast("Iterable[object]", result):
            if stopped():
                break
            loop.call_soon_threadsafe(emit, encode(piece))
        if isinstance(result, Generator):
            result.close()

    # Unlimited: a function may wait for another prediction, which needs a thread too.
    limiter = CapacityLimiter(math.inf)
    await to_thread.run_sync(work, abandon_on_cancel=True, limiter=limiter)
