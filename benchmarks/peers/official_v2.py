"""The beta of the official client's second major version."""

from __future__ import annotations

from typing import Any

# It is installed only in the environment of this peer.
import replicate


class Sync:
    """Blocking."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._client: Any = replicate.Replicate(bearer_token="t", base_url=f"{url}/v1")  # noqa: S106 - made up

    def run(self, reference: str, inputs: dict[str, Any]) -> Any:
        """Run a model, held."""
        return self._client.run(reference, input=inputs)

    def stream(self, name: str) -> int:
        """Read a stream with its decoder, as it has no streams of predictions."""
        from replicate._streaming import SSEDecoder

        size = 0
        with self._client._client.stream("GET", f"{self._url}/v1/streams/{name}") as response:  # noqa: SLF001 - it has no public way
            for event in SSEDecoder().iter_bytes(response.iter_bytes()):
                size += len(event.data)
        return size


class Async:
    """Async."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._client: Any = replicate.AsyncReplicate(bearer_token="t", base_url=f"{url}/v1")  # noqa: S106 - made up

    async def stream(self, name: str) -> int:
        """Read a stream with its decoder, as it has no streams of predictions."""
        from replicate._streaming import SSEDecoder

        size = 0
        url = f"{self._url}/v1/streams/{name}"
        async with self._client._client.stream("GET", url) as response:  # noqa: SLF001 - it has no public way
            async for event in SSEDecoder().aiter_bytes(response.aiter_bytes()):
                size += len(event.data)
        return size
