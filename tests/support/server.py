"""A server on loopback, and clients for it."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Awaitable, Callable
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias
from urllib.parse import parse_qs, urlsplit

import httpx
from replicate_api import AuthenticatedClient, Client

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN = "r8_not_a_real_one"
Answer: TypeAlias = Callable[[BaseHTTPRequestHandler], None]


class Received(NamedTuple):
    """A request that the server received."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def query(self) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.path).query, keep_blank_values=True)


class Api(ThreadingHTTPServer):
    """A server that records requests, and responds as its attribute ``answer`` defines."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.received: list[Received] = []
        self.answer: Answer = answering(200, b"{}")
        self.url = f"http://127.0.0.1:{self.server_port}/v1"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Api

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.received.append(Received(self.command, self.path, headers, body))
        self.server.answer(self)

    do_POST = do_PATCH = do_DELETE = do_QUERY = do_GET  # noqa: N815 - as above

    def log_message(self, *arguments: object) -> None:
        """Log nothing."""


def answering(status: int, content: bytes = b"", **headers: str) -> Answer:
    """Return a function that responds with a status and a body."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(content)

    return answer


@contextmanager
def serving() -> Iterator[Api]:
    """Run a server until the context ends."""
    with Api() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


_TLS = ssl.create_default_context()  # created once, since this takes longer than a test


def connected(api: Api) -> AuthenticatedClient:
    """Return a client for the server."""
    return AuthenticatedClient(
        api.url,
        token=TOKEN,
        transport=httpx.HTTPTransport(verify=_TLS),
        async_transport=httpx.AsyncHTTPTransport(verify=_TLS),
    )


def blocking(api: Api, call: Callable[[Client], Any]) -> Any:
    """Call a function with a client that is closed afterwards."""
    with connected(api) as client:
        return call(client)


def awaiting(api: Api, call: Callable[[Client], Awaitable[Any]]) -> Any:
    """Await a function with a client that is closed afterwards."""

    async def run() -> Any:
        async with connected(api) as client:
            return await call(client)

    return asyncio.run(run())
