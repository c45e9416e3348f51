# Printed from async_transfer.py by `make generate`; changes made here are lost.
"""Downloading files: as chunks, into memory, and to disk."""

from __future__ import annotations

from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING

import httpx
from replicate_api.client import SyncClient

from replicate_ext._files.data_uris import data_content, slices
from replicate_ext._files.download import Download, FileChangedError
from replicate_ext._files.free_names import FreeName, free_names
from replicate_ext._files.memory import Memory
from replicate_ext._files.partial_file import is_directory, partial_file, refuse_existing
from replicate_ext._http.generators import Closing
from replicate_ext._http.response_body import body_chunks, error_response
from replicate_ext._redaction import without_traces
from replicate_ext.errors import APIConnectionError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from replicate_ext._files.remote_file import RemoteFile
    from replicate_ext._http.settings import Clock
    from replicate_ext.types import OnTransfer

_WRITE_SIZE = 1 << 16
"""Bytes that are gathered before they are written."""
_SPOOL_SIZE = 8 << 20
"""Bytes of an open file that are kept in memory."""
_TRIES = (False, False, True)
"""Attempts to download a file that changes during the download; True marks the last attempt."""


class Transfer:
    """Downloads one file.

    Args:
        file: The file.
        on_progress: Called with the number of bytes received so far and the total number of bytes.
    """

    def __init__(self, file: RemoteFile, on_progress: OnTransfer | None = None) -> None:
        self._file = file
        self._on_progress = on_progress

    def chunks(self) -> Generator[bytes, None]:
        """Yield the content in chunks."""
        file = self._file
        if file.is_data:
            for chunk in slices(data_content(file.url)):
                yield chunk
            return
        file.download = Download(file.url, file.max_resumes)
        # Closing a generator does not close the generators that it iterates over.
        with (
            self._client() as client,
            closing(fetch(client, file.download, file.clock)) as chunks,
        ):
            for chunk in chunks:
                yield chunk

    def read(self) -> bytes:
        """Return the content.

        Raises:
            APIError: The file is larger than its ``max_download_size``.
        """
        file = self._file
        if file.is_data:
            return data_content(file.url)
        memory = Memory(file.max_download_size, file.url, lambda: file.size)

        def write(chunks: list[bytes]) -> None:
            for chunk in chunks:
                memory.write(chunk)

        self._fill(memory, write)
        return memory.getvalue()

    def open(self) -> IO[bytes]:
        """Return the content as a temporary file, which is deleted when it is closed."""
        with ExitStack() as cleanup:
            file = cleanup.enter_context(SpooledTemporaryFile(_SPOOL_SIZE))
            self._fill(file, _writer(file))
            file.seek(0)
            cleanup.pop_all()
        return file

    def save(self, path: str | Path, *, overwrite: bool) -> Path:
        """Save the file and return its path.

        Args:
            path: A file, or a directory in which the file gets its own name, or the next free one.
            overwrite: Whether an existing file is replaced.
        """
        if is_directory(path):
            [name] = free_names(Path(path), [self._file.name])
            return self.save_as(name)
        target = Path(path)
        if not overwrite:
            refuse_existing(target)
        with partial_file(target.parent) as part:
            self._fill(part.file, _writer(part.file))
            return part.move(target, overwrite=overwrite)

    def save_as(self, name: FreeName) -> Path:
        """Save the file under a free name and return its path.

        Args:
            name: The name. If it has no ending, the file gets one for its media type.
        """
        with partial_file(name.directory) as part:
            self._fill(part.file, _writer(part.file))
            return part.move_to_free(name.paths(self._file.ending))

    def _fill(self, file: IO[bytes], write: Callable[[list[bytes]], object]) -> None:
        """Write the whole content; start again if the file changes meanwhile."""
        for is_last in _TRIES:
            try:
                self._copy(write)
            except FileChangedError:
                if is_last:
                    raise
                file.seek(0)
                file.truncate()
            else:
                return

    def _copy(self, write: Callable[[list[bytes]], object]) -> None:
        gathered: list[bytes] = []
        size = received = 0
        with closing(self.chunks()) as chunks:
            for chunk in chunks:
                gathered.append(chunk)
                size += len(chunk)
                received += len(chunk)
                self._report(received, self._file.announced_size)
                if size >= _WRITE_SIZE:
                    write(gathered)
                    gathered, size = [], 0
        write(gathered)
        self._report(received, received)

    def _report(self, received: int, size: int | None) -> None:
        if self._on_progress is not None:
            self._on_progress(received, size)

    @contextmanager
    def _client(self) -> Generator[httpx.Client]:
        if isinstance(self._file.download_client, SyncClient):
            yield self._file.download_client.get_httpx_client()
            return
        with httpx.Client() as client:
            yield client


def _writer(file: IO[bytes]) -> Callable[[list[bytes]], object]:

    def write(chunks: list[bytes]) -> None:
        file.writelines(chunks)

    return write


def fetch(client: httpx.Client, download: Download, clock: Clock) -> Generator[bytes, None]:
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
            with client.stream(
                "GET", download.url, headers=download.headers(), follow_redirects=True
            ) as response:
                outcome: httpx.Response | httpx.TransportError
                if download.accepts(response):
                    with Closing(body_chunks(response)) as chunks:
                        for chunk in chunks:
                            yield download.take(chunk, response)
                    if download.is_complete():
                        return
                    outcome = httpx.ReadError(
                        "the response ended before its announced length", request=response.request
                    )
                else:
                    outcome = error_response(response)
        except httpx.TransportError as error:
            outcome = error
        except httpx.RequestError as error:  # endless redirects, corrupt bodies
            raise APIConnectionError(str(error), error.request) from without_traces(error)
        clock.sleep(download.delay(clock, outcome))
