"""A server on loopback, over TCP or TLS. The test sends the bytes of each response itself."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple, TypeAlias

from support.clients import prediction


class Heard(NamedTuple):
    """A request that the server received.

    Args:
        method: The method.
        target: Request target: a path, or for proxies a URL or host:port.
        headers: Headers by lower-case name.
        body: The body; empty if the server does not read bodies.
        connection: Number of the connection of the request, from 0.
    """

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    connection: int

    def __str__(self) -> str:
        return f"{self.method} {self.target}"


class Wire:
    """One connection of the server."""

    def __init__(self, connection: socket.socket, stopped: threading.Event) -> None:
        self.socket = connection
        self._stopped = stopped

    def send(self, data: bytes) -> None:
        """Send bytes at once."""
        self.socket.sendall(data)

    def drip(self, data: bytes, every: float = 0.05) -> None:
        """Send bytes one by one, until the client closes the connection or the server stops."""
        for byte in data:
            self.send(bytes([byte]))
            if self._stopped.wait(every):
                raise ConnectionAbortedError

    def sip(self, size: int = 1024, every: float = 0.05) -> None:
        """Receive a little at a time, until the client closes the connection."""
        while self.socket.recv(size):
            if self._stopped.wait(every):
                raise ConnectionAbortedError

    def hang(self) -> None:
        """Do nothing until the server stops."""
        self._stopped.wait()
        raise ConnectionAbortedError


DONE = prediction("succeeded", output="done")

Answer: TypeAlias = Callable[[Heard, Wire], object]
"""Sends the response to a request. The connection stays open unless the function returns CLOSE."""
CLOSE = "close"


class RawServer:
    """A server that calls a function for each request, with a thread for each connection.

    Args:
        answer: Function that sends the response.
        tls: TLS context, to serve HTTPS; None for HTTP.
        reads_bodies: Whether to read the body of a request before calling the function.
    """

    def __init__(
        self, answer: Answer, tls: ssl.SSLContext | None = None, *, reads_bodies: bool = True
    ) -> None:
        self._answer = answer
        self._tls = tls
        self._reads_bodies = reads_bodies
        self._stopped = threading.Event()
        self._threads: list[threading.Thread] = []
        self.open: set[socket.socket] = set()
        self.heard: list[Heard] = []
        self.connections = 0
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.port: int = self._listener.getsockname()[1]
        self.url = f"{'http' if tls is None else 'https'}://127.0.0.1:{self.port}"
        self._start(self._accept)

    @property
    def seen(self) -> list[str]:
        """The requests as ``METHOD target``."""
        return [str(heard) for heard in self.heard]

    def close(self) -> None:
        """Close all connections and end all threads."""
        self._stopped.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in list(self.open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)

    def _start(self, target: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._stopped.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            number, self.connections = self.connections, self.connections + 1
            self.open.add(connection)
            self._start(self._serve, connection, number)

    def _serve(self, connection: socket.socket, number: int) -> None:
        plain = connection
        try:
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True)
                self.open.discard(plain)
                self.open.add(connection)
            elif connection.recv(1, socket.MSG_PEEK) == b"\x16":  # a TLS handshake
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                return
            with connection, connection.makefile("rb") as file:
                wire = Wire(connection, self._stopped)
                while (heard := _heard(file, number, reads_body=self._reads_bodies)) is not None:
                    self.heard.append(heard)
                    if self._answer(heard, wire) == CLOSE:
                        return
        except (OSError, ValueError):
            pass  # the client went away, or the server stopped
        finally:
            self.open.discard(connection)
            plain.close()


def _heard(file: Any, connection: int, *, reads_body: bool) -> Heard | None:
    line = file.readline().decode("latin-1")
    if not line.strip():
        return None
    method, target, _ = line.split(" ", 2)
    headers = {}
    while field := file.readline().decode("latin-1").strip():
        name, _, value = field.partition(":")
        headers[name.lower()] = value.strip()
    body = file.read(int(headers.get("content-length", 0))) if reads_body else b""
    if reads_body and headers.get("transfer-encoding") == "chunked":
        while size := int(file.readline(), 16):
            body += file.read(size)
            file.readline()
        file.readline()
    return Heard(method, target, headers, body, connection)


def done(_: Heard, wire: Wire) -> None:
    """Respond with a prediction that succeeded."""
    wire.send(response(201, DONE))


@contextmanager
def raw_server(
    answer: Answer = done, tls: ssl.SSLContext | None = None, *, reads_bodies: bool = True
) -> Iterator[RawServer]:
    """Run a raw server until the context ends."""
    server = RawServer(answer, tls, reads_bodies=reads_bodies)
    try:
        yield server
    finally:
        server.close()


def response(status: int, body: Any = b"", **headers: str) -> bytes:
    """Return the bytes of a response; the names of headers are written with underscores."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {"Content-Type": "application/json", "Content-Length": str(len(content)), **headers}
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in named.items()]
    return "\r\n".join([f"HTTP/1.1 {status} X", *lines, "", ""]).encode() + content


StartServer: TypeAlias = Callable[..., RawServer]
"""Starts a server that takes the arguments of ``raw_server`` and runs until the test ends."""
