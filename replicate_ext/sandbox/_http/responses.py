"""What the rooms of the sandbox answer with."""

import json

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send


def encode(text: str) -> bytes:
    """Encode text, with a question mark for each half of a surrogate pair.

    A model may put out such a half, which UTF-8 does not have.

    Args:
        text: to be sent.
    """
    return text.encode(errors="replace")


class JSONAnswer(JSONResponse):
    """An answer in JSON."""

    def render(self, content: object) -> bytes:
        """Make the body."""
        text = json.dumps(content, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
        return encode(text)


class _Nothing(Response):
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        pass


async def hung_up(_request: Request, _error: Exception) -> Response:
    """Answer nothing where the sender left in the middle of its body, and let no log tell of it."""
    return _Nothing()
