"""The floor: httpx and json.loads, with the least code that does the same."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# As long as the API holds an answer, and some more.
OPTIONS: dict[str, Any] = {"timeout": 90, "headers": {"Authorization": "Bearer t"}}
HOLD = {"Prefer": "wait=60"}
NO_LIMITS = httpx.Limits(max_connections=None, max_keepalive_connections=None)
POLL_SECONDS = 0.5
MODEL = "owner/name"


class Sync:
    """Blocking."""

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(base_url=f"{url}/v1", **OPTIONS)

    def run(self, reference: str, inputs: dict[str, Any]) -> Any:
        """Run a model in one request."""
        path, body = _request(reference, inputs)
        return json.loads(self._client.post(path, json=body, headers=HOLD).content)["output"]

    def poll(self, reference: str, inputs: dict[str, Any]) -> Any:
        """Run a model and look twice a second."""
        path, body = _request(reference, inputs)
        run = json.loads(self._client.post(path, json=body).content)
        while run["status"] != "succeeded":
            time.sleep(POLL_SECONDS)
            run = json.loads(self._client.get(f"/predictions/{run['id']}").content)
        return run["output"]

    def models(self) -> Iterator[Any]:
        """Give the models of all pages."""
        link = "/models"
        while link:
            page = json.loads(self._client.get(link).content)
            yield from page["results"]
            link = page["next"]

    def inline_and_run(self, path: Path) -> Any:
        """Run a model with a file as a data URI."""
        return self.run(MODEL, {"image": _data_uri(path)})

    def inline_many_and_run(self, contents: list[bytes]) -> Any:
        """Run a model with many small files as data URIs."""
        return self.run(MODEL, {"images": [_uri_of(content) for content in contents]})

    def upload(self, path: Path) -> str:
        """Upload a file and return its URL."""
        with path.open("rb") as file:
            return _url(self._client.post("/files", files={"content": file}))

    def upload_and_run(self, path: Path) -> Any:
        """Run a model with an uploaded file."""
        return self.run(MODEL, {"image": self.upload(path)})

    def download(self, url: str, path: Path) -> None:
        """Download a file to disk."""
        with self._client.stream("GET", url) as response, path.open("wb") as file:
            for chunk in response.iter_raw():
                file.write(chunk)

    def stream(self, name: str) -> int:
        """Read a stream's bytes alone and return how many they are."""
        size = 0
        with self._client.stream("GET", f"/streams/{name}") as response:
            for chunk in response.iter_raw():
                size += len(chunk)
        return size


class Async:
    """Awaiting."""

    def __init__(self, url: str) -> None:
        self._client = httpx.AsyncClient(base_url=f"{url}/v1", limits=NO_LIMITS, **OPTIONS)

    async def run(self, reference: str, inputs: dict[str, Any]) -> Any:
        """Run a model in one request."""
        path, body = _request(reference, inputs)
        response = await self._client.post(path, json=body, headers=HOLD)
        return json.loads(response.content)["output"]

    async def inline_and_run(self, path: Path) -> Any:
        """Run a model with a file as a data URI."""
        return await self.run(MODEL, {"image": _data_uri(path)})

    async def upload(self, path: Path) -> str:
        """Upload a file and return its URL."""
        with path.open("rb") as file:
            return _url(await self._client.post("/files", files={"content": file}))

    async def upload_and_run(self, path: Path) -> Any:
        """Run a model with an uploaded file."""
        return await self.run(MODEL, {"image": await self.upload(path)})

    async def download(self, url: str, path: Path) -> None:
        """Download a file to disk."""
        async with self._client.stream("GET", url) as response:
            with path.open("wb") as file:
                async for chunk in response.aiter_raw():
                    file.write(chunk)

    async def stream(self, name: str) -> int:
        """Read a stream's bytes alone and return how many they are."""
        size = 0
        async with self._client.stream("GET", f"/streams/{name}") as response:
            async for chunk in response.aiter_raw():
                size += len(chunk)
        return size


def _url(response: httpx.Response) -> str:
    url: str = json.loads(response.content)["urls"]["get"]
    return url


def _data_uri(path: Path) -> str:
    return _uri_of(path.read_bytes())


def _uri_of(content: bytes) -> str:
    import base64

    return f"data:application/octet-stream;base64,{base64.b64encode(content).decode()}"


def _request(reference: str, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    name, _, version = reference.rpartition(":")
    if name or len(reference) == 64:
        return "/predictions", {"version": version, "input": inputs}
    kind = "" if reference.startswith("deployments/") else "/models"
    return f"{kind}/{reference}/predictions", {"input": inputs}
