"""Transport that sends requests through the caller's own httpx client."""

from __future__ import annotations

import httpx


class AsyncLentTransport(httpx.AsyncBaseTransport):
    """Transport that sends through the caller's own client, with its hooks, and never closes it.

    Args:
        client: The caller's client.
    """

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request unchanged and return the response with its body unread."""
        return await self._client.send(request, stream=True, auth=None, follow_redirects=False)
