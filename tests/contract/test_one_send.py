"""The head and the body of a request leave in one send."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any

import httpcore
import pytest

from replicate_ext._network.backends import AsyncStream, Stream, TimeLeft


class Recorder(httpcore.NetworkStream):
    """A connection that records what is sent, as its own socket too."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    def settimeout(self, _: float | None) -> None:
        pass

    def send(self, data: memoryview) -> int:
        self.sent.append(bytes(data))
        return len(data)

    def get_extra_info(self, _: str) -> Any:
        return self

    def read(self, *_: object) -> bytes:
        return b""


class AsyncRecorder(httpcore.AsyncNetworkStream):
    """A connection that records what is sent."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    async def read(self, *_: object) -> bytes:
        return b""

    async def write(self, buffer: bytes, *_: object) -> None:
        self.sent.append(bytes(buffer))


def step(result: Any) -> None:
    if inspect.isawaitable(result):
        asyncio.run(awaited(result))


async def awaited(result: Any) -> None:
    await result


@pytest.mark.parametrize(("stream", "recorder"), [(Stream, Recorder), (AsyncStream, AsyncRecorder)])
def test_head_and_body_are_one_send_before_the_response_is_read(stream: Any, recorder: Any) -> None:
    network = recorder()
    connection = stream(network, TimeLeft())
    for written in (b"head ", b"body"):
        step(connection.write(written, 1.0))
    assert network.sent == []

    step(connection.read(10, 1.0))
    assert network.sent == [b"head body"]

    step(connection.write(b"head ", 1.0))
    step(connection.write(b"x" * 100_000, 1.0))
    assert network.sent[1][:6] == b"head x"
    assert b"".join(network.sent[1:]) == b"head " + b"x" * 100_000
    count = len(network.sent)

    step(connection.read(10, 1.0))
    assert len(network.sent) == count
