"""A request and its response, with access to the connection."""

import asyncio

from anyio import move_on_after
from starlette.types import Message, Receive, Scope, Send

CONNECTION = "connection"
"""Key of the connection in the state of a request."""


class Exchange:
    """A request and its response, which a fault can change, delay or cut off.

    Args:
        scope: ASGI scope of the request; its state must have the connection.
        receive: receives from the client.
        send: sends to the client.
        closing: set when the server shuts down; ends all pauses.
    """

    def __init__(self, scope: Scope, receive: Receive, send: Send, closing: asyncio.Event) -> None:
        self._connection: asyncio.Transport = scope["state"][CONNECTION]
        self._receive = receive
        self._send = send
        self._closing = closing
        self.is_closed: bool = False
        """Whether a fault has closed the connection."""
        self.sent: int = 0
        """Bytes of the response body that were sent."""

    async def send(self, message: Message) -> None:
        """Send an ASGI message of the response."""
        self.sent += len(message.get("body", b""))
        await self._send(message)

    def close(self) -> None:
        """Close the connection after the data that was already sent."""
        self._connection.close()
        self.is_closed = True

    async def pause(self, seconds: float) -> None:
        """Wait, at most until the server shuts down."""
        await pause(seconds, self._closing)

    async def read_to_end(self) -> None:
        """Read the rest of the request; stop if the client disconnects."""
        while (message := await self._receive())["type"] == "http.request":
            if not message.get("more_body", False):
                break

    async def finish(self) -> None:
        """If the connection was closed, wait until uvicorn reports the disconnect.

        If the application returned before that, uvicorn would send a 500 for the missing response.
        """
        while self.is_closed and (await self._receive())["type"] != "http.disconnect":
            pass


async def pause(seconds: float, closing: asyncio.Event) -> None:
    """Wait, at most until the server shuts down."""
    with move_on_after(seconds):
        await closing.wait()
