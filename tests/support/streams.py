"""Streams of events: a scripted API, a real server that breaks connections, and their readers."""

from __future__ import annotations

import random
import socket
import struct
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, cast

import anyio
import anyio.lowlevel
import httpx

from support.clients import Kind, answer, created, looked, make_client, prediction

if TYPE_CHECKING:
    from http.server import BaseHTTPRequestHandler

    from replicate_ext import ServerSentEvent
    from support.clock import VirtualClock

STREAM_URL = "https://stream.test/v1/streams/p1"
KIND = "text/event-stream; charset=utf-8"
CREATE, LOOK = "POST /v1/models/owner/name/predictions", "GET /v1/predictions/p1"
CANCEL, CONNECT = "POST /v1/predictions/p1/cancel", "GET /v1/streams/p1"

Step: TypeAlias = bytes | BaseException | Callable[[], object]
"""One step of a body: bytes to yield, an error to raise, or a function to call."""
Look: TypeAlias = httpx.Response | Exception | Callable[[], httpx.Response | Exception]
Connection: TypeAlias = bytes | Sequence[Step] | BaseException | httpx.Response


def sse(data: str, id_: object = None, event: str = "output", **fields: object) -> bytes:
    """Return an event in the format of the API."""
    lines = [f"event: {event}", *([] if id_ is None else [f"id: {id_}"])]
    lines += [f"data: {line}" for line in data.split("\n")]
    lines += [f"{name}: {value}" for name, value in fields.items()]
    return ("\n".join(lines) + "\n\n").encode()


def done(id_: object = None, data: str = "{}") -> bytes:
    """Return the event that ends a stream."""
    return sse(data, id_, "done")


def random_chunks(stream: bytes, chance: random.Random) -> list[bytes]:
    """Cut a stream into chunks of random sizes."""
    longest = chance.choice([1, 2, 5, 30, 200])
    chunks, start = [], 0
    while start < len(stream):
        size = chance.randrange(1, longest + 1)
        chunks.append(stream[start : start + size])
        start += size
    return chunks


class Body(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that is read step by step, as from a network.

    Args:
        steps: The steps, in order.
    """

    def __init__(self, steps: Sequence[Step]) -> None:
        self._steps = steps
        self.is_closed = False

    def __iter__(self) -> Iterator[bytes]:
        for step in self._steps:
            if isinstance(step, BaseException):
                raise step
            if isinstance(step, bytes):
                yield step
            else:
                step()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in iter(self):
            await anyio.lowlevel.checkpoint()
            yield chunk

    def close(self) -> None:
        self.is_closed = True

    async def aclose(self) -> None:
        self.is_closed = True


class Scene(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """A scripted API with streams. A request beyond the script fails.

    Args:
        connections: Responses of the stream URL, in order.
        looks: Responses to polls, or functions that return them; the last one repeats.
        clock: Clock for the time of each request.
        status: Status of the prediction when it is created.
        url: URL of the stream.
        fields: Other fields of the prediction when it is created.
    """

    def __init__(
        self,
        *connections: Connection,
        looks: Sequence[Look] = (),
        clock: VirtualClock,
        status: str = "starting",
        url: Any = STREAM_URL,
        **fields: Any,
    ) -> None:
        self._connections = list(connections)
        self._looks = list(looks)
        self._clock = clock
        self.url = url
        self.status = status
        urls = {**prediction()["urls"], **({} if url is None else {"stream": url})}
        self.fields = {"urls": urls, **fields}
        self.requests: list[httpx.Request] = []
        self.times: list[float] = []
        self.bodies: list[Body] = []

    @property
    def seen(self) -> list[str]:
        """The requests as ``METHOD path``."""
        return [f"{request.method} {request.url.path}" for request in self.requests]

    @property
    def last_ids(self) -> list[str | None]:
        """The ``Last-Event-ID`` of each connection to the stream, or None."""
        return [request.headers.get("Last-Event-ID") for request in self.connects]

    @property
    def connects(self) -> list[httpx.Request]:
        """The requests that connect to the stream."""
        return [request for request in self.requests if str(request.url) == self.url]

    def client(self, kind: Kind, **options: Any) -> Any:
        """Return a client of this API."""
        return make_client(kind, clock=self._clock.clock, transport=self, **options)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        return self._respond(request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        await anyio.lowlevel.checkpoint()
        return self._respond(request)

    def _respond(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        self.times.append(self._clock.elapsed)
        if request.url.path.endswith("/cancel"):
            return looked("canceled")
        if request.method == "POST":
            return created(self.status, **self.fields)
        if str(request.url) == self.url:
            return self._connect(self._connections.pop(0))
        if not self._looks:
            return looked(self.status, **self.fields)
        look = self._looks.pop(0) if len(self._looks) > 1 else self._looks[0]
        if callable(look):
            look = look()
        if isinstance(look, Exception):
            raise look
        return answer(look.status_code, look.content)

    def _connect(self, connection: Connection) -> httpx.Response:
        if isinstance(connection, BaseException):
            raise connection
        if isinstance(connection, httpx.Response):
            # One response may serve many requests; each request gets a copy.
            return (
                httpx.Response(
                    connection.status_code, headers=connection.headers, content=connection.content
                )
                if connection.is_closed
                else connection
            )
        steps = [connection] if isinstance(connection, bytes) else connection
        self.bodies.append(Body(steps))
        return httpx.Response(200, headers={"Content-Type": KIND}, stream=self.bodies[-1])


class Read(NamedTuple):
    """The events of a stream, and the error that ended it, or None."""

    events: list[ServerSentEvent]
    error: BaseException | None

    @property
    def text(self) -> str:
        return "".join(map(str, self.events))

    @property
    def names(self) -> list[str]:
        return [event.event for event in self.events]

    def texts(self) -> list[str]:
        """The text of each output event."""
        return [str(event) for event in self.events if event.event == "output"]


async def awaited(stream: Any, leave_after: int | None = None) -> Read:
    """Read an async stream, as ``read`` does."""
    events: list[ServerSentEvent] = []
    try:
        async with stream:
            async for event in stream:
                events.append(event)
                if len(events) == leave_after:
                    break
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - tests check any error
        return Read(events, error)
    return Read(events, None)


def read(kind: Kind, stream: Any, leave_after: int | None = None) -> Read:
    """Read a stream of the blocking or the async client in one event loop, and close it.

    Args:
        kind: The kind of the client.
        stream: The stream.
        leave_after: Number of events after which to close it; None reads all events.
    """
    if kind != "sync":
        return anyio.run(awaited, stream, leave_after, backend=kind)
    events: list[ServerSentEvent] = []
    try:
        with stream:
            for event in stream:
                events.append(event)
                if len(events) == leave_after:
                    break
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - tests check any error
        return Read(events, error)
    return Read(events, None)


def whole_text(kind: Kind, stream: Any) -> str:
    """Call a stream's ``text``."""
    return cast("str", stream.text() if kind == "sync" else anyio.run(stream.text, backend=kind))


def all_texts(kind: Kind, stream: Any) -> list[str]:
    """Iterate over a stream's ``texts``."""
    if kind == "sync":
        return list(stream.texts())

    async def gather() -> list[str]:
        return [text async for text in stream.texts()]

    return anyio.run(gather, backend=kind)


class Live:
    """A real server with streams. Each connection sends its bytes, and then ends or stays open.

    The path of a stream ends with the id of its prediction. A connection ends in one of these ways:
    ``"end"`` completes the response, ``"cut"`` closes the connection in the middle of a chunk,
    ``"reset"`` aborts it, and ``"stay"`` sends nothing more and waits until the client closes it.

    Args:
        connections: Returns the bytes of the next connection and how it ends. Called with the id of
            the prediction, and the ``Last-Event-ID`` of the client or None.
        finished: Returns the fields of a polled prediction. Called with its id.
    """

    def __init__(
        self,
        connections: Callable[[str, str | None], tuple[bytes, str]],
        finished: Callable[[str], dict[str, Any]] | None = None,
    ) -> None:
        self._connections = connections
        self._finished = finished
        self.canceled: list[str] = []
        self.left = threading.Event()
        """The client closed a connection that stayed open."""
        self.is_waiting = threading.Event()
        """A connection that stays open has sent all its bytes."""

    def __call__(self, handler: BaseHTTPRequestHandler) -> None:
        handler.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        path = handler.path.strip("/").split("/")
        if path[-1] == "cancel":
            self.canceled.append(path[-2])
            self._json(handler, 200, prediction("canceled", id=path[-2]))
        elif handler.command == "POST":
            self._json(handler, 201, self._prediction(handler, "p1"))
        elif path[-2] == "predictions":
            finished = self._finished(path[-1]) if self._finished is not None else {}
            self._json(handler, 200, {**self._prediction(handler, path[-1]), **finished})
        else:
            self._stream(handler, *self._connections(path[-1], handler.headers["Last-Event-ID"]))

    def _prediction(self, handler: BaseHTTPRequestHandler, id_: str) -> dict[str, Any]:
        url = f"http://{handler.headers['Host']}/streams/{id_}"
        return prediction("processing", id=id_, urls={**prediction()["urls"], "stream": url})

    def _json(self, handler: BaseHTTPRequestHandler, status: int, body: Any) -> None:
        content = answer(status, body).content
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    def _stream(self, handler: BaseHTTPRequestHandler, body: bytes, ending: str) -> None:
        handler.close_connection = True
        handler.send_response(200)
        handler.send_header("Content-Type", KIND)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        # To break the body, announce a longer chunk than is sent.
        size = len(body) + (ending in ("cut", "reset"))
        if size:
            handler.wfile.write(f"{size:x}\r\n".encode() + body)
        if ending in ("end", "stay") and size:
            handler.wfile.write(b"\r\n")
        if ending == "end":
            handler.wfile.write(b"0\r\n\r\n")
        elif ending == "reset":
            linger = struct.pack("ii", 1, 0)
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            handler.connection.close()
        elif ending == "stay":
            self.is_waiting.set()
            handler.connection.settimeout(10)
            with suppress(ConnectionResetError):
                if handler.connection.recv(1) != b"":
                    return
            self.left.set()
