"""The floor of webhooks: the standard library, with the least code that verifies."""

from __future__ import annotations

import base64
import hmac


class Webhooks:
    """Verifying deliveries."""

    def __init__(self, secret: str) -> None:
        self._key = base64.b64decode(secret.removeprefix("whsec_"))

    def verify(self, headers: dict[str, str], body: bytes) -> None:
        """Raise unless a delivery is signed right."""
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        expected = base64.b64encode(hmac.digest(self._key, signed, "sha256")).decode()
        if not hmac.compare_digest(headers["webhook-signature"][3:], expected):
            raise ValueError("wrong signature")
