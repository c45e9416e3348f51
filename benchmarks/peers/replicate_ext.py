"""This project's client, as `pip install replicate-ext` gives it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from replicate_ext import AsyncReplicate, Replicate

if TYPE_CHECKING:
    from collections.abc import Iterator


class Sync:
    """Blocking."""

    def __init__(self, url: str) -> None:
        self._client = Replicate("t", f"{url}/v1")

    def run(self, reference: str, inputs: dict[str, Any]) -> Any:
        """Run a model in one request."""
        return self._client.run(reference, inputs)

    def models(self) -> Iterator[Any]:
        """Give the models of all pages, through the generated function."""
        from replicate_api.api.models import list_

        page = list_.sync(client=self._client)
        yield from page.results or ()
        while page.next:
            cursor = parse_qs(urlsplit(page.next).query)["cursor"][0]
            page = list_.sync(client=self._client, cursor=cursor)
            yield from page.results or ()


class Async:
    """Awaiting."""

    def __init__(self, url: str) -> None:
        self._client = AsyncReplicate("t", f"{url}/v1")

    async def run(self, reference: str, inputs: dict[str, Any]) -> Any:
        """Run a model in one request."""
        return await self._client.run(reference, inputs)
