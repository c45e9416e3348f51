"""The network backends end at one deadline after many small steps."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import anyio
import httpcore
import pytest

from replicate_ext._network.backends import AsyncBackend, Backend, TimeLeft

DEADLINE = 0.4
FREELY = 3.0
"""Seconds within which a busy machine must notice; without the deadline it takes ten."""


@pytest.fixture
def sipping() -> Iterator[int]:
    """The port of a server that reads steadily, but slowly: no single step takes long."""
    stopped = threading.Event()

    def sip(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            while connection.recv(8192) and not stopped.wait(0.02):
                pass

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)

        def accept() -> None:
            with suppress(OSError):
                sip(listener.accept()[0])

        thread = threading.Thread(target=accept)
        thread.start()
        yield int(listener.getsockname()[1])
        stopped.set()
        thread.join(10)


def time_left() -> TimeLeft:
    left, until = TimeLeft(), time.monotonic() + DEADLINE
    left.seconds = lambda: until - time.monotonic()
    return left


def narrow(stream: Any) -> None:
    stream.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8192)


SIZE, PIECE = 4_000_000, 200_000


def write(stream: httpcore.NetworkStream, piece: int) -> None:
    for _ in range(SIZE // piece):
        stream.write(b"x" * piece, timeout=DEADLINE)


async def awrite(stream: httpcore.AsyncNetworkStream, piece: int) -> None:
    for _ in range(SIZE // piece):
        await stream.write(b"x" * piece, timeout=DEADLINE)


@pytest.mark.parametrize("piece", [SIZE, PIECE])
def test_writes_end_at_the_deadline_however_many_sends_they_take(sipping: int, piece: int) -> None:
    stream = Backend(time_left()).connect_tcp("127.0.0.1", sipping, 5.0)
    narrow(stream)
    began = time.monotonic()

    with pytest.raises(httpcore.WriteTimeout):
        write(stream, piece)

    stream.close()
    assert time.monotonic() - began < FREELY


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
@pytest.mark.parametrize("piece", [SIZE, PIECE // 10])
def test_awaited_writes_end_at_the_deadline_however_many_there_are(
    sipping: int, piece: int, backend: str
) -> None:
    async def main() -> float:
        stream = await AsyncBackend(time_left()).connect_tcp("127.0.0.1", sipping, 5.0)
        narrow(stream)
        began = time.monotonic()
        with pytest.raises(httpcore.WriteTimeout):
            await awrite(stream, piece)
        await stream.aclose()
        return time.monotonic() - began

    assert anyio.run(main, backend=backend) < FREELY
