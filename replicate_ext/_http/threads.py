"""Reading what may block in threads, so that the event loop goes on."""

from __future__ import annotations

import threading
from collections.abc import Generator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator


async def in_threads(chunks: Iterator[bytes]) -> AsyncGenerator[bytes, None]:
    """Yield what may have to wait for its bytes, without the event loop waiting too.

    Args:
        chunks: What to yield. A generator is closed at the end, but never while a thread runs it.
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
        # asyncio's cancellation leaves the thread at work; then its end drops the generator.
        if isinstance(chunks, Generator) and reading.acquire(blocking=False):
            try:
                chunks.close()
            finally:
                reading.release()
