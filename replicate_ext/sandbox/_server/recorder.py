"""What the sandbox received, for tests to look at."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

KEPT_REQUESTS = 10_000
KEPT_BODY = 16 * 1024 * 1024
OVERHEAD = 2_048
"""Bytes that a request takes beside its texts and its body."""


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
    _is_kept: bool = field(default=True, init=False, repr=False)

    @property
    def body(self) -> bytes:
        """The body so far, at most its first 16 MiB."""
        return bytes(self._body)

    def receive(self, chunk: bytes) -> int:
        """Take the next piece of the body, and return how much of it is kept."""
        self.size += len(chunk)
        kept = chunk[: max(0, KEPT_BODY - len(self._body))] if self._is_kept else b""
        self._body += kept
        return len(kept)

    @property
    def weight(self) -> int:
        """Roughly how many bytes of memory it takes."""
        texts = (self.path, *self.query, *self.query.values(), *self.headers.values())
        return OVERHEAD + sum(map(len, texts)) + len(self._body)

    def drop(self) -> int:
        """Keep no more of the body, and return how much memory it took."""
        self._is_kept = False
        return self.weight


class Requests:
    """The latest requests.

    Args:
        max_bytes: roughly how much memory they may take; 0 keeps none.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._kept: deque[RecordedRequest] = deque()
        self._bytes = 0

    def all(self) -> list[RecordedRequest]:
        """Return them, the oldest first; may be called in any thread."""
        return list(self._kept)

    def add(self, request: RecordedRequest) -> None:
        """Take a request, of which the body is still to come."""
        self._kept.append(request)
        self._grow(request.weight)

    def receive(self, request: RecordedRequest, chunk: bytes) -> None:
        """Take the next piece of a request's body."""
        self._grow(request.receive(chunk))

    def _grow(self, size: int) -> None:
        self._bytes += size
        while self._kept and (self._bytes > self._max_bytes or len(self._kept) > KEPT_REQUESTS):
            self._bytes -= self._kept.popleft().drop()


class Recorder:
    """ASGI middleware that records every request.

    Args:
        app: the application.
        requests: where to put them.
    """

    def __init__(self, app: ASGIApp, requests: Requests) -> None:
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
        self._requests.add(record)

        async def recorded() -> Message:
            message = await receive()
            self._requests.receive(record, message.get("body", b""))
            return message

        await self._app(scope, recorded, send)


def _without_token(headers: Headers) -> dict[str, str]:
    kept = dict(headers)
    if "authorization" in kept:
        kept["authorization"] = f"{kept['authorization'].partition(' ')[0]} [hidden]"
    return kept
