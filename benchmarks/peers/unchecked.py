"""This project's client, which does not check the input."""

from __future__ import annotations

from typing import Any

from replicate_ext import Replicate


class Sync:
    """Blocking."""

    def __init__(self, url: str) -> None:
        self._client = Replicate("t", f"{url}/v1")

    def run_function(self, schema: dict[str, Any], inputs: dict[str, Any]) -> Any:  # noqa: ARG002 - not checked
        """Run a model in one request."""
        return self._client.run("owner/name", inputs)
