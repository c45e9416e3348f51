"""Downloads into memory: completely up to a limit, or piece by piece."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import httpx

from replicate_ext.errors import APIConnectionError, APIError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from _typeshed import ReadableBuffer


class Memory(io.BytesIO):
    """Keeps a download in memory, up to a limit.

    Args:
        limit: Limit in bytes.
        url: URL of the download, for messages.
        announced: Returns the size that the server announced; None while it is unknown.
    """

    def __init__(self, limit: int, url: str, announced: Callable[[], int | None]) -> None:
        super().__init__()
        self._limit = limit
        self._url = url
        self._announced = announced

    def write(self, chunk: ReadableBuffer, /) -> int:
        """Keep a chunk.

        Raises:
            APIError: The download is larger than the limit, by its announced or received size.
        """
        size = max(self._announced() or 0, self.tell() + memoryview(chunk).nbytes)
        if size > self._limit:
            message = (
                f"the file has {size:,} bytes or more, and at most {self._limit:,} are read into "
                "memory: use save() or open(), or give the client a larger max_download_size"
            )
            raise APIError(message, httpx.Request("GET", self._url))
        return super().write(chunk)


class PieceReader:
    """Reads a download piece by piece.

    Args:
        chunks: The download.
        url: URL of the download, for messages.
    """

    def __init__(self, chunks: Iterator[bytes], url: str) -> None:
        self._chunks = chunks
        self._url = url
        self._rest = bytearray()
        self._failure: BaseException | None = None

    def read(self, size: int) -> bytes:
        """Return the next bytes, fewer only at the end.

        Args:
            size: Number of bytes.

        Raises:
            APIError: The download was interrupted, in this or an earlier read.
        """
        if self._failure is not None:
            request = httpx.Request("GET", self._url)
            message = "an earlier read failed; download the file again with read() or open()"
            raise APIConnectionError(message, request) from self._failure
        try:
            while len(self._rest) < size and (chunk := next(self._chunks, None)) is not None:
                self._rest += chunk
        except BaseException as error:
            self._failure = error
            raise
        piece = bytes(self._rest[:size])
        del self._rest[:size]
        return piece
