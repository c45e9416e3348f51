"""JSON responses."""

import json

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send


def encode(text: str) -> bytes:
    """Encode text as UTF-8, with a question mark for each lone surrogate.

    The output of a model may contain lone surrogates, which UTF-8 cannot encode.
    """
    return text.encode(errors="replace")


class APIResponse(JSONResponse):
    """A JSON response, encoded as the API does."""

    def render(self, content: object) -> bytes:
        """Return the body."""
        text = json.dumps(content, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
        return encode(text)


class _NoResponse(Response):
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        pass


async def ignore_disconnect(_request: Request, _error: Exception) -> Response:
    """Send and log nothing when the client disconnected while sending its body."""
    return _NoResponse()
