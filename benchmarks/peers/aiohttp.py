"""The floor for many concurrent runs and streams: aiohttp and json.loads."""

from __future__ import annotations

import json
from typing import Any

import aiohttp

# Longer than the API holds a request.
TIMEOUT = 90
HEADERS = {"Authorization": "Bearer t", "Prefer": "wait=60"}


class Async:
    """Async, with as many connections as there are runs."""

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

    async def run_and_stream(self, name: str) -> int:
        """Run a model, read its stream line by line and return the length of its data."""
        url = f"{self._url}/v1/models/owner/name/predictions"
        body = {"input": {"stream": name}, "stream": True}
        async with self._session.post(url, json=body, headers=HEADERS) as response:
            link = json.loads(await response.read())["urls"]["stream"]
        size = 0
        async with self._session.get(link) as response:
            async for line in response.content:
                if line.startswith(b"data: "):
                    size += len(line) - len(b"data: \n")
        return size
