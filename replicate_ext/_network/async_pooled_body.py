"""Body of a response that came over a connection of the pool."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx

from replicate_ext._network.core_errors import CORE_ERRORS, translated

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from replicate_ext._network.outgoing import Outgoing
    from replicate_ext._network.pool import Lease
    from replicate_ext._network.route import Connection
    from replicate_ext._network.transports import AsyncPooledTransport


class AsyncPooledBody(httpx.AsyncByteStream):
    """A response body that returns its connection to the pool when it is closed."""

    def __init__(
        self,
        body: Any,
        lease: Lease[Connection],
        transport: AsyncPooledTransport,
        outgoing: Outgoing,
    ) -> None:
        self._body = body
        self._lease: Lease[Connection] | None = lease
        self._transport = transport
        self._outgoing = outgoing
        self._is_whole = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._body:
                yield chunk
        except CORE_ERRORS as error:
            raise translated(error, self._outgoing.request) from error
        self._is_whole = True

    async def aclose(self) -> None:
        lease, self._lease = self._lease, None
        if lease is None:
            return
        try:
            await self._body.aclose()
        except BaseException:
            self._is_whole = False
            raise
        finally:
            await self._transport.give_back(lease, is_whole=self._is_whole)
