"""Response that was received over a pooled connection."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import httpx

from replicate_ext._network.json_decoding import decoded

if TYPE_CHECKING:
    import httpcore

    from replicate_ext._network.outgoing import Outgoing


class PooledResponse(httpx.Response):
    """A response whose ``request`` is made when it is first used, mostly for errors.

    Args:
        response: The response of httpcore.
        body: Its body.
        outgoing: The request.
    """

    def __init__(
        self,
        response: httpcore.Response,
        body: httpx.SyncByteStream | httpx.AsyncByteStream,
        outgoing: Outgoing,
    ) -> None:
        super().__init__(
            response.status, headers=response.headers, stream=body, extensions=response.extensions
        )
        self._outgoing = outgoing

    @property
    def request(self) -> httpx.Request:
        """The request."""
        if self._request is None:
            self._request = self._outgoing.request
        return self._request

    @request.setter
    def request(self, value: httpx.Request) -> None:
        self._request = value

    def raise_for_status(self) -> httpx.Response:
        """Raise an error if the status is not 2xx."""
        self._request = self.request
        return super().raise_for_status()

    def json(self, **options: Any) -> Any:
        """Return the value of the JSON body.

        Args:
            options: Options of ``json.loads``.
        """
        return super().json(**options) if options else decoded(self.content)

    def __getstate__(self) -> dict[str, Any]:
        self._request = self.request
        state = super().__getstate__()
        del state["_outgoing"]
        return state

    def close(self) -> None:
        """Close the response, and return its connection to the pool."""
        self._note_time()
        super().close()

    async def aclose(self) -> None:
        """Close the response, and return its connection to the pool."""
        self._note_time()
        await super().aclose()

    def _note_time(self) -> None:
        if not self.is_closed:
            self.elapsed = timedelta(seconds=time.perf_counter() - self._outgoing.started)
