"""Planned faults, and the middleware that injects them into requests."""

import asyncio
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from replicate_ext.sandbox._faults.exchange import Exchange, pause
from replicate_ext.sandbox._faults.fault import Fault

_ON = re.compile(r"(?:([A-Z]+)(?: |$))?([/*]\S*)?")
_WILD = {"*": "[^/]*", "**": ".*"}


@dataclass(slots=True)
class _Planned:
    fault: Fault
    matches: Callable[[str, str], bool]
    times: float


class Faults:
    """Planned faults, in the order in which they were added; thread-safe."""

    def __init__(self) -> None:
        self._planned: list[_Planned] = []
        self._lock = threading.Lock()
        self.latency: float = 0.0
        """Seconds that every request to the API waits before it is handled."""

    def add(self, fault: Fault, *, on: str | None = None, times: float = 1) -> None:
        """Plan a fault for the next matching requests.

        A request gets at most one fault. If several match, the one that was added first is used.

            sandbox.faults.add(Fault.error(503), on="GET /predictions/*", times=2)

        Args:
            fault: the fault.
            on: requests to match: a method, a path with or without `/v1`, or both, as in
                `"POST /predictions"`. In a path, `*` matches one segment and `**` any number:
                `"POST **/predictions"` matches every request that creates a prediction. Default:
                None, any request.
            times: number of requests; `math.inf` means every request until `clear`. Default: 1.

        Raises:
            ValueError: `on` has an invalid form, or `times` is less than 1.
        """
        if times < 1:
            raise ValueError(f"times must be at least 1, got {times}")
        planned = _Planned(fault, _filter(on), times)
        with self._lock:
            self._planned.append(planned)

    @property
    def pending(self) -> list[Fault]:
        """Faults that are still planned; each is listed once, whatever its `times`."""
        with self._lock:
            return [planned.fault for planned in self._planned]

    def clear(self) -> None:
        """Remove all planned faults, and the latency."""
        with self._lock:
            self._planned.clear()
        self.latency = 0.0

    def take(self, method: str, path: str) -> Fault | None:
        """Return the fault for a request, or None, and count it as used.

        Args:
            method: in upper case.
            path: with `/v1`.
        """
        with self._lock:
            for planned in self._planned:
                if planned.matches(method, path):
                    planned.times -= 1
                    if planned.times < 1:
                        self._planned.remove(planned)
                    return planned.fault
        return None


def _filter(on: str | None) -> Callable[[str, str], bool]:
    match = _ON.fullmatch("**" if on is None else on)
    if match is None or not match[0]:
        raise ValueError(
            f"invalid on={on!r}: expected a method, a path or both, such as 'POST /predictions'"
        )
    wanted = match[1]
    parts = re.split(r"(\*+)", match[2] or "**")
    path = re.compile("".join(_WILD.get(part) or re.escape(part) for part in parts))

    def matches(method: str, requested: str) -> bool:
        paths = (requested, requested.removeprefix("/v1"))
        return wanted in (None, method) and any(path.fullmatch(each) for each in paths)

    return matches


class FaultInjection:
    """ASGI middleware that injects planned faults.

    Args:
        app: the application.
        faults: planned faults.
        closing: set when the server shuts down; ends all delays.
    """

    def __init__(self, app: ASGIApp, faults: Faults, closing: asyncio.Event) -> None:
        self._app = app
        self._faults = faults
        self._closing = closing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request, with its fault if there is one."""
        is_http = scope["type"] == "http"
        if self._faults.latency and is_http:
            await pause(self._faults.latency, self._closing)
        fault = self._faults.take(scope["method"], scope["path"]) if is_http else None
        if fault is None:
            await self._app(scope, receive, send)
            return
        exchange = Exchange(scope, receive, send, self._closing)

        async def faulty(message: Message) -> None:
            if not exchange.is_closed:
                await fault.inject(message, exchange)

        if fault.taken:
            await self._app(scope, receive, faulty)
        else:
            # Read the whole request first: the fault simulates an error while the client waits for
            # the response. A client that is interrupted while sending gets a different error.
            await exchange.read_to_end()
            await faulty({"type": "http.response.start"})
        await exchange.finish()
