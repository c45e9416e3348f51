"""A fake API that responds faster than any client sends requests: server.py [CERTIFICATE].

It prints its URL, with a certificate its https URL too, and ends when its standard input does: with
the process that started it. A run takes as many seconds as its input's `run_time` says; the default
is 0. `/blobs/SIZE` is a file of that size. `/v1/streams/NAME` is a stream (see `stream`), to which
the input's `stream` points. `/counts` returns counters since its last request: requests, bytes of
bodies, connections that sent a request, and the maximum number of requests for one polled run.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import sys
import tempfile
import time
from dataclasses import dataclass
from functools import cache
from itertools import count
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qs

import catalog

if TYPE_CHECKING:
    from collections.abc import Iterator

# As many and as long as the API's, since every client has to read them.
HEADERS = b"""\
Content-Type: application/json
Date: Wed, 04 Mar 2026 05:06:07 GMT
Server: fake
CF-Cache-Status: DYNAMIC
CF-RAY: 0123456789abcdef-AMS
Strict-Transport-Security: max-age=15552000
NEL: {"success_fraction":0,"report_to":"fake","max_age":604800}
Report-To: {"endpoints":[{"url":"https://reports.example.com/v3?s=0123456789abcdef0123456789"}]}
ratelimit-remaining: 599
ratelimit-reset: 1
Vary: Accept-Encoding
Via: 1.1 fake
""".replace(b"\n", b"\r\n")

STREAM_HEADERS = HEADERS.replace(b"application/json", b"text/event-stream; charset=utf-8")

MODELS = catalog.encode(catalog.models())
VERSION = catalog.encode(catalog.version(7))
STREAM_CHUNK = 1 << 16
# Longer bodies are counted and dropped: to keep them takes longer than to send them.
LARGEST_KEPT = 1_000_000
BUFFER = memoryview(bytearray(1 << 20))
REASONS = {200: b"OK", 201: b"Created", 404: b"Not Found"}


def _in_chunks(parts: list[bytes]) -> bytes:
    """Return a body of these chunks."""
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in [*parts, b""])


def _cut(body: bytes) -> list[bytes]:
    return [body[at : at + STREAM_CHUNK] for at in range(0, len(body), STREAM_CHUNK)]


@cache
def stream(name: str) -> bytes:
    """Return the body of a stream.

    Args:
        name: A kind, a hyphen, and the number of events, such as "each-100". `each` has a chunk for
            each event, `bulk` chunks of 64 kB, `large` events of 10 MB in such chunks.
    """
    kind, _, number = name.partition("-")
    events = catalog.events(int(number), 10_000_000 if kind == "large" else 10)
    return _in_chunks(events if kind == "each" else _cut(b"".join(events)))


# `paced` streams have a chunk for each of ten events, one every 0.1 s.
PACE = 0.1
PACED = [_in_chunks([event])[: -len(b"0\r\n\r\n")] for event in catalog.events(9, 10)]


class Answer(NamedTuple):
    """What to send.

    Args:
        status: The HTTP status.
        content: The body.
        delay: Seconds to hold it.
        blob: Bytes of a file that is the body instead.
        is_stream: Whether the body is a stream.
        is_paced: Whether PACED follows.
    """

    status: int
    content: bytes = b""
    delay: float = 0.0
    blob: int = 0
    is_stream: bool = False
    is_paced: bool = False


@dataclass(slots=True)
class Run:
    """A run that is polled.

    Args:
        ends: The clock's time when it is done.
        requests: How many were made for it.
    """

    ends: float
    requests: int = 1


NOT_FOUND = Answer(404, b'{"detail":"Not found","status":404}')


class Api:
    """The fake API and its request counters."""

    def __init__(self) -> None:
        self.url = ""
        self.counts = self._nothing()
        self._ids = count()
        self._runs: dict[str, Run] = {}

    def answer(self, method: str, target: str, head: bytes, body: bytes) -> Answer:
        """Return the response to a request; a large request body is dropped."""
        if target == "/counts":
            counts, self.counts = self.counts, self._nothing()
            return Answer(200, catalog.encode(counts))
        self.counts["requests"] += 1
        path, _, query = target.partition("?")
        parts = path.split("/")[2:]  # without /v1
        if method == "POST":
            return self._post(parts, head, body)
        return self._get(path, parts, query)

    def _get(self, path: str, parts: list[str], query: str) -> Answer:
        if path.startswith("/blobs/"):
            return Answer(200, blob=int(parts[0]))
        if parts[0] == "predictions":
            return self._look(parts[1])
        if parts[0] == "streams":
            if parts[1] == "paced":
                return Answer(200, is_stream=True, is_paced=True)
            return Answer(200, stream(parts[1]), is_stream=True)
        if parts == ["models"]:
            return self._page(int(parse_qs(query).get("cursor", ["1"])[0]))
        return Answer(200, VERSION) if "versions" in parts else NOT_FOUND

    def _post(self, parts: list[str], head: bytes, body: bytes) -> Answer:
        if parts == ["files"]:
            return Answer(201, catalog.encode(catalog.file(f"f{next(self._ids):025}")))
        return self._create(head, body) if parts[-1] == "predictions" else NOT_FOUND

    def _nothing(self) -> dict[str, int]:
        return dict.fromkeys(("requests", "bytes", "connections", "most"), 0)

    def _create(self, head: bytes, body: bytes) -> Answer:
        is_held = b"\r\nprefer: wait" in head.lower()
        status, output = ("processing", "done") if is_held else ("starting", None)
        inputs = json.loads(body)["input"] if body else {}
        length = inputs.get("run_time", 0.0)
        run_id = f"p{next(self._ids):025}"
        if not is_held:
            self._runs[run_id] = Run(time.monotonic() + length)
        run = catalog.prediction(run_id, status, inputs, output)
        if "stream" in inputs:
            run["urls"]["stream"] = f"{self.url}/v1/streams/{inputs['stream']}"
        return Answer(201, catalog.encode(run), delay=length if is_held else 0.0)

    def _look(self, run_id: str) -> Answer:
        run = self._runs.setdefault(run_id, Run(0.0))
        run.requests += 1
        self.counts["most"] = max(self.counts["most"], run.requests)
        is_done = time.monotonic() >= run.ends
        status, output = ("succeeded", "done") if is_done else ("processing", None)
        return Answer(200, catalog.encode(catalog.prediction(run_id, status, {}, output)))

    def _page(self, number: int) -> Answer:
        following = f'"{self.url}/v1/models?cursor={number + 1}"'
        link = following if number < catalog.PAGES else "null"
        body = b'{"previous":null,"next":%s,"results":%s}' % (link.encode(), MODELS)
        return Answer(200, body)


class Connection(asyncio.BufferedProtocol):
    """The part of HTTP/1.1 that the clients use."""

    _transport: asyncio.Transport

    def __init__(self, api: Api) -> None:
        self._api = api
        self._is_counted = False
        self._received = b""
        self._large_head = b""
        self._left = 0  # of a large body
        self._sending: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport to answer on."""
        if isinstance(transport, asyncio.Transport):
            self._transport = transport

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002 - the base class names it
        """Return one buffer for all reads, because nothing stays in it."""
        return BUFFER

    def buffer_updated(self, nbytes: int) -> None:
        """Respond to every complete request."""
        if self._left:
            self._drop(nbytes)
            return
        self._received += BUFFER[:nbytes]
        while (end := self._received.find(b"\r\n\r\n") + 4) > 3:
            head = self._received[:end]
            length = _content_length(head)
            if length > LARGEST_KEPT:
                self._large_head, self._left = head, length
                dropped, self._received = len(self._received) - end, b""
                self._drop(dropped)
                return
            if len(self._received) < end + length:
                return
            body = self._received[end : end + length]
            self._received = self._received[end + length :]
            self._respond(head, body)

    def _drop(self, size: int) -> None:
        self._left -= size
        self._api.counts["bytes"] += size
        if not self._left:
            self._respond(self._large_head, b"")

    def _respond(self, head: bytes, body: bytes) -> None:
        method, target, _ = head.partition(b"\r\n")[0].decode().split(" ")
        answer = self._api.answer(method, target, head, body)
        if not self._is_counted and target != "/counts":
            self._is_counted = True
            self._api.counts["connections"] += 1
        if answer.delay:
            asyncio.get_running_loop().call_later(answer.delay, self._send, answer)
        elif answer.blob:
            self._sending = asyncio.ensure_future(self._send_blob(answer))
        else:
            self._send(answer)
        if answer.is_paced:
            self._send_next(iter([*PACED, b"0\r\n\r\n"]))

    def _send(self, answer: Answer) -> None:
        if self._transport.is_closing():
            return
        if answer.is_stream:
            headers, length = STREAM_HEADERS, b"Transfer-Encoding: chunked"
        else:
            size = answer.blob or len(answer.content)
            headers, length = HEADERS, b"Content-Length: %d" % size
        self._transport.write(
            b"HTTP/1.1 %d %s\r\n%s%s\r\n\r\n%s"
            % (answer.status, REASONS[answer.status], headers, length, answer.content)
        )

    def _send_next(self, chunks: Iterator[bytes]) -> None:
        """Send the first of the chunks now and the others in time."""
        chunk = next(chunks, b"")
        if not chunk or self._transport.is_closing():
            return
        self._transport.write(chunk)
        asyncio.get_running_loop().call_later(PACE, self._send_next, chunks)

    async def _send_blob(self, answer: Answer) -> None:
        with tempfile.TemporaryFile() as file:
            file.truncate(answer.blob)
            self._send(answer)
            await asyncio.get_running_loop().sendfile(self._transport, file)


def _content_length(head: bytes) -> int:
    _, found, rest = head.lower().partition(b"\r\ncontent-length:")
    return int(rest.partition(b"\r\n")[0]) if found else 0


async def main(*certificates: str) -> None:
    """Serve until standard input ends."""
    api = Api()
    api.url = await _listen(api)
    urls = [api.url]
    for certificate in certificates:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
        urls.append(await _listen(api, context))
    print(*urls, flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


async def _listen(api: Api, context: ssl.SSLContext | None = None) -> str:
    """Listen on a free port and return the URL."""
    server = await asyncio.get_running_loop().create_server(
        lambda: Connection(api), "127.0.0.1", 0, backlog=4096, ssl=context
    )
    host, port = server.sockets[0].getsockname()
    return f"{'https' if context else 'http'}://{host}:{port}"


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
