"""Connecting with the network backend for asyncio: addresses, ports and timeouts."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from contextlib import suppress
from typing import Any

import httpcore
import pytest
from support.loop_streams import WAIT, connected, read_all, serving


def test_a_port_without_a_server_is_an_error_of_connecting() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(httpcore.ConnectError):
        asyncio.run(connected(port))


def has_ipv6() -> bool:
    with suppress(OSError), socket.create_server(("::1", 0), family=socket.AF_INET6):
        return True
    return False


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
def test_ipv6() -> None:
    async def main(port: int) -> bytes:
        stream = await connected(port, host="::1")
        data = await read_all(stream)
        await stream.aclose()
        return data

    with serving(lambda c: c.sendall(b"six"), host="::1") as (port, _):
        assert asyncio.run(main(port)) == b"six"


def test_the_next_address_is_tried_while_the_first_does_not_respond(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def main(port: int) -> tuple[bytes, float]:
        loop = asyncio.get_running_loop()

        async def two(*_: Any, **__: Any) -> list[Any]:
            kind = (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "")
            return [(*kind, ("192.0.2.1", port)), (*kind, ("127.0.0.1", port))]

        connect = loop.sock_connect

        async def hang_or_connect(sock: socket.socket, address: Any) -> None:
            if address[0] == "192.0.2.1":
                await asyncio.sleep(60)
            await connect(sock, address)

        monkeypatch.setattr(loop, "getaddrinfo", two)
        monkeypatch.setattr(loop, "sock_connect", hang_or_connect)
        began = time.monotonic()
        stream = await connected(port, host="two.test")
        took = time.monotonic() - began
        data = await read_all(stream)
        await stream.aclose()
        return data, took

    with serving(lambda c: c.sendall(b"second")) as (port, _):
        data, took = asyncio.run(main(port))
    assert data == b"second"
    assert took < WAIT


def test_a_connection_that_the_server_closed_is_readable_before_the_loop_runs() -> None:
    closed = threading.Event()

    async def main(port: int) -> None:
        stream = await connected(port)
        assert not stream.get_extra_info("is_readable")
        go_on.set()
        closed.wait(WAIT)
        time.sleep(0.05)  # noqa: ASYNC251 - the loop is not to run
        assert stream.get_extra_info("is_readable")
        await stream.aclose()

    go_on = threading.Event()

    def close(connection: socket.socket) -> None:
        go_on.wait(WAIT)
        connection.shutdown(socket.SHUT_RDWR)
        closed.set()

    with serving(close) as (port, _):
        asyncio.run(main(port))
