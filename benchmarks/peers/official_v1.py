"""The official client's first major version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

# Installed beside the benchmarks only: where the types are checked there is no such package.
import replicate  # type: ignore[import-not-found]

if TYPE_CHECKING:
    from collections.abc import Iterator


class Sync:
    """Blocking."""

    def __init__(self, url: str) -> None:
        self._client = replicate.Client(api_token="t", base_url=url)  # noqa: S106 - made up

    def run(self, reference: str, inputs: dict[str, Any]) -> Any:
        """Run a model, held."""
        return self._client.run(reference, input=inputs)

    def models(self) -> Iterator[Any]:
        """Give the models of all pages."""
        from replicate.pagination import paginate  # type: ignore[import-not-found]

        for page in paginate(self._client.models.list):
            yield from page.results


class Async:
    """Awaiting."""

    def __init__(self, url: str) -> None:
        self._client = replicate.Client(api_token="t", base_url=url)  # noqa: S106 - made up

    async def run(self, reference: str, inputs: dict[str, Any]) -> Any:
        """Run a model, held."""
        return await self._client.async_run(reference, input=inputs)
