"""uvicorn, taught three things: to give up a connection, to outlive garbage, to end at once."""

import asyncio
import os
import socket

import h11
import uvicorn
from anyio import move_on_after
from uvicorn.protocols.http.h11_impl import H11Protocol

from replicate_ext.sandbox._faults.exchange import CONNECTION
from replicate_ext.sandbox._server.app import World

BACKLOG = 2048
LAST_WORDS = 1.0
"""Seconds that a request may still take when the server ends."""


class Protocol(H11Protocol):
    """HTTP/1.1 whose requests know the connection they came on and whether it is at its end."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to serve a connection."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, CONNECTION: transport}

    def send_400_response(self, msg: str) -> None:
        """Answer what is not HTTP, unless an answer has begun, and end the request it is part of.

        uvicorn lets that request go on for a moment, and its answer then fails.
        """
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            super().send_400_response(msg)
        else:
            self.transport.close()
        if self.cycle is not None:
            self.cycle.disconnected = True
            self.cycle.message_event.set()


class Server(uvicorn.Server):
    """A server that runs until an event is set; uvicorn's own looks and rests for 0.2 seconds.

    Args:
        world: what it serves; closed at the end, before the connections are.
        stop: the event.
    """

    def __init__(self, world: World, stop: asyncio.Event) -> None:
        super().__init__(_config(world))
        self._world = world
        self._stop = stop

    async def main_loop(self) -> None:
        """Serve until the event is set."""
        while not self._stop.is_set():
            # This writes the Date header.
            await self.on_tick(0)
            with move_on_after(1):
                await self._stop.wait()
        await self._world.close()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close everything, with a moment for answers that are on their way."""
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
        with move_on_after(LAST_WORDS):
            while state.connections or state.tasks:  # noqa: ASYNC110 - nobody is told of it
                await asyncio.sleep(0.001)


def listen(port: int) -> socket.socket:
    """Open a socket on 127.0.0.1.

    Args:
        port: where to listen; 0 takes a free port.

    Raises:
        OSError: the port is taken.
    """
    # Naming the protocol makes asyncio switch off Nagle's algorithm on each connection, without
    # which answers take 40 ms; `socket.create_server` leaves it out.
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


def _config(world: World) -> uvicorn.Config:
    return uvicorn.Config(
        world.app,
        http=Protocol,
        # Logging belongs to the program that the sandbox is part of.
        log_config=None,
        lifespan="off",
        ws="none",
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=60,
    )
