"""Settings for vcrpy that keep secrets out of recorded traffic."""

from __future__ import annotations

import re
from typing import Any

HIDDEN = "hidden"
_HEADERS = ("authorization", "cookie", "webhook-signature")
_QUERY = ("signature",)
_WEBHOOK_SECRET = re.compile(rb"whsec_[A-Za-z0-9+/=_-]+")
_DATA_URI = re.compile(rb"(data:[\w.+-]*/?[\w.+-]*(?:;[\w=.+-]+)*;base64,)[A-Za-z0-9+/=_-]+")
_SIGNATURE = re.compile(rb"([?&]signature=)[^&\"\\\s]+")
_TEXT = ("json", "text/", "event-stream", "xml", "x-www-form-urlencoded")


def vcr_config() -> dict[str, Any]:
    """Return keyword arguments for `vcr.VCR`."""
    return {
        "filter_headers": [(name, HIDDEN) for name in _HEADERS],
        "filter_query_parameters": [(name, HIDDEN) for name in _QUERY],
        "before_record_request": _request,
        "before_record_response": _response,
    }


def _request(request: Any) -> Any:
    # vcrpy also calls this when it replays, so the bodies that it compares are changed in the same
    # way.
    kind = str(request.headers.get("content-type", ""))
    body = request.body
    if isinstance(body, str):
        body = body.encode()
    if body:
        request.body = _clean(body, kind) if isinstance(body, bytes) else HIDDEN.encode()
    return request


def _response(response: dict[str, Any]) -> dict[str, Any]:
    headers = {name.lower(): value for name, value in response["headers"].items()}
    kind = _first(headers.get("content-type", ""))
    compressed = _first(headers.get("content-encoding", "")) not in ("", "identity")
    kept = {
        name: [HIDDEN] if name.lower() == "set-cookie" else value
        for name, value in response["headers"].items()
    }
    body = response["body"]["string"]
    content = body.encode() if isinstance(body, str) else body
    if content and not compressed:
        content = _clean(content, kind)
        if "content-length" in headers:
            kept = {
                name: [str(len(content))] if name.lower() == "content-length" else value
                for name, value in kept.items()
            }
    return {**response, "headers": kept, "body": {**response["body"], "string": content}}


def _clean(body: bytes, kind: str) -> bytes:
    """Return a body without secrets; the content of a file is replaced completely."""
    if not any(text in kind for text in _TEXT):
        return HIDDEN.encode()
    body = _DATA_URI.sub(rb"\1aGlkZGVu", body)
    body = _WEBHOOK_SECRET.sub(b"whsec_aGlkZGVu", body)
    return _SIGNATURE.sub(rb"\1" + HIDDEN.encode(), body)


def _first(value: str | list[str]) -> str:
    return value if isinstance(value, str) else "".join(value[:1])
