"""The driver, which runs flows for a client."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypeVar

from replicate_ext._http.exchange import extensions_for
from replicate_ext._http.runners import AsyncRunner
from replicate_ext._http.tracebacks import shortened
from replicate_ext.errors import ReplicateError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    import httpx
    from replicate_api.types import RequestArguments

T = TypeVar("T")


class AsyncDriver(AsyncRunner):
    """Runs flows, performs operations and opens streams, with the connections of a client."""

    async def perform(
        self,
        arguments: RequestArguments,
        parse: Callable[[httpx.Response], T],
        *,
        repeatable: bool,
    ) -> T:
        """Perform one operation, with retries, and return the parsed response.

        Args:
            arguments: The request.
            parse: Parses a successful response.
            repeatable: Whether the request may be sent again although the server may have acted on
                it.

        Raises:
            APIError: The operation failed.
        """
        # Imported late: it would take a third of the import time of this package.
        from replicate_ext._http import send

        flow = send.perform(self.settings, arguments, parse, repeatable=repeatable)
        try:
            return await self.run(flow)
        except ReplicateError as error:
            raise shortened(error) from error.__cause__

    @asynccontextmanager
    async def stream(
        self,
        url: str,
        headers: dict[str, str],
        timeouts: httpx.Timeout,
        deadline: float | None = None,
    ) -> AsyncGenerator[httpx.Response]:
        """Return a context that opens a connection and yields its response, with an unread body.

        Args:
            url: An absolute URL; the token is sent only to the origin of the API.
            headers: Headers of the request.
            timeouts: Timeouts of each network operation.
            deadline: Clock time after which nothing more is read; None for no deadline.
        """
        extensions = extensions_for(self.settings, deadline)
        arguments: RequestArguments = {"method": "GET", "url": url, "headers": headers}
        response = await self._response(arguments, timeouts, extensions)
        try:
            yield response
        finally:
            await response.aclose()
