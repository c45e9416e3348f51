"""The record of requests, for tests."""

import json
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

KEPT_REQUESTS = 10_000
KEPT_BODY = 16 * 1024 * 1024
OVERHEAD = 2_048
"""Bytes of memory that a request takes up in addition to its texts and its body."""


@dataclass(eq=False, slots=True, kw_only=True)
class RecordedRequest:
    """A recorded request; it is recorded before its body has arrived.

    Args:
        method: in upper case.
        path: decoded path with `/v1`, without the query.
        query: query parameters; of a repeated one, the last value.
        headers: headers by lower-case name; without secrets: `authorization` has its
            scheme, but not the token.
        size: bytes of the body that have arrived.
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
        """The part of the body that has arrived, at most its first 16 MiB."""
        return bytes(self._body)

    @property
    def json(self) -> Any:
        """The body, parsed as JSON.

        Raises:
            ValueError: the body is not JSON.
        """
        return json.loads(self.body)

    def receive(self, chunk: bytes) -> int:
        """Add a chunk of the body, and return how many bytes of it are kept."""
        self.size += len(chunk)
        kept = chunk[: max(0, KEPT_BODY - len(self._body))] if self._is_kept else b""
        self._body += kept
        return len(kept)

    @property
    def weight(self) -> int:
        """Roughly how many bytes of memory the request takes up."""
        texts = (self.path, *self.query, *self.query.values(), *self.headers.values())
        return OVERHEAD + sum(map(len, texts)) + len(self._body)

    def drop(self) -> int:
        """Stop recording the body, and return the memory that the request takes up, in bytes."""
        self._is_kept = False
        return self.weight


class Requests:
    """The latest requests.

    Args:
        max_bytes: roughly how many bytes of memory they may take up; 0 keeps no requests.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._kept: deque[RecordedRequest] = deque()
        self._bytes = 0

    def all(self) -> list[RecordedRequest]:
        """Return the requests, oldest first; thread-safe."""
        return list(self._kept)

    def add(self, request: RecordedRequest) -> None:
        """Add a request whose body has not arrived yet."""
        self._kept.append(request)
        self._grow(request.weight)

    def receive(self, request: RecordedRequest, chunk: bytes) -> None:
        """Add a chunk of the body of a request."""
        self._grow(request.receive(chunk))

    def _grow(self, size: int) -> None:
        self._bytes += size
        while self._kept and (self._bytes > self._max_bytes or len(self._kept) > KEPT_REQUESTS):
            self._bytes -= self._kept.popleft().drop()


class Recorder:
    """ASGI middleware that records every request.

    Args:
        app: the application.
        requests: the record.
    """

    def __init__(self, app: ASGIApp, requests: Requests) -> None:
        self._app = app
        self._requests = requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Record a request and handle it."""
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
