"""Reading request bodies, with a limit on their size."""

from anyio import move_on_after
from starlette.requests import Request
from starlette.types import Message, Receive

from replicate_ext.sandbox._http.problems import Problem, body_too_large

MAX_JSON = 16 * 1024**2
"""Largest JSON body in bytes; clients send at most 10 MB of files inline, as base64."""
MAX_TEXT = 64 * 1024
"""Largest text body in bytes, such as a search query."""

DISCARD_TIMEOUT = 30.0
"""Seconds to keep reading, and discarding, the rest of a body that is too large."""


async def read(request: Request, max_size: int) -> bytes:
    """Return the body of a request.

    Raises:
        Problem: 413 when it has more than `max_size` bytes.
    """
    return await limited(request, max_size, body_too_large(max_size)).body()


def limited(request: Request, max_size: int, problem: Problem) -> Request:
    """Return the request with a limit on the size of its body.

    Args:
        request: a request whose body was not read yet.
        max_size: largest size in bytes.
        problem: raised when the body is larger.
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
    """Discard the rest of a body, since a client that is still sending may miss the response."""
    with move_on_after(DISCARD_TIMEOUT):
        while message.get("more_body", False):
            message = await receive()
