"""Deliveries of webhooks, signed by hand with the standard library."""

from __future__ import annotations

import base64
import hmac
import json
import time
from typing import Any

SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
OTHER_SECRET = "whsec_bm90LXRoZS1zYW1lLXNlY3JldC1hdC1hbGw="
MESSAGE_ID = "msg_2yGEvjbj5JfrCSTduf2IL4TZgFz"
NOW = 1_749_452_742

RUN: dict[str, Any] = {
    "id": "ype2b3w02xrme0cqadzrms82nm",
    "model": "owner/name",
    "version": "hidden",
    "input": {"prompt": "two otters"},
    "logs": "done\n",
    "output": "https://replicate.delivery/xezq/otters.mp4",
    "status": "succeeded",
    "created_at": "2025-06-09T07:02:34.263Z",
    "completed_at": "2025-06-09T07:05:41.882143865Z",
    "webhook": "https://customer.test/webhook",
}
BODY = json.dumps(RUN, sort_keys=True).encode()


def signature(
    body: bytes, *, secret: str = SECRET, message_id: str = MESSAGE_ID, timestamp: object = NOW
) -> str:
    """Return a valid entry of the signature header."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return f"v1,{base64.b64encode(hmac.digest(key, signed, 'sha256')).decode()}"


def signed(body: bytes = BODY, *, secret: str = SECRET, timestamp: object = NOW) -> dict[str, str]:
    """Return the headers of a delivery."""
    return {
        "content-type": "application/json",
        "webhook-id": MESSAGE_ID,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(body, secret=secret, timestamp=timestamp),
    }


def signed_now(body: bytes = BODY, *, secret: str = SECRET) -> dict[str, str]:
    """Return the headers of a delivery that is sent now."""
    return signed(body, secret=secret, timestamp=int(time.time()))
