"""What the synchronous and the asynchronous client share: flows, and the two drivers that run them.

A flow is a generator. It decides; what it yields are effects, which a driver performs: blocking in
one client, awaiting in the other. (httpx writes its authentication so, for the same reason.) A
driver throws what goes wrong, cancellation too, back into the flow. A flow cleans up in ``except``,
by yielding; it never yields while it is being closed, which Python forbids.

In a flow an effect is never yielded bare but through its typed helper::

    answer = yield from send(settings, arguments)
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypeVar

if TYPE_CHECKING:
    import httpx
    from replicate_api.types import RequestArguments

T = TypeVar("T")


class Exchange(NamedTuple):
    """Send one request and read the answer, all of it before the deadline."""

    arguments: RequestArguments
    timeout: httpx.Timeout
    deadline: float | None


class Sleep(NamedTuple):
    """Let time pass."""

    seconds: float


class Call(NamedTuple):
    """Call a user's function, and await what it returns if that can be awaited."""

    function: Callable[[], object]


class Work(NamedTuple):
    """Do what would block an event loop, in a thread where there is one."""

    function: Callable[[], object]


class Shield(NamedTuple):
    """Run a flow to its end even while being canceled, but from then on no longer than this."""

    flow: Flow[object]
    seconds: float


Effect: TypeAlias = Exchange | Sleep | Call | Work | Shield
# What an effect gives back depends on the effect; the helpers below know it.
Flow: TypeAlias = Generator[Effect, Any, T]


def exchange(
    arguments: RequestArguments, timeout: httpx.Timeout, deadline: float | None
) -> Flow[httpx.Response]:
    """Send one request and return its answer, whatever its status.

    Args:
        arguments: The request.
        timeout: For each step.
        deadline: The clock's time by which the whole answer must be there; None for no limit.
    """
    response: httpx.Response = yield Exchange(arguments, timeout, deadline)
    return response


def sleep(seconds: float) -> Flow[None]:
    """Let seconds pass."""
    yield Sleep(seconds)


def call(function: Callable[[], object]) -> Flow[object]:
    """Call a user's function, sync or async, and return its result."""
    result: object = yield Call(function)
    return result


def work(function: Callable[[], T]) -> Flow[T]:
    """Do what would block an event loop, like reading files, and return its result."""
    result: T = yield Work(function)
    return result


def shield(flow: Flow[object], seconds: float) -> Flow[None]:
    """Finish a flow even while being canceled; give up on it these seconds after the cancellation.

    What the flow finds out it must keep in an object: its result is lost if it is canceled.
    """
    yield Shield(flow, seconds)
