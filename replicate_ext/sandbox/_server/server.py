"""uvicorn with access to connections, safe handling of invalid HTTP, and a fast shutdown."""

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeAlias

import h11
import uvicorn
from anyio import move_on_after
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from replicate_ext.sandbox._faults.exchange import CONNECTION

Certificate: TypeAlias = tuple[Path | str, Path | str | None]

BACKLOG = 2048
SHUTDOWN_TIMEOUT = 1.0
"""Seconds that running requests have to finish when the server shuts down."""


class Protocol(H11Protocol):
    """HTTP/1.1 protocol that gives each request access to its connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's
        """Store the connection in the state of its requests."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, CONNECTION: transport}

    def send_400_response(self, msg: str) -> None:
        """Respond to invalid HTTP, unless a response has started, and end the current request.

        In uvicorn the request would continue, and its response would fail.
        """
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            super().send_400_response(msg)
        else:
            self.transport.close()
        if self.cycle:  # None before the first request, although uvicorn's annotation excludes None
            self.cycle.disconnected = True
            self.cycle.message_event.set()


class Server(uvicorn.Server):
    """A server that stops as soon as an event is set; uvicorn itself takes 0.2 seconds.

    Args:
        app: the application.
        close: closes the application; called at shutdown, before the connections are closed.
        stop: stops the server when set.
        certificate: files of the certificate chain and the private key for TLS, or None.
    """

    def __init__(
        self,
        app: ASGIApp,
        close: Callable[[], Awaitable[None]],
        stop: asyncio.Event,
        certificate: Certificate | None,
    ) -> None:
        super().__init__(_config(app, certificate))
        self._close = close
        self._stop = stop

    async def main_loop(self) -> None:
        """Serve until the event is set."""
        while not self._stop.is_set():
            # on_tick updates the Date header.
            await self.on_tick(0)
            with move_on_after(1):
                await self._stop.wait()
        await self._close()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close all connections, after running requests had time to finish."""
        for server in self.servers:
            server.close()
        for listener in sockets or []:
            listener.close()
        connections = self.server_state.connections
        for connection in list(connections):
            connection.shutdown()
        await self._settle()
        for connection in list(connections):
            connection.transport.abort()
        await self._settle()
        late = list(self.server_state.tasks)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def _settle(self) -> None:
        state = self.server_state
        with move_on_after(SHUTDOWN_TIMEOUT):
            while state.connections or state.tasks:  # noqa: ASYNC110 - uvicorn has no event for it
                await asyncio.sleep(0.001)


def listen(port: int) -> socket.socket:
    """Open a socket on 127.0.0.1.

    Args:
        port: port to listen on; 0 takes a free port.

    Raises:
        OSError: the port is taken.
    """
    # asyncio disables Nagle's algorithm only on sockets with an explicit protocol, which
    # `socket.create_server` does not set. With the algorithm, responses take 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def _config(app: ASGIApp, certificate: Certificate | None) -> uvicorn.Config:
    chain, key = certificate or (None, None)
    return uvicorn.Config(
        app,
        interface="asgi3",
        http=Protocol,
        # Logging is up to the program that uses the sandbox.
        log_config=None,
        lifespan="off",
        ws="none",
        ssl_certfile=chain,
        ssl_keyfile=key,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=60,
    )
