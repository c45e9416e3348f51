"""A fake of the API that answers faster than any client asks.

It prints its URL, and ends when its standard input does: with the process that started it.
Its `/requests` tells how many requests the API had.
"""

from __future__ import annotations

import asyncio
import json
import sys
from itertools import count
from urllib.parse import parse_qs

import catalog

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

MODELS = catalog.encode(catalog.models())
VERSION = catalog.encode(catalog.version(7))
REASONS = {200: b"OK", 201: b"Created", 404: b"Not Found"}


class Api:
    """The API, and how often it was asked."""

    def __init__(self) -> None:
        self.url = ""
        self.requests = 0
        self._ids = count()

    def answer(self, method: str, target: str, head: bytes, body: bytes) -> tuple[int, bytes]:
        """Return the status and the body for a request."""
        if target == "/requests":
            return 200, str(self.requests).encode()
        self.requests += 1
        path, _, query = target.partition("?")
        parts = path.split("/")[2:]  # without /v1
        if method == "POST" and parts[-1] == "predictions":
            return 201, self._create(head, body)
        if parts[0] == "predictions":
            return 200, catalog.encode(catalog.prediction(parts[1], "succeeded", {}, "done"))
        if parts == ["models"]:
            return 200, self._page(int(parse_qs(query).get("cursor", ["1"])[0]))
        if "versions" in parts:
            return 200, VERSION
        return 404, b'{"detail":"Not found","status":404}'

    def _create(self, head: bytes, body: bytes) -> bytes:
        is_held = b"\r\nprefer: wait" in head.lower()
        status, output = ("processing", "done") if is_held else ("starting", None)
        inputs = json.loads(body)["input"]
        return catalog.encode(catalog.prediction(f"p{next(self._ids):025}", status, inputs, output))

    def _page(self, number: int) -> bytes:
        following = f'"{self.url}/v1/models?cursor={number + 1}"'
        link = following if number < catalog.PAGES else "null"
        return b'{"previous":null,"next":%s,"results":%s}' % (link.encode(), MODELS)


class Connection(asyncio.Protocol):
    """HTTP/1.1, as much of it as the clients speak."""

    _transport: asyncio.Transport

    def __init__(self, api: Api) -> None:
        self._api = api
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport to answer on."""
        if isinstance(transport, asyncio.Transport):
            self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer every request that is complete."""
        self._received += data
        while (end := self._received.find(b"\r\n\r\n") + 4) > 3:
            head = self._received[:end]
            length = _content_length(head)
            if len(self._received) < end + length:
                return
            body = self._received[end : end + length]
            self._received = self._received[end + length :]
            self._respond(head, body)

    def _respond(self, head: bytes, body: bytes) -> None:
        method, target, _ = head.partition(b"\r\n")[0].decode().split(" ")
        status, content = self._api.answer(method, target, head, body)
        self._transport.write(
            b"HTTP/1.1 %d %s\r\n%sContent-Length: %d\r\n\r\n%s"
            % (status, REASONS[status], HEADERS, len(content), content)
        )


def _content_length(head: bytes) -> int:
    _, found, rest = head.lower().partition(b"\r\ncontent-length:")
    return int(rest.partition(b"\r\n")[0]) if found else 0


async def main() -> None:
    """Serve until standard input ends."""
    api = Api()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(api), "127.0.0.1", 0, backlog=4096)
    host, port = server.sockets[0].getsockname()
    api.url = f"http://{host}:{port}"
    print(api.url, flush=True)
    async with server:
        await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
