"""Recorded traffic that vcrpy replays, and the client method for each recorded request."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator, Mapping
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import vcr

from support.bodies import SPEC
from support.files import parts_of

PLACE = ("method", "scheme", "host", "port", "path", "query")


def same_body(one: Any, other: Any) -> None:
    """Compare bodies as vcrpy does, but multipart bodies by parts, since their boundaries differ.

    Args:
        one: A request.
        other: The request that it is compared with.
    """
    bodies = [_parts(request) for request in (one, other)]
    if None in bodies:
        vcr.matchers.body(one, other)
    else:
        assert bodies[0] == bodies[1]


def _parts(request: Any) -> list[Any] | None:
    kind = request.headers.get("content-type", "")
    return parts_of(kind, request.body) if kind.startswith("multipart/") else None


def replaying(cassette: Path) -> Any:
    """Replay a recording, each response once, and refuse requests that are not in it.

    Args:
        cassette: Path of the cassette.
    """
    recorder = vcr.VCR(
        record_mode=vcr.record_mode.RecordMode.NONE, match_on=(*PLACE, same_body.__name__)
    )
    recorder.register_matcher(same_body.__name__, same_body)
    return recorder.use_cassette(str(cassette))


class Exchange(NamedTuple):
    """A recorded request, and the response to it."""

    method: str
    url: httpx.URL
    content_type: str
    content: bytes
    status: int
    answer: Any
    sent_headers: httpx.Headers
    headers: httpx.Headers

    @property
    def asked(self) -> dict[str, Any]:
        """The JSON of the request; empty if it has no JSON."""
        if self.content_type != "application/json":
            return {}
        asked: dict[str, Any] = json.loads(self.content)
        return asked


def exchanges(cassette: Any) -> Iterator[Exchange]:
    """Yield the recorded exchanges.

    Args:
        cassette: A cassette of vcrpy that is in use.
    """
    for request, response in zip(cassette.requests, cassette.responses, strict=True):
        # Versions of vcrpy write responses in two different forms.
        status = response.get("status_code") or response["status"]["code"]
        content = _content(response.get("content") or response["body"]["string"])
        yield Exchange(
            request.method,
            httpx.URL(request.uri),
            request.headers.get("content-type", ""),
            request.body or b"",
            status,
            json.loads(content) if content else None,
            _headers(request.headers),
            _headers(response["headers"]),
        )


def _headers(recorded: Mapping[str, str | list[str]]) -> httpx.Headers:
    values = ((name, value) for name, value in recorded.items())
    return httpx.Headers(
        [(name, one) for name, each in values for one in ([each] if type(each) is str else each)]
    )


def _content(recorded: str | bytes) -> bytes:
    if isinstance(recorded, str):
        return recorded.encode()
    # Only bodies recorded as bytes are still compressed, whatever the headers say.
    return gzip.decompress(recorded) if recorded.startswith(b"\x1f\x8b") else recorded


def method_of(exchange: Exchange) -> tuple[str, list[str]]:
    """Return the name of the method for a request, such as ``models.get``, and its path arguments.

    Args:
        exchange: The recorded exchange.
    """
    for template, item in SPEC["paths"].items():
        pattern = re.sub(r"\{\w+\}", "([^/]+)", template)
        found = re.fullmatch(f"/v1{pattern}", exchange.url.path)
        if found and exchange.method.lower() in item:
            return str(item[exchange.method.lower()]["operationId"]), list(found.groups())
    raise LookupError(f"no operation sends {exchange.method} {exchange.url}")


def ask(client: Any, exchange: Exchange) -> Any:
    """Repeat a recorded request with the method of a client.

    Args:
        client: A client whose methods block.
        exchange: The recorded exchange.
    """
    name, parts = method_of(exchange)
    method = attrgetter(name)(client)
    named = {**exchange.asked, **exchange.url.params}
    if exchange.content_type == "text/plain":
        return method(exchange.content.decode(), **named)
    if exchange.content_type.startswith("multipart/"):
        [file] = parts_of(exchange.content_type, exchange.content)
        return method(file.content, filename=file.filename, content_type=file.content_type)
    return method(*parts, **named)


def as_cassette(recording: Path, folder: Path) -> Path:
    """Return a recording as a cassette; the JSON of a prediction becomes the response to a poll.

    Args:
        recording: The file.
        folder: Folder for cassettes that this function writes.
    """
    if recording.suffix == ".yaml":
        return recording
    if recording.suffix != ".json":
        raise LookupError(f"unknown format of the recording {recording}: expected .yaml or .json")
    text = recording.read_text(encoding="utf-8")
    interaction = {
        "request": {
            "method": "GET",
            "uri": f"https://api.replicate.com/v1/predictions/{json.loads(text)['id']}",
            "body": "",
            "headers": {},
        },
        "response": {
            "status": {"code": 200, "message": "OK"},
            "headers": {"Content-Type": ["application/json"]},
            "body": {"string": text},
        },
    }
    made = folder / f"{recording.stem}.yaml"
    # JSON is YAML.
    made.write_text(json.dumps({"interactions": [interaction], "version": 1}), encoding="utf-8")
    return made
