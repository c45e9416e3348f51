"""The server's end of one request, where its answer can still be stopped."""

import asyncio

from anyio import move_on_after
from starlette.types import Message, Receive, Scope, Send

CONNECTION = "connection"
"""Where the state of a request holds the connection it came on."""


class Exchange:
    """A request and its answer, which may come late, be another one, or not come.

    Args:
        scope: the request, as `Protocol` completes it.
        receive: gives what the client sends.
        send: sends to the client.
        closing: set when the server ends, after which nothing waits.
    """

    def __init__(self, scope: Scope, receive: Receive, send: Send, closing: asyncio.Event) -> None:
        self._connection: asyncio.Transport = scope["state"][CONNECTION]
        self._receive = receive
        self._send = send
        self._closing = closing
        self.has_hung_up: bool = False
        self.sent: int = 0

    async def send(self, message: Message) -> None:
        """Send a part of the answer."""
        self.sent += len(message.get("body", b""))
        await self._send(message)

    def hang_up(self) -> None:
        """Close the connection once what was sent has left, without a word more."""
        self._connection.close()
        self.has_hung_up = True

    async def pause(self, seconds: float) -> None:
        """Let time pass, but not beyond the end of the server."""
        with move_on_after(seconds):
            await self._closing.wait()

    async def read_to_end(self) -> None:
        """Read the rest of the request, or until the client is gone."""
        while (message := await self._receive())["type"] == "http.request":
            if not message.get("more_body", False):
                break

    async def finish(self) -> None:
        """Wait until a connection that was closed is gone.

        Until then uvicorn takes the missing answer for a mistake, and answers 500 in its place.
        """
        while self.has_hung_up and (await self._receive())["type"] != "http.disconnect":
            pass
