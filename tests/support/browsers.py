"""A sandbox with models for tests of streams to browsers, and functions that read the streams."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import anyio

from replicate_ext import (
    Replicate,
    ServerSentEvent,
)
from replicate_ext._streams.sse import Decoder
from replicate_ext.sandbox import Sandbox
from support.clients import Kind, make_client
from support.sandboxes import until

HEARTBEAT = b":\n\n"
WORDS = ["Once", " upon\na", "  time, ", "☃\u2028", ""]


class Stage:
    """A sandbox with models for streams that are complete, silent, endless or broken."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self._client = Replicate(sandbox.api_token, sandbox.base_url)

        @sandbox.model("owner/words")
        def words(prompt: str = "") -> Iterator[str]:
            print(f"a log line about {prompt}")  # noqa: T201 - a log of the model
            yield from WORDS

        @sandbox.model("owner/silent")
        async def silent(seconds: float) -> AsyncIterator[str]:
            yield "a"
            await asyncio.sleep(seconds)
            yield "b"

        @sandbox.model("owner/mute")
        async def mute(prompt: str = "") -> AsyncIterator[str]:
            await asyncio.sleep(60)
            yield prompt

        @sandbox.model("owner/endless")
        async def endless(prompt: str = "") -> AsyncIterator[str]:
            while True:
                yield f"{prompt} "
                await asyncio.sleep(0.01)

        @sandbox.model("owner/broken")
        def broken() -> Iterator[str]:
            yield "a"
            raise RuntimeError("/secret/path")

    @property
    def status(self) -> str:
        """Status of the newest prediction."""
        newest = self._client.predictions.list().results
        assert newest
        return str(newest[0].status)

    def wait_for(self, status: str) -> None:
        until(lambda: self.status == status or None)

    def client(self, kind: Kind) -> Any:
        return make_client(kind, api_token=self.sandbox.api_token, base_url=self.sandbox.base_url)


def consume(kind: Kind, body: Any, leave_after: int | None = None) -> list[bytes]:
    """Read what ``event_stream`` returned, a body or its coroutine, and close it."""
    return headers_and_chunks(kind, body, leave_after)[1]


def headers_and_chunks(
    kind: Kind, body: Any, leave_after: int | None = None
) -> tuple[dict[str, str], list[bytes]]:
    """Return the headers and the chunks of a body, read in one event loop."""

    async def awaited() -> tuple[dict[str, str], list[bytes]]:
        opened = await body
        chunks: list[bytes] = []
        async for chunk in opened:
            chunks.append(chunk)
            if len(chunks) == leave_after:
                await opened.aclose()
        return opened.headers, chunks

    if kind != "sync":
        return anyio.run(awaited, backend=kind)
    chunks: list[bytes] = []
    for chunk in body:
        chunks.append(chunk)
        if len(chunks) == leave_after:
            body.close()
    return body.headers, chunks


def events(chunks: list[bytes]) -> list[ServerSentEvent]:
    decoder = Decoder()
    return [event for chunk in chunks for event in decoder.feed(chunk)]


def parts(chunks: list[bytes]) -> list[Any]:
    assert events(chunks)[-1].data == "[DONE]"
    return [json.loads(event.data) for event in events(chunks)[:-1]]


def readers_left() -> list[threading.Thread]:
    return [each for each in threading.enumerate() if each.name == "replicate_ext.event_stream"]
