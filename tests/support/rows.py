"""Helpers for the test cases from the JavaScript client: its token, its API, and common values."""

from __future__ import annotations

import json
from typing import Any

import httpx

from support import clients
from support.clients import Kind, Script
from support.clock import VirtualClock

API = "https://api.replicate.com/v1"
CURSOR = "cursor=cD0yMDIyLTAxLTIxKzIzJTNBMTglM0EyNC41MzAzNTclMkIwMCUzQTAw"

# The JavaScript tests use http://test.host; this client requires https except on loopback.
WEBHOOK: dict[str, Any] = {
    "webhook": "https://test.host/webhook",
    "webhook_events_filter": ["output", "completed"],
}


def start(kind: Kind, clock: VirtualClock, *answers: Any, **options: Any) -> tuple[Any, Script]:
    """Return a client of the public API that gets these responses, and its script."""
    options = {"api_token": "test-token", "base_url": None, **options}
    return clients.start(kind, clock, *answers, **options)


def as_json(value: object) -> str:
    """Return JSON as text to compare, since 1 equals True in Python."""
    return json.dumps(value, sort_keys=True)


def sent(request: httpx.Request) -> str:
    """Return the JSON of a request as text to compare."""
    return as_json(json.loads(request.content))


def one_request(script: Script) -> tuple[str, Any]:
    """Return the only request as ``METHOD path``, and its JSON."""
    [request] = script.requests
    assert request.headers["Authorization"] == "Bearer test-token"
    body = json.loads(request.content) if request.content else None
    return f"{request.method} {request.url.path}", body
