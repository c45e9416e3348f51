"""Responses from recorded traffic: cassettes of vcrpy."""

import gzip
import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from replicate_ext.sandbox._http.bodies import MAX_JSON, read

API = "https://api.replicate.com"
_DROPPED = frozenset(("connection", "content-encoding", "content-length", "transfer-encoding"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A recorded request and its response.

    Args:
        method: in upper case.
        path: path with `/v1`.
        query: query parameters, sorted.
        sent: JSON body of the request; None if the request has no JSON body.
        status: status of the response.
        headers: headers of the response.
        body: body of the response, decompressed.
    """

    method: str
    path: str
    query: Sequence[tuple[str, str]]
    sent: object
    status: int
    headers: Mapping[str, str]
    body: bytes


class Recordings:
    """Recorded exchanges, in the order in which they were recorded; thread-safe."""

    def __init__(self) -> None:
        self._exchanges: list[Recorded] = []
        self._lock = threading.Lock()

    def load(self, path: Path) -> None:
        """Add the exchanges of a cassette.

        Raises:
            FileNotFoundError: the file does not exist.
            ImportError: PyYAML is not installed.
            ValueError: the file is not a cassette.
        """
        text = path.read_text(encoding="utf-8")
        try:
            import yaml
        except ModuleNotFoundError:
            raise ImportError("Sandbox.replay needs PyYAML: pip install pyyaml") from None
        try:
            found = [_recorded(each) for each in yaml.safe_load(text)["interactions"]]
        except (AttributeError, KeyError, TypeError, yaml.YAMLError) as error:
            raise ValueError(f"{path} is not a cassette of vcrpy: {error!r:.200}") from None
        with self._lock:
            self._exchanges += found

    def clear(self) -> None:
        """Remove all exchanges."""
        with self._lock:
            self._exchanges = []

    def know(self, method: str, path: str) -> bool:
        """Return whether there is an exchange with this method and path."""
        return any((each.method, each.path) == (method, path) for each in self._exchanges)

    def take(
        self, method: str, path: str, query: Sequence[tuple[str, str]], sent: object
    ) -> Recorded | None:
        """Return the next response to a request; the last one is repeated.

        Args:
            method: in upper case.
            path: path with `/v1`.
            query: query parameters.
            sent: JSON body of the request, or None.
        """
        key = (method, path, sorted(query), sent)
        with self._lock:
            matching = [
                each
                for each in self._exchanges
                if (each.method, each.path, each.query, each.sent) == key
            ]
            if len(matching) > 1:
                self._exchanges.remove(matching[0])
        return matching[0] if matching else None


class Replaying:
    """ASGI middleware that sends recorded responses, and passes on requests that have none.

    Args:
        app: the application.
        recordings: recorded exchanges.
        origin: scheme, host and port of the server, which replace those of the API in responses.
    """

    def __init__(self, app: ASGIApp, recordings: Recordings, origin: str) -> None:
        self._app = app
        self._recordings = recordings
        self._origin = origin.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        if scope["type"] != "http" or not self._recordings.know(scope["method"], scope["path"]):
            await self._app(scope, receive, send)
            return
        body = await read(Request(scope, receive), MAX_JSON)
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        found = self._recordings.take(scope["method"], scope["path"], query, _json(body))
        if found is not None:
            content = found.body.replace(API.encode(), self._origin)
            await Response(content, found.status, dict(found.headers))(scope, receive, send)
            return
        is_sent = False

        async def again() -> Message:
            nonlocal is_sent
            if is_sent:
                return await receive()
            is_sent = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, again, send)


def _recorded(interaction: Mapping[str, Any]) -> Recorded:
    request, response = interaction["request"], interaction["response"]
    url = urlsplit(request["uri"])
    # Versions of vcrpy write responses in two different forms.
    status = response.get("status_code") or response["status"]["code"]
    body = response["content"] if "content" in response else response["body"]["string"]
    content = body.encode() if isinstance(body, str) else body or b""
    headers = {name.lower(): value for name, value in response["headers"].items()}
    return Recorded(
        method=request["method"],
        path=url.path,
        query=sorted(parse_qsl(url.query, keep_blank_values=True)),
        sent=_json(request.get("body") or b""),
        status=status,
        headers={
            name: value if isinstance(value, str) else ", ".join(value)
            for name, value in headers.items()
            if name not in _DROPPED
        },
        body=gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content,
    )


def _json(body: str | bytes) -> object:
    try:
        return json.loads(body)
    except ValueError:
        return None
