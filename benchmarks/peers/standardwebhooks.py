"""The library of the standard that webhooks of the API follow."""

from __future__ import annotations

import standardwebhooks


class Webhooks:
    """Verifying deliveries."""

    def __init__(self, secret: str) -> None:
        self._verifier = standardwebhooks.Webhook(secret)

    def verify(self, headers: dict[str, str], body: bytes) -> None:
        """Raise unless a delivery is signed right."""
        self._verifier.verify(body, headers, json_parse=False)
