"""Reading blocking iterators in threads, so that the event loop is not blocked."""

from __future__ import annotations

import threading
from collections.abc import Generator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator


async def in_threads(chunks: Iterator[bytes]) -> AsyncGenerator[bytes, None]:
    """Yield the chunks of a blocking iterator, each of which is read in a thread.

    Args:
        chunks: The iterator. A generator is closed at the end, but not while a thread runs it.
    """
    from anyio import to_thread

    reading = threading.Lock()

    def read() -> bytes | None:
        with reading:
            return next(chunks, None)

    try:
        while (chunk := await to_thread.run_sync(read)) is not None:
            yield chunk
    finally:
        # After a cancellation on asyncio the thread may still run: the generator is then closed
        # when the thread has dropped it.
        if isinstance(chunks, Generator) and reading.acquire(blocking=False):
            try:
                chunks.close()
            finally:
                reading.release()
