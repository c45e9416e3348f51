"""The floor for many runs at once: aiohttp and json.loads."""

from __future__ import annotations

import json
from typing import Any

import aiohttp

# As long as the API holds an answer, and some more.
TIMEOUT = 90
HEADERS = {"Authorization": "Bearer t", "Prefer": "wait=60"}


class Async:
    """Awaiting, with as many connections as there are runs."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0), timeout=aiohttp.ClientTimeout(TIMEOUT)
        )

    async def run(self, reference: str, inputs: dict[str, Any]) -> Any:
        """Run an official model in one request."""
        url = f"{self._url}/v1/models/{reference}/predictions"
        async with self._session.post(url, json={"input": inputs}, headers=HEADERS) as response:
            return json.loads(await response.read())["output"]
