"""Outcomes of requests, as parameters of tests."""

from __future__ import annotations

import httpx

MAYBE_TAKEN = [
    *[httpx.Response(status) for status in (500, 502, 503, 504, 520)],
    httpx.ReadTimeout("slow"),
    httpx.WriteTimeout("slow"),
    httpx.ReadError("reset"),
    httpx.WriteError("reset"),
    httpx.RemoteProtocolError("cut"),
]
"""The API may have accepted the request."""


def name_of(outcome: object) -> str | None:
    if isinstance(outcome, httpx.Response):
        return str(outcome.status_code)
    return type(outcome).__name__ if isinstance(outcome, Exception) else None
