"""This project's client, as `pip install replicate-ext` gives it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from replicate_ext import Replicate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from replicate_ext import ModelFunction

MODEL = "owner/name"


class Sync:
    """Blocking."""

    def __init__(self, url: str) -> None:
        self._client = Replicate("t", f"{url}/v1")
        self._made: ModelFunction[dict[str, Any], Any] | None = None

    def run(self, reference: str, inputs: dict[str, Any]) -> Any:
        """Run a model in one request."""
        return self._client.run(reference, inputs)

    def run_function(self, schema: dict[str, Any], inputs: dict[str, Any]) -> Any:
        """Run a typed function, whose input is checked."""
        return self._client.run(self._function(schema), inputs)

    def _function(self, schema: dict[str, Any]) -> ModelFunction[dict[str, Any], Any]:
        if self._made is None:
            from replicate_ext import ModelFunction

            self._made = ModelFunction(MODEL, schema)
        return self._made

    def poll(self, reference: str, inputs: dict[str, Any]) -> Any:
        """Run a model, looking as often as the client does by default."""
        return self._client.run(reference, inputs, wait=False)

    def models(self) -> Iterator[Any]:
        """Give the models of all pages, through the paginator."""
        return self._client.paginate(self._client.models.list).items()

    def inline_and_run(self, path: Path) -> Any:
        """Run a model with a file as a data URI."""
        return self._client.run(MODEL, {"image": path}, file_encoding="data-uri")

    def inline_many_and_run(self, contents: list[bytes]) -> Any:
        """Run a model with many small files as data URIs."""
        return self._client.run(MODEL, {"images": contents}, file_encoding="data-uri")

    def upload(self, path: Path) -> Any:
        """Upload a file."""
        _take_any_size()
        return self._client.files.create(path)

    def upload_and_run(self, path: Path) -> Any:
        """Run a model with an uploaded file."""
        _take_any_size()
        return self._client.run(MODEL, {"image": path}, file_encoding="upload")

    def download(self, url: str, path: Path) -> None:
        """Download a file to disk, as an output of this client is."""
        from replicate_ext import FileOutput

        FileOutput(url, self._client).save(path)

    def stream(self, name: str) -> int:
        """Run a model and return the length of its events' data."""
        size = 0
        for event in self._client.stream(MODEL, {"stream": name}):
            size += len(event.data)
        return size


class Async:
    """Awaiting."""

    def __init__(self, url: str) -> None:
        from replicate_ext import AsyncReplicate  # not at the top, which the row `import` measures

        self._client = AsyncReplicate("t", f"{url}/v1")

    async def run(self, reference: str, inputs: dict[str, Any]) -> Any:
        """Run a model in one request."""
        return await self._client.run(reference, inputs)

    async def inline_and_run(self, path: Path) -> Any:
        """Run a model with a file as a data URI."""
        return await self._client.run(MODEL, {"image": path}, file_encoding="data-uri")

    async def upload(self, path: Path) -> Any:
        """Upload a file."""
        _take_any_size()
        return await self._client.files.create(path)

    async def upload_and_run(self, path: Path) -> Any:
        """Run a model with an uploaded file."""
        _take_any_size()
        return await self._client.run(MODEL, {"image": path}, file_encoding="upload")

    async def download(self, url: str, path: Path) -> None:
        """Download a file to disk, as an output of this client is."""
        from replicate_ext import FileOutput

        await FileOutput(url, self._client).asave(path)

    async def stream(self, name: str) -> int:
        """Run a model and return the length of its events' data."""
        size = 0
        async for event in self._client.stream(MODEL, {"stream": name}):
            size += len(event.data)
        return size

    async def run_and_stream(self, name: str) -> int:
        """Run a model and return the length of its events' data."""
        return await self.stream(name)


class Webhooks:
    """Verifying deliveries."""

    def __init__(self, secret: str) -> None:
        from replicate_ext import WebhookVerifier

        self._verifier = WebhookVerifier(secret)

    def verify(self, headers: dict[str, str], body: bytes) -> None:
        """Raise unless a delivery is signed right, and fresh."""
        self._verifier.verify(headers, body)


def _take_any_size() -> None:
    """Send more than the API takes: only there does a file's own cost stand out."""
    from replicate_ext._files import encoding

    encoding.MAX_UPLOAD = 1 << 40
