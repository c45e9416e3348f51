"""The floor: httpx and json.loads, with the least code that does the same."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from collections.abc import Iterator

# As long as the API holds an answer, and some more.
OPTIONS: dict[str, Any] = {"timeout": 90, "headers": {"Authorization": "Bearer t"}}
HOLD = {"Prefer": "wait=60"}


class Sync:
    """Blocking."""

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(base_url=f"{url}/v1", **OPTIONS)

    def run(self, reference: str, inputs: dict[str, Any]) -> Any:
        """Run a model in one request."""
        path, body = _request(reference, inputs)
        return json.loads(self._client.post(path, json=body, headers=HOLD).content)["output"]

    def models(self) -> Iterator[Any]:
        """Give the models of all pages."""
        link = "/models"
        while link:
            page = json.loads(self._client.get(link).content)
            yield from page["results"]
            link = page["next"]


class Async:
    """Awaiting."""

    def __init__(self, url: str) -> None:
        self._client = httpx.AsyncClient(base_url=f"{url}/v1", **OPTIONS)

    async def run(self, reference: str, inputs: dict[str, Any]) -> Any:
        """Run a model in one request."""
        path, body = _request(reference, inputs)
        response = await self._client.post(path, json=body, headers=HOLD)
        return json.loads(response.content)["output"]


def _request(reference: str, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    name, _, version = reference.rpartition(":")
    if name or len(reference) == 64:
        return "/predictions", {"version": version, "input": inputs}
    kind = "" if reference.startswith("deployments/") else "/models"
    return f"{kind}/{reference}/predictions", {"input": inputs}
