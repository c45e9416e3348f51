"""What the sandbox received, for tests to look at."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

KEPT_REQUESTS = 10_000
KEPT_BODY = 16 * 1024 * 1024


@dataclass(eq=False, slots=True, kw_only=True)
class RecordedRequest:
    """A request as it arrived; in the list from its first byte on.

    Args:
        method: in capitals.
        path: with its `/v1`, decoded, without the query.
        query: the parameters; of one that was repeated, the last.
        headers: by lower-case name; `authorization` shows its scheme but never the token.
        size: the length of the body so far, in bytes.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    size: int = 0
    _body: bytearray = field(default_factory=bytearray, repr=False)

    @property
    def body(self) -> bytes:
        """The body so far, at most its first 16 MiB."""
        return bytes(self._body)

    def receive(self, chunk: bytes) -> None:
        """Take the next piece of the body."""
        self.size += len(chunk)
        self._body += chunk[: max(0, KEPT_BODY - len(self._body))]


class Recorder:
    """ASGI middleware that records every request.

    Args:
        app: the application.
        requests: where to put them; full, it forgets the oldest.
    """

    def __init__(self, app: ASGIApp, requests: deque[RecordedRequest]) -> None:
        self._app = app
        self._requests = requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, keeping a copy."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        record = RecordedRequest(
            method=scope["method"],
            path=scope["path"],
            query=dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)),
            headers=_without_token(Headers(scope=scope)),
        )
        self._requests.append(record)

        async def recorded() -> Message:
            message = await receive()
            record.receive(message.get("body", b""))
            return message

        await self._app(scope, recorded, send)


def _without_token(headers: Headers) -> dict[str, str]:
    kept = dict(headers)
    if "authorization" in kept:
        kept["authorization"] = f"{kept['authorization'].partition(' ')[0]} [hidden]"
    return kept
