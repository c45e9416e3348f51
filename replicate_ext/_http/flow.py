"""Flows: the logic that the blocking and the asynchronous client share.

A flow is a generator that makes the decisions and yields effects. A driver performs the effects:
one blocks, the other awaits. (The authentication flows of httpx work in the same way.) The driver
throws errors and cancellation into the flow. A flow cleans up in ``except``, where it may yield; it
never yields while it is being closed, because Python forbids that.

A flow yields an effect only through its typed helper::

    response = yield from send(settings, arguments)
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypeVar

if TYPE_CHECKING:
    import httpx
    from replicate_api.types import RequestArguments

T = TypeVar("T")


class Exchange(NamedTuple):
    """Send one request and read the whole response before the deadline."""

    arguments: RequestArguments
    timeout: httpx.Timeout
    deadline: float | None


class Sleep(NamedTuple):
    """Wait for a number of seconds."""

    seconds: float


class Call(NamedTuple):
    """Call a user's function, and await the result if it is awaitable."""

    function: Callable[[], object]


class Work(NamedTuple):
    """Call a function that blocks; the asynchronous client calls it in a thread."""

    function: Callable[[], object]


class Shield(NamedTuple):
    """Run a flow even while being canceled, for a limited number of seconds after that."""

    flow: Flow[object]
    seconds: float


class Together(NamedTuple):
    """Run flows; the asynchronous client runs some of them at the same time."""

    flows: Sequence[Flow[object]]


Effect: TypeAlias = Exchange | Sleep | Call | Work | Shield | Together
# The type of the result depends on the effect; the helpers below declare it.
Flow: TypeAlias = Generator[Effect, Any, T]


def exchange(
    arguments: RequestArguments, timeout: httpx.Timeout, deadline: float | None
) -> Flow[httpx.Response]:
    """Send one request and return its response, whatever its status.

    Args:
        arguments: The request.
        timeout: Timeouts of each step.
        deadline: Clock time by which the whole response must have arrived; None for no deadline.
    """
    response: httpx.Response = yield Exchange(arguments, timeout, deadline)
    return response


def sleep(seconds: float) -> Flow[None]:
    """Wait for a number of seconds."""
    yield Sleep(seconds)


def call(function: Callable[[], object]) -> Flow[object]:
    """Call a user's function, sync or async, and return its result."""
    result: object = yield Call(function)
    return result


def work(function: Callable[[], T]) -> Flow[T]:
    """Call a function that blocks, such as one that reads files, and return its result."""
    result: T = yield Work(function)
    return result


def shield(flow: Flow[object], seconds: float) -> Flow[None]:
    """Finish a flow even while being canceled, for at most some seconds after the cancellation.

    The flow must store its results in an object, because its return value is discarded.
    """
    yield Shield(flow, seconds)


def together(flows: Sequence[Flow[object]]) -> Flow[None]:
    """Run flows, if possible at the same time. The first error ends all of them.

    The flows must store their results in an object, because their return values are discarded.
    """
    yield Together(flows)
