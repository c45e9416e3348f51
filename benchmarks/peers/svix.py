"""The library of the service that sends the API's webhooks."""

from __future__ import annotations

from svix.webhooks import Webhook


class Webhooks:
    """Verifying deliveries."""

    def __init__(self, secret: str) -> None:
        self._verifier = Webhook(secret)

    def verify(self, headers: dict[str, str], body: bytes) -> None:
        """Raise unless a delivery is signed right."""
        self._verifier.verify(body, headers)
