"""Letting planned faults meet the requests they were planned for."""

import asyncio
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from replicate_ext.sandbox._faults.exchange import Exchange
from replicate_ext.sandbox._faults.fault import Fault

_ON = re.compile(r"(?:([A-Z]+)(?: |$))?([/*]\S*)?")
_WILD = {"*": "[^/]*", "**": ".*"}


@dataclass(slots=True)
class _Planned:
    fault: Fault
    meets: Callable[[str, str], bool]
    times: float


class Faults:
    """What is still to go wrong, in the order in which it was added; safe to use in any thread."""

    def __init__(self) -> None:
        self._planned: list[_Planned] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault, *, on: str | None = None, times: float = 1) -> None:
        """Let something go wrong with the next requests; of several faults, the first comes first.

        Args:
            fault: what goes wrong.
            on: which requests it meets: a method, a path with or without its `/v1`, or both, as in
                `"POST /predictions"`. In a path `*` stands for one part and `**` for any number:
                `"POST **/predictions"` is every way to create a prediction. None is any request.
            times: how many requests; `math.inf` is every one until `clear`.

        Raises:
            ValueError: `on` names no requests, or `times` is less than 1.
        """
        if times < 1:
            raise ValueError(f"A fault happens at least once, not {times} times")
        planned = _Planned(fault, _filter(on), times)
        with self._lock:
            self._planned.append(planned)

    @property
    def pending(self) -> list[Fault]:
        """What has not gone wrong often enough yet, each fault once."""
        with self._lock:
            return [planned.fault for planned in self._planned]

    def clear(self) -> None:
        """Let nothing more go wrong."""
        with self._lock:
            self._planned.clear()

    def take(self, method: str, path: str) -> Fault | None:
        """Return what goes wrong with this request, which uses it up.

        Args:
            method: in capitals.
            path: with its `/v1`.
        """
        with self._lock:
            for planned in self._planned:
                if planned.meets(method, path):
                    planned.times -= 1
                    if planned.times < 1:
                        self._planned.remove(planned)
                    return planned.fault
        return None


def _filter(on: str | None) -> Callable[[str, str], bool]:
    match = _ON.fullmatch("**" if on is None else on)
    if match is None or not match[0]:
        raise ValueError(f"Requests are named as in 'POST /predictions', not as {on!r}")
    wanted = match[1]
    parts = re.split(r"(\*+)", match[2] or "**")
    path = re.compile("".join(_WILD.get(part) or re.escape(part) for part in parts))

    def meets(method: str, asked: str) -> bool:
        paths = (asked, asked.removeprefix("/v1"))
        return wanted in (None, method) and any(path.fullmatch(each) for each in paths)

    return meets


class Disruption:
    """ASGI middleware that lets go wrong what was asked for.

    Args:
        app: the application.
        faults: what was asked for.
        closing: set when the server ends, after which no answer is late any more.
    """

    def __init__(self, app: ASGIApp, faults: Faults, closing: asyncio.Event) -> None:
        self._app = app
        self._faults = faults
        self._closing = closing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or let it meet its fault."""
        is_http = scope["type"] == "http"
        fault = self._faults.take(scope["method"], scope["path"]) if is_http else None
        if fault is None:
            await self._app(scope, receive, send)
            return
        exchange = Exchange(scope, receive, send, self._closing)

        async def disturbed(message: Message) -> None:
            if not exchange.has_hung_up:
                await fault.meet(message, exchange)

        if fault.taken:
            await self._app(scope, receive, disturbed)
        else:
            # A client that is interrupted while it still sends sees another error than one that
            # waits for its answer; the latter is what is to be rehearsed.
            await exchange.read_to_end()
            await disturbed({"type": "http.response.start"})
        await exchange.finish()
