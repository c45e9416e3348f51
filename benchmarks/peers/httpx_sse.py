"""httpx-sse over httpx: the events of a stream, without the run that they belong to."""

from __future__ import annotations

import httpx

# Installed beside the benchmarks: where the types are checked there may be no such package.
import httpx_sse  # type: ignore[import-not-found,unused-ignore]


class Sync:
    """Blocking."""

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(base_url=f"{url}/v1")

    def stream(self, name: str) -> int:
        """Read a stream and return the length of its data."""
        size = 0
        with httpx_sse.connect_sse(self._client, "GET", f"/streams/{name}") as source:
            for event in source.iter_sse():
                size += len(event.data)
        return size


class Async:
    """Async."""

    def __init__(self, url: str) -> None:
        self._client = httpx.AsyncClient(base_url=f"{url}/v1")

    async def stream(self, name: str) -> int:
        """Read a stream and return the length of its data."""
        size = 0
        async with httpx_sse.aconnect_sse(self._client, "GET", f"/streams/{name}") as source:
            async for event in source.aiter_sse():
                size += len(event.data)
        return size
