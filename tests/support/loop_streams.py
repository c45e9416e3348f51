"""Servers of one connection, and streams of the network backend for asyncio."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from replicate_ext._network.loop_backend import LoopBackend, LoopStream

Serve = Callable[[socket.socket], object]


WAIT = 5.0


@contextmanager
def serving(
    serve: Serve, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
) -> Iterator[tuple[int, list[Any]]]:
    """Serve one connection in a thread. Yield the port and a list for the result or error."""
    results: list[Any] = []
    family = socket.AF_INET6 if ":" in host else socket.AF_INET

    def accept(listener: socket.socket) -> None:
        try:
            connection = listener.accept()[0]
            connection.settimeout(WAIT)
            with connection if tls is None else tls.wrap_socket(connection, server_side=True) as c:
                results.append(serve(c))
        except OSError as error:
            results.append(error)

    with socket.create_server((host, 0), family=family) as listener:
        listener.settimeout(WAIT)
        thread = threading.Thread(target=accept, args=(listener,))
        thread.start()
        yield listener.getsockname()[1], results
        thread.join(2 * WAIT)
        assert not thread.is_alive()


async def connected(port: int, tls: ssl.SSLContext | None = None, **more: Any) -> LoopStream:
    stream = await LoopBackend().connect_tcp(more.pop("host", "127.0.0.1"), port, WAIT, **more)
    return stream if tls is None else await stream.start_tls(tls, "localhost", WAIT)


async def read_all(stream: LoopStream) -> bytes:
    data = bytearray()
    while chunk := await stream.read(1 << 16, WAIT):
        data += chunk
    return bytes(data)
