"""Reading the bodies of requests, none of which may fill the memory or the disk."""

from anyio import move_on_after
from starlette.requests import Request
from starlette.types import Message, Receive

from replicate_ext.sandbox._http.problems import Problem, body_too_large

MAX_JSON = 16 * 1024**2
"""Bytes; what clients send inline, 10 MB in base64, is well below."""
MAX_TEXT = 64 * 1024
"""Bytes of a body that is text: the terms of a search."""

PATIENCE = 10.0
"""Seconds for which the rest of a body that is too large may still come."""


async def read(request: Request, max_size: int) -> bytes:
    """Return a request's body.

    Raises:
        Problem: 413 when it has more than `max_size` bytes, of which no more are kept.
    """
    return await limited(request, max_size, body_too_large(max_size)).body()


def limited(request: Request, max_size: int, problem: Problem) -> Request:
    """Return the request with a body that raises when it is too long.

    Args:
        request: nothing of its body was read yet.
        max_size: in bytes.
        problem: what is raised.
    """
    size = 0

    async def receive() -> Message:
        nonlocal size
        message = await request.receive()
        size += len(message.get("body", b""))
        if size > max_size:
            await _discard(message, request.receive)
            raise problem
        return message

    return Request(request.scope, receive)


async def _discard(message: Message, receive: Receive) -> None:
    """Read what is left of a body: of a connection closed before that, clients see no answer."""
    with move_on_after(PATIENCE):
        while message.get("more_body", False):
            message = await receive()
