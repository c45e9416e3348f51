"""Closing the generators of response bodies that are left early."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator


class Closing:
    """Context in which a body is iterated; closes it at the end.

    Args:
        chunks: The body.
    """

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks

    def __enter__(self) -> Iterator[bytes]:
        return self._chunks

    def __exit__(self, *_: object) -> None:
        if isinstance(self._chunks, Generator):
            self._chunks.close()


class AsyncClosing:
    """Context in which a body is iterated; closes it at the end.

    Args:
        chunks: The body.
    """

    def __init__(self, chunks: AsyncIterator[bytes]) -> None:
        self._chunks = chunks

    async def __aenter__(self) -> AsyncIterator[bytes]:
        return self._chunks

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        import sniffio

        # When an event loop of asyncio ends, it closes all generators itself, at the same time.
        if kind is not GeneratorExit or sniffio.current_async_library() != "asyncio":
            await unwind(self._chunks)


async def unwind(chunks: AsyncIterator[bytes]) -> None:
    """Close the nested generators of a body that was not read to its end.

    httpx and httpcore nest six generators, and closing one does not close the next; trio warns
    about each generator that it has to close itself.

    Args:
        chunks: The body.
    """
    import anyio

    if getattr(chunks, "ag_frame", chunks) is None:  # a generator that has ended
        return
    with suppress(Exception), anyio.CancelScope() as scope:
        scope.cancel()
        async for _ in chunks:
            pass
