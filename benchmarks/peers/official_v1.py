"""The official client's first major version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

# Installed beside the benchmarks only: where the types are checked there is no such package.
import replicate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MODEL = "owner/name"


class Sync:
    """Blocking."""

    def __init__(self, url: str) -> None:
        self._client = replicate.Client(api_token="t", base_url=url)  # noqa: S106 - made up

    def run(self, reference: str, inputs: dict[str, Any]) -> Any:
        """Run a model, held."""
        return self._client.run(reference, input=inputs)

    def poll(self, reference: str, inputs: dict[str, Any]) -> Any:
        """Run a model, looking as often as the client does by default."""
        return self._client.run(reference, input=inputs, wait=False)

    def models(self) -> Iterator[Any]:
        """Give the models of all pages."""
        from replicate.pagination import paginate

        for page in paginate(self._client.models.list):
            yield from page.results

    def inline_and_run(self, path: Path) -> Any:
        """Run a model with a file as a data URI."""
        with path.open("rb") as file:
            return self._client.run(MODEL, input={"image": file}, file_encoding_strategy="base64")

    def upload(self, path: Path) -> Any:
        """Upload a file."""
        return self._client.files.create(path)

    def upload_and_run(self, path: Path) -> Any:
        """Run a model with an uploaded file, as the client does by default."""
        with path.open("rb") as file:
            return self.run(MODEL, {"image": file})

    def download(self, url: str, path: Path) -> None:
        """Download a file to disk."""
        from replicate.helpers import FileOutput

        with path.open("wb") as file:
            for chunk in FileOutput(url, self._client):
                file.write(chunk)

    def stream(self, name: str) -> int:
        """Run a model and return the length of its events' data."""
        size = 0
        for event in self._client.stream(MODEL, input={"stream": name}, use_file_output=False):
            size += len(event.data)
        return size


class Async:
    """Awaiting."""

    def __init__(self, url: str) -> None:
        self._client = replicate.Client(api_token="t", base_url=url)  # noqa: S106 - made up

    async def run(self, reference: str, inputs: dict[str, Any]) -> Any:
        """Run a model, held."""
        return await self._client.async_run(reference, input=inputs)

    async def inline_and_run(self, path: Path) -> Any:
        """Run a model with a file as a data URI."""
        with path.open("rb") as file:
            return await self._client.async_run(
                MODEL, input={"image": file}, file_encoding_strategy="base64"
            )

    async def upload(self, path: Path) -> Any:
        """Upload a file."""
        return await self._client.files.async_create(path)

    async def upload_and_run(self, path: Path) -> Any:
        """Run a model with an uploaded file, as the client does by default."""
        with path.open("rb") as file:
            return await self.run(MODEL, {"image": file})

    async def download(self, url: str, path: Path) -> None:
        """Download a file to disk."""
        from replicate.helpers import FileOutput

        with path.open("wb") as file:
            async for chunk in FileOutput(url, self._client):
                file.write(chunk)


class Webhooks:
    """Verifying deliveries."""

    def __init__(self, secret: str) -> None:
        from replicate.webhook import (
            Webhooks,
            WebhookSigningSecret,
        )

        self._validate, self._secret = Webhooks.validate, WebhookSigningSecret(key=secret)

    def verify(self, headers: dict[str, str], body: bytes) -> None:
        """Raise unless a delivery is signed right, and fresh."""
        self._validate(headers=headers, body=body.decode(), secret=self._secret, tolerance=300)
