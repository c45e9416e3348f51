"""A fake API on loopback that injects faults and records requests."""

from __future__ import annotations

import asyncio
import enum
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

TERMINAL = frozenset({"succeeded", "failed", "canceled", "aborted"})


class Fault(enum.Enum):
    """A fault of a request. The API accepts a create request unless the comment says otherwise."""

    NONE = enum.auto()
    THROTTLED = enum.auto()  # responds with 429; not accepted
    INTERNAL = enum.auto()  # responds with 500
    BAD_GATEWAY = enum.auto()  # responds with 502
    DROPPED_BEFORE = enum.auto()  # closes the connection without a response; not accepted
    DROPPED_AFTER = enum.auto()  # closes the connection without a response
    SLOW = enum.auto()  # responds late
    CUT = enum.auto()  # closes the connection in the middle of the response


FAULTS = tuple(fault for fault in Fault if fault is not Fault.NONE)
_NOT_TAKEN = (Fault.THROTTLED, Fault.DROPPED_BEFORE)
_STATUSES = {Fault.THROTTLED: 429, Fault.INTERNAL: 500, Fault.BAD_GATEWAY: 502}
_SLOW_SECONDS = 0.05


class Request(NamedTuple):
    """A request that the server received."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Run:
    """A prediction or training that the server started.

    Args:
        id: Its id.
        kind: ``predictions`` or ``trainings``.
        input: Input from the client. ``polls`` is the number of polls until the run succeeds,
            and ``hold`` the number of seconds for which the response is held.
    """

    id: str
    kind: str
    input: dict[str, Any]
    status: str = "processing"
    polls: int = 0
    cancels: int = 0

    @property
    def has_ended(self) -> bool:
        return self.status in TERMINAL

    def json(self) -> dict[str, Any]:
        output = self.input.get("n", "x") if self.status == "succeeded" else None
        return {"id": self.id, "status": self.status, "output": output, "input": {}, "logs": ""}

    def poll(self) -> None:
        self.polls += 1
        if not self.has_ended and self.polls >= self.input.get("polls", 0):
            self.status = "succeeded"

    def cancel(self) -> None:
        self.cancels += 1
        if not self.has_ended:
            self.status = "canceled"


@dataclass
class Journal:
    """Record of the requests and connections of clients.

    Args:
        runs: The runs that were started, by id.
        requests: ``METHOD path`` of every request, in order.
        connections: Number of open connections.
    """

    runs: dict[str, Run] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    connections: int = 0

    def start(self, kind: str = "predictions", **input: Any) -> Run:
        """Start a run."""
        run = Run(f"run{len(self.runs)}", kind, input)
        if not input.get("polls"):
            run.status = "succeeded"
        self.runs[run.id] = run
        return run

    @property
    def going_on(self) -> list[Run]:
        """The runs that have not ended."""
        return [run for run in self.runs.values() if not run.has_ended]

    def closes_all(self, seconds: float = 2.0) -> bool:
        """Wait until all connections are closed; return False after the timeout in seconds."""
        until = time.monotonic() + seconds
        while self.connections and time.monotonic() < until:
            time.sleep(0.001)
        return not self.connections


Chooser: TypeAlias = Callable[[Request], Fault]


class Server:
    """The fake API.

    Args:
        url: The API's base URL.
        journal: What clients did.
        fault: Returns the fault of a request.
    """

    def __init__(self, fault: Chooser) -> None:
        self.url = ""
        self.open: set[asyncio.Transport] = set()
        self.journal = Journal()
        self.fault = fault

    def answer(self, request: Request) -> tuple[int, Any, float]:
        """Handle a request; return the status, the body, and the seconds until the response."""
        _, kind, *rest = request.path.strip("/").split("/")
        if request.method == "POST" and kind == "files":
            return 201, {"id": "f1", "urls": {"get": f"{self.url}/files/f1"}}, 0.0
        if request.method == "POST" and (not rest or kind == "models"):
            kind = "trainings" if request.path.endswith("/trainings") else "predictions"
            run = self.journal.start(kind, **json.loads(request.body).get("input", {}))
            return 201, run.json(), run.input.get("hold", 0.0) if "prefer" in request.headers else 0
        run = self.journal.runs[rest[0]]
        if rest[1:] == ["cancel"]:
            run.cancel()
        else:
            run.poll()
        return 200, run.json(), 0.0


class _Connection(asyncio.Protocol):
    transport: asyncio.Transport

    def __init__(self, server: Server) -> None:
        self._server = server
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._server.open.add(transport)
        self._server.journal.connections += 1

    def connection_lost(self, _: Exception | None) -> None:
        self._server.open.discard(self.transport)
        self._server.journal.connections -= 1

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (request := self._take()) is not None:
            self._answer(request)

    def _take(self) -> Request | None:
        """Remove a complete request from the received bytes; return None if it is incomplete."""
        head, end, rest = self._received.partition(b"\r\n\r\n")
        if not end:
            return None
        first, *lines = head.decode("latin-1").split("\r\n")
        method, path, _ = first.split(" ")
        pairs = (line.split(":", 1) for line in lines)
        headers = {name.lower(): value.strip() for name, value in pairs}
        length = int(headers.get("content-length", 0))
        if len(rest) < length:
            return None
        self._received = rest[length:]
        return Request(method, path, headers, rest[:length])

    def _answer(self, request: Request) -> None:
        self._server.journal.requests.append(f"{request.method} {request.path}")
        fault = self._server.fault(request)
        status: int = 200
        body: Any = {}
        delay = 0.0
        if fault not in _NOT_TAKEN:
            status, body, delay = self._server.answer(request)
        if fault in (Fault.DROPPED_BEFORE, Fault.DROPPED_AFTER):
            self.transport.close()
            return
        if fault in _STATUSES:
            status, body = _STATUSES[fault], {"detail": fault.name, "status": _STATUSES[fault]}
        raw = json.dumps(body).encode()
        head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n"
        whole = f"{head}Content-Length: {len(raw)}\r\n\r\n".encode() + raw
        sent = whole[: -len(raw) // 2] if fault is Fault.CUT else whole
        delay += _SLOW_SECONDS if fault is Fault.SLOW else 0.0
        if delay:
            loop = asyncio.get_running_loop()
            loop.call_later(delay, self._send, sent, fault is Fault.CUT)
        else:
            self._send(sent, is_last=fault is Fault.CUT)

    def _send(self, data: bytes, is_last: bool) -> None:
        if not self.transport.is_closing():
            self.transport.write(data)
            if is_last:
                self.transport.close()


def without_faults(_: Request) -> Fault:
    """Return no fault for any request."""
    return Fault.NONE


@contextmanager
def scripted(fault: Chooser = without_faults) -> Iterator[Server]:
    """Run a server in a thread until the context ends.

    Args:
        fault: Returns the fault of a request.
    """
    server = Server(fault)
    loop = asyncio.new_event_loop()

    async def listen() -> asyncio.Server:
        return await loop.create_server(lambda: _Connection(server), "127.0.0.1", 0, backlog=4096)

    listening = loop.run_until_complete(listen())
    server.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/v1"
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        listening.close()
        for transport in server.open:  # left open by a client, as in some tests
            transport.abort()
        loop.run_until_complete(asyncio.sleep(0))
        loop.run_until_complete(listening.wait_closed())
        loop.close()
