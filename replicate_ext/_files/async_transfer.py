"""Downloading files: as chunks, into memory, and to disk."""

from __future__ import annotations

from contextlib import ExitStack, aclosing, asynccontextmanager
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING

import httpx
from replicate_api.client import AsyncClient

from replicate_ext._files.data_uris import data_content, slices
from replicate_ext._files.download import Download, FileChangedError
from replicate_ext._files.free_names import FreeName, free_names
from replicate_ext._files.memory import Memory
from replicate_ext._files.partial_file import is_directory, partial_file, refuse_existing
from replicate_ext._http.async_response_body import async_body_chunks, async_error_response
from replicate_ext._http.generators import AsyncClosing
from replicate_ext._redaction import without_traces
from replicate_ext.errors import APIConnectionError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

    from replicate_ext._files.remote_file import RemoteFile
    from replicate_ext._http.settings import Clock
    from replicate_ext.types import OnTransfer

_WRITE_SIZE = 1 << 16
"""Bytes that are gathered before they are written."""
_SPOOL_SIZE = 8 << 20
"""Bytes of an open file that are kept in memory."""
_TRIES = (False, False, True)
"""Attempts to download a file that changes during the download; True marks the last attempt."""


class AsyncTransfer:
    """Downloads one file.

    Args:
        file: The file.
        on_progress: Called with the number of bytes received so far and the total number of bytes.
    """

    def __init__(self, file: RemoteFile, on_progress: OnTransfer | None = None) -> None:
        self._file = file
        self._on_progress = on_progress

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """Yield the content in chunks."""
        file = self._file
        if file.is_data:
            for chunk in slices(data_content(file.url)):
                yield chunk
            return
        file.download = Download(file.url, file.max_resumes)
        # Closing a generator does not close the generators that it iterates over.
        async with (
            self._client() as client,
            aclosing(async_fetch(client, file.download, file.clock)) as chunks,
        ):
            async for chunk in chunks:
                yield chunk

    async def read(self) -> bytes:
        """Return the content.

        Raises:
            APIError: The file is larger than its ``max_download_size``.
        """
        file = self._file
        if file.is_data:
            return data_content(file.url)
        memory = Memory(file.max_download_size, file.url, lambda: file.size)

        async def write(chunks: list[bytes]) -> None:
            for chunk in chunks:
                memory.write(chunk)

        await self._fill(memory, write)
        return memory.getvalue()

    async def open(self) -> IO[bytes]:
        """Return the content as a temporary file, which is deleted when it is closed."""
        with ExitStack() as cleanup:
            file = cleanup.enter_context(SpooledTemporaryFile(_SPOOL_SIZE))
            await self._fill(file, _async_writer(file))
            file.seek(0)
            cleanup.pop_all()
        return file

    async def save(self, path: str | Path, *, overwrite: bool) -> Path:
        """Save the file and return its path.

        Args:
            path: A file, or a directory in which the file gets its own name, or the next free one.
            overwrite: Whether an existing file is replaced.
        """
        from anyio import to_thread

        if await to_thread.run_sync(is_directory, path):
            [name] = await to_thread.run_sync(free_names, Path(path), [self._file.name])
            return await self.save_as(name)
        target = Path(path)
        if not overwrite:
            await to_thread.run_sync(refuse_existing, target)
        with partial_file(target.parent) as part:
            await self._fill(part.file, _async_writer(part.file))
            return part.move(target, overwrite=overwrite)

    async def save_as(self, name: FreeName) -> Path:
        """Save the file under a free name and return its path.

        Args:
            name: The name. If it has no ending, the file gets one for its media type.
        """
        with partial_file(name.directory) as part:
            await self._fill(part.file, _async_writer(part.file))
            return part.move_to_free(name.paths(self._file.ending))

    async def _fill(
        self, file: IO[bytes], write: Callable[[list[bytes]], Awaitable[object]]
    ) -> None:
        """Write the whole content; start again if the file changes meanwhile."""
        for is_last in _TRIES:
            try:
                await self._copy(write)
            except FileChangedError:
                if is_last:
                    raise
                file.seek(0)
                file.truncate()
            else:
                return

    async def _copy(self, write: Callable[[list[bytes]], Awaitable[object]]) -> None:
        gathered: list[bytes] = []
        size = received = 0
        async with aclosing(self.chunks()) as chunks:
            async for chunk in chunks:
                gathered.append(chunk)
                size += len(chunk)
                received += len(chunk)
                self._report(received, self._file.announced_size)
                if size >= _WRITE_SIZE:
                    await write(gathered)
                    gathered, size = [], 0
        await write(gathered)
        self._report(received, received)

    def _report(self, received: int, size: int | None) -> None:
        if self._on_progress is not None:
            self._on_progress(received, size)

    @asynccontextmanager
    async def _client(self) -> AsyncGenerator[httpx.AsyncClient]:
        if isinstance(self._file.download_client, AsyncClient):
            yield self._file.download_client.get_async_httpx_client()
            return
        async with httpx.AsyncClient() as client:
            yield client


def _async_writer(file: IO[bytes]) -> Callable[[list[bytes]], Awaitable[object]]:
    from anyio import to_thread

    async def write(chunks: list[bytes]) -> None:
        await to_thread.run_sync(file.writelines, chunks)

    return write


async def async_fetch(
    client: httpx.AsyncClient, download: Download, clock: Clock
) -> AsyncGenerator[bytes, None]:
    """Yield the bytes of a file; an interrupted download resumes at the same place.

    Args:
        client: Sends the requests.
        download: The download, not started yet.
        clock: Source of time and random numbers.

    Raises:
        APIError: The file cannot be downloaded.
    """
    while True:
        try:
            async with client.stream(
                "GET", download.url, headers=download.headers(), follow_redirects=True
            ) as response:
                outcome: httpx.Response | httpx.TransportError
                if download.accepts(response):
                    async with AsyncClosing(async_body_chunks(response)) as chunks:
                        async for chunk in chunks:
                            yield download.take(chunk, response)
                    if download.is_complete():
                        return
                    outcome = httpx.ReadError(
                        "the response ended before its announced length", request=response.request
                    )
                else:
                    outcome = await async_error_response(response)
        except httpx.TransportError as error:
            outcome = error
        except httpx.RequestError as error:  # endless redirects, corrupt bodies
            raise APIConnectionError(str(error), error.request) from without_traces(error)
        await clock.async_sleep(download.delay(clock, outcome))
