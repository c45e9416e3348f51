"""A webhook message and its signature.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import hashlib
import hmac
import secrets
import string
import time
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from replicate_ext._version import __version__

Event: TypeAlias = Literal["start", "output", "logs", "completed"]

_ALPHABET = string.ascii_letters + string.digits


def new_secret() -> str:
    """Return a new signing secret: `whsec_` and base64."""
    return f"whsec_{b64encode(secrets.token_bytes(24)).decode()}"


def _new_id() -> str:
    return "msg_" + "".join(secrets.choice(_ALPHABET) for _ in range(27))


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A webhook to be delivered; every attempt has the same id.

    Args:
        event: what happened.
        url: URL of the receiver.
        body: the prediction or training as JSON.
    """

    event: Event
    url: str
    body: bytes = field(repr=False)
    id: str = field(default_factory=_new_id)

    def headers(self, secret: str) -> dict[str, str]:
        """Return the request headers, signed for the current time.

        Args:
            secret: signing secret: `whsec_` and base64.
        """
        timestamp = str(int(time.time()))
        signature = hmac.new(b64decode(secret.removeprefix("whsec_")), digestmod=hashlib.sha256)
        signature.update(f"{self.id}.{timestamp}.".encode())
        signature.update(self.body)
        return {
            "content-type": "application/json",
            "user-agent": f"replicate-ext/{__version__} (sandbox)",
            "webhook-id": self.id,
            "webhook-timestamp": timestamp,
            "webhook-signature": f"v1,{b64encode(signature.digest()).decode()}",
        }
