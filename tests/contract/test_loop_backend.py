"""The network backend for asyncio, without the rest of the client."""

from __future__ import annotations

import asyncio
import gc
import socket
import ssl
import struct
import threading
import time
from collections.abc import AsyncGenerator
from contextlib import suppress
from typing import Any

import httpcore
import pytest
import trustme
from support.loop_streams import WAIT, connected, read_all, serving

from replicate_ext._network.loop_backend import LoopBackend, LoopStream


def received(connection: socket.socket) -> bytes:
    data = bytearray()
    while chunk := connection.recv(1 << 16):
        data += chunk
    return bytes(data)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def server_tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)
    return context


@pytest.fixture(scope="module")
def client_tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@pytest.fixture(params=["plain", "tls"])
def pair(
    request: pytest.FixtureRequest, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> tuple[ssl.SSLContext | None, ssl.SSLContext | None]:
    return (server_tls, client_tls) if request.param == "tls" else (None, None)


def test_bytes_go_both_ways(pair: Any) -> None:
    sent = bytes(range(256)) * 8_000

    def echo(connection: socket.socket) -> None:
        data = bytearray()
        while len(data) < len(sent):
            data += connection.recv(1 << 16)
        connection.sendall(data)

    async def main(port: int) -> bytes:
        stream = await connected(port, pair[1])
        await stream.write(sent, WAIT)
        data = await read_all(stream)
        await stream.aclose()
        return data

    with serving(echo, pair[0]) as (port, _):
        assert asyncio.run(main(port)) == sent


def test_a_half_closed_connection_can_still_be_written_to() -> None:
    def respond_then_read(connection: socket.socket) -> bytes:
        connection.sendall(b"early")
        connection.shutdown(socket.SHUT_WR)
        return received(connection)

    async def main(port: int) -> bytes:
        stream = await connected(port)
        data = await read_all(stream)
        assert stream.get_extra_info("is_readable") is True
        await stream.write(b"late", WAIT)
        await asyncio.sleep(0.05)
        await stream.aclose()
        return data

    with serving(respond_then_read) as (port, results):
        assert asyncio.run(main(port)) == b"early"
    assert results == [b"late"]


def test_a_slow_reader_slows_the_writer_and_gets_every_byte(pair: Any) -> None:
    sent = bytes(range(256)) * 10_000

    def slowly(connection: socket.socket) -> bytes:
        time.sleep(0.3)
        data = bytearray()
        while len(data) < len(sent):
            data += connection.recv(1 << 18)
        return bytes(data)

    async def main(port: int) -> float:
        stream = await connected(port, pair[1])
        stream.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8192)
        began = time.monotonic()
        await stream.write(sent, WAIT)
        waited = time.monotonic() - began
        assert await stream.read(1, WAIT) == b""
        await stream.aclose()
        return waited

    with serving(slowly, pair[0]) as (port, results):
        assert asyncio.run(main(port)) > 0.2
    assert results == [sent]


def test_a_writer_waits_no_longer_than_its_timeout(pair: Any) -> None:
    stopped = threading.Event()

    async def main(port: int) -> None:
        stream = await connected(port, pair[1])
        stream.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8192)
        with pytest.raises(httpcore.WriteTimeout):
            await stream.write(b"x" * 20_000_000, 0.2)
        await stream.aclose()

    with serving(lambda _: stopped.wait(WAIT), pair[0]) as (port, _):
        asyncio.run(main(port))
        stopped.set()


def test_what_nobody_reads_is_not_received(pair: Any) -> None:
    async def main(port: int) -> int:
        stream = await connected(port, pair[1])
        await asyncio.sleep(0.3)
        kept = stream._size  # noqa: SLF001 - nothing else shows it
        assert len(await read_all(stream)) == 20_000_000
        await stream.aclose()
        return kept

    with serving(lambda c: c.sendall(b"x" * 20_000_000), pair[0]) as (port, _):
        assert asyncio.run(main(port)) <= 1 << 20


def test_a_reader_waits_no_longer_than_its_timeout(pair: Any) -> None:
    async def main(port: int) -> None:
        stream = await connected(port, pair[1])
        with pytest.raises(httpcore.ReadTimeout):
            await stream.read(10, 0.05)
        await stream.write(b"x", WAIT)
        assert await stream.read(10, WAIT) == b"y"  # nothing is lost by the timeout
        await stream.aclose()

    def answer(connection: socket.socket) -> None:
        connection.recv(1)
        connection.sendall(b"y")

    with serving(answer, pair[0]) as (port, _):
        asyncio.run(main(port))


def test_a_reset_is_an_error_of_reading_after_the_bytes_before_it() -> None:
    def reset(connection: socket.socket) -> None:
        connection.recv(1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    async def main(port: int) -> None:
        stream = await connected(port)
        await stream.write(b"x", WAIT)
        with pytest.raises(httpcore.ReadError):
            await stream.read(10, WAIT)
        with pytest.raises(httpcore.WriteError):
            await stream.write(b"x", WAIT)
        await stream.aclose()

    with serving(reset) as (port, _):
        asyncio.run(main(port))


def test_closing_while_another_task_reads_is_an_error_there_and_not_an_end(pair: Any) -> None:
    async def main(port: int) -> None:
        stream = await connected(port, pair[1])
        reading = asyncio.create_task(stream.read(10, WAIT))
        await asyncio.sleep(0.05)
        await stream.aclose()
        with pytest.raises(httpcore.ReadError):
            await reading

    with serving(received, pair[0]) as (port, _):
        asyncio.run(main(port))


def test_closing_sends_a_close_notify_and_waits_for_no_reply(
    server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    async def main(port: int) -> float:
        stream = await connected(port, client_tls)
        began = time.monotonic()
        await stream.aclose()
        return time.monotonic() - began

    def never_replies(connection: socket.socket) -> bytes:
        connection.__dict__["suppress_ragged_eofs"] = False
        return connection.recv(10)  # without close_notify, this raises SSLEOFError

    with serving(never_replies, server_tls) as (port, results):
        assert asyncio.run(main(port)) < 1
    assert results == [b""]


def test_the_end_of_a_tls_session_is_the_end_of_the_bytes(
    server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    def say_goodbye(connection: socket.socket) -> None:
        connection.sendall(b"bye")
        assert isinstance(connection, ssl.SSLSocket)
        with suppress(OSError):
            connection.unwrap()

    async def main(port: int) -> bytes:
        stream = await connected(port, client_tls)
        data = await read_all(stream)
        await stream.aclose()
        return data

    with serving(say_goodbye, server_tls) as (port, _):
        assert asyncio.run(main(port)) == b"bye"


def test_an_untrusted_certificate_is_an_error_of_connecting(server_tls: ssl.SSLContext) -> None:
    async def main(port: int) -> None:
        stream = await connected(port)
        with pytest.raises(httpcore.ConnectError) as caught:
            await stream.start_tls(ssl.create_default_context(), "localhost", WAIT)
        assert isinstance(caught.value.__cause__, ssl.SSLCertVerificationError)

    with serving(received, server_tls) as (port, _):
        asyncio.run(main(port))


def test_a_handshake_ends_at_its_timeout(client_tls: ssl.SSLContext) -> None:
    async def main(port: int) -> None:
        stream = await connected(port)
        with pytest.raises(httpcore.ConnectTimeout):
            await stream.start_tls(client_tls, "localhost", 0.1)

    with serving(received) as (port, _):
        asyncio.run(main(port))
        gc.collect()  # a socket that is left open warns, and warnings are errors


async def exchange(port: int, tls: ssl.SSLContext | None, held: list[LoopStream]) -> bytes:
    stream = await LoopBackend().connect_tcp("127.0.0.1", port, WAIT)
    held.append(stream)
    if tls is not None:
        await stream.start_tls(tls, "localhost", WAIT)
    await stream.write(b"x" * 300_000, WAIT)
    return await stream.read(10, WAIT)


def test_a_cancellation_at_any_await_leaves_no_socket_open(pair: Any) -> None:
    def serve(connection: socket.socket) -> None:
        left = 300_000
        while left and (data := connection.recv(1 << 16)):
            left -= len(data)
        connection.sendall(b"done")
        connection.recv(1)

    async def attempt(port: int, stop_at: int) -> bool:
        held: list[LoopStream] = []
        task = asyncio.create_task(exchange(port, pair[1], held))
        for _ in range(stop_at):
            await asyncio.sleep(0)
            if task.done():
                break
        task.cancel()
        was_done = task.done()
        with suppress(asyncio.CancelledError):
            await task
        for stream in held:
            await stream.aclose()
        return was_done

    for stop_at in range(1, 60, 3):
        with serving(serve, pair[0]) as (port, _):
            done = asyncio.run(attempt(port, stop_at))
            gc.collect()  # a socket that is left open warns, and warnings are errors
            with suppress(OSError):  # the server waits for a connection if there was none
                socket.create_connection(("127.0.0.1", port), 0.1).close()
        if done:
            break


def test_closing_as_the_last_step_of_a_loop_closes_the_socket() -> None:
    async def close_at_the_end(port: int) -> AsyncGenerator[None, None]:
        stream = await connected(port)
        try:
            yield
        finally:
            await stream.aclose()

    async def main(port: int) -> None:
        left_open = close_at_the_end(port)
        await anext(left_open)
        kept.append(left_open)  # the loop finalizes it as its last step

    kept: list[AsyncGenerator[None, None]] = []
    with serving(received) as (port, results):
        asyncio.run(main(port))
        gc.collect()
    assert results == [b""]
