"""The decoder of the openai package over httpx: events, without the run that they belong to."""

from __future__ import annotations

import httpx

# Installed beside the benchmarks only: where the types are checked there is no such package.
from openai._streaming import SSEDecoder  # type: ignore[import-not-found]


class Sync:
    """Blocking."""

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(base_url=f"{url}/v1")

    def stream(self, name: str) -> int:
        """Read a stream and return the length of its data."""
        size = 0
        with self._client.stream("GET", f"/streams/{name}") as response:
            for event in SSEDecoder().iter_bytes(response.iter_bytes()):
                size += len(event.data)
        return size


class Async:
    """Awaiting."""

    def __init__(self, url: str) -> None:
        self._client = httpx.AsyncClient(base_url=f"{url}/v1")

    async def stream(self, name: str) -> int:
        """Read a stream and return the length of its data."""
        size = 0
        async with self._client.stream("GET", f"/streams/{name}") as response:
            async for event in SSEDecoder().aiter_bytes(response.aiter_bytes()):
                size += len(event.data)
        return size
