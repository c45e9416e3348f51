"""The floor for large data URIs: base64 is sent while the file is read."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from peers.raw_httpx import HOLD, MODEL
from peers.raw_httpx import Async as RawAsync
from peers.raw_httpx import Sync as RawSync

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

BLOCK = 3 << 18
BEFORE, AFTER = b'{"input":{"image":"data:application/octet-stream;base64,', b'"}}'


class Sync(RawSync):
    """Blocking."""

    def inline_and_run(self, path: Path) -> Any:
        """Run a model with a file as a data URI."""
        url, headers = f"/models/{MODEL}/predictions", _headers(path)
        response = self._client.post(url, content=_body(path), headers=headers)
        return json.loads(response.content)["output"]


class Async(RawAsync):
    """Async; the file is read on the event loop."""

    async def inline_and_run(self, path: Path) -> Any:
        """Run a model with a file as a data URI."""

        async def body() -> AsyncIterator[bytes]:
            for piece in _body(path):
                yield piece

        url, headers = f"/models/{MODEL}/predictions", _headers(path)
        response = await self._client.post(url, content=body(), headers=headers)
        return json.loads(response.content)["output"]


def _headers(path: Path) -> dict[str, str]:
    size = len(BEFORE) + (path.stat().st_size + 2) // 3 * 4 + len(AFTER)
    return {**HOLD, "Content-Type": "application/json", "Content-Length": str(size)}


def _body(path: Path) -> Iterator[bytes]:
    yield BEFORE
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield base64.b64encode(block)
    yield AFTER
