"""The generated functions with the plain client that comes with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from replicate_api.api.models import list_
from replicate_api.client import AuthenticatedClient

if TYPE_CHECKING:
    from collections.abc import Iterator


class Sync:
    """Blocking."""

    def __init__(self, url: str) -> None:
        self._client = AuthenticatedClient(f"{url}/v1", token="t")  # noqa: S106 - made up

    def models(self) -> Iterator[Any]:
        """Give the models of all pages."""
        page = list_.sync(client=self._client)
        yield from page.results or ()
        while page.next:
            cursor = parse_qs(urlsplit(page.next).query)["cursor"][0]
            page = list_.sync(client=self._client, cursor=cursor)
            yield from page.results or ()
