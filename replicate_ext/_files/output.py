"""Files in outputs: finding their URLs, and the object that downloads them."""

from __future__ import annotations

import re
from typing import IO, TYPE_CHECKING, Any

import httpx

from replicate_ext._defaults import MAX_DOWNLOAD_SIZE
from replicate_ext._files.async_transfer import AsyncTransfer
from replicate_ext._files.data_uris import is_data_uri
from replicate_ext._files.json_values import mapped
from replicate_ext._files.memory import PieceReader
from replicate_ext._files.remote_file import RemoteFile
from replicate_ext._files.transfer import Transfer
from replicate_ext._http.settings import Clock

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator
    from pathlib import Path

    from replicate_api.client import AsyncClient, SyncClient

_WEB_URL = re.compile(
    r"https?://([^\s/?#@]*@)?([\w-]+(\.[\w-]+)*\.?|\[[0-9a-f:.]+\])(:\d{1,5})?([/?#]\S*)?",
    re.IGNORECASE,
)
_LONGEST_REPR = 120
"""Characters of a URL in a repr; a data URI can have millions."""


def with_files(
    output: Any,
    download_client: SyncClient | AsyncClient | None,
    clock: Clock,
    max_download_size: int = MAX_DOWNLOAD_SIZE,
) -> Any:
    """Return an output with a FileOutput in place of each file URL, at any depth.

    Args:
        output: Output of a model, as JSON.
        download_client: Client to download the files with.
        clock: Source of time and random numbers.
        max_download_size: Limit for reading a file into memory, in bytes.
    """

    def with_file(leaf: Any) -> Any:
        is_file = isinstance(leaf, str) and is_file_url(leaf)
        return FileOutput(leaf, download_client, clock, max_download_size) if is_file else leaf

    return mapped(output, with_file)


def is_file_url(text: str) -> bool:
    """Return whether a text is an http(s) URL or a data URI.

    Args:
        text: Any text. A text that only begins with a URL does not count.
    """
    if text[:5].lower() == "data:":
        return is_data_uri(text)
    if _WEB_URL.fullmatch(text) is None:
        return False
    try:
        return bool(httpx.URL(text).host)
    except (httpx.InvalidURL, ValueError):  # idna raises ValueError
        return False


class FileOutput:
    """A file that a model made. Nothing is downloaded until it is read.

    Args:
        url: The http(s) URL of the file, or a data URI.
        download_client: Client to download with; None creates a client for each download.
        clock: Source of time and random numbers.
        max_download_size: Limit of ``read`` and ``aread``, in bytes.
    """

    def __init__(
        self,
        url: str,
        download_client: SyncClient | AsyncClient | None = None,
        clock: Clock = Clock(),  # noqa: B008 - it is immutable
        max_download_size: int = MAX_DOWNLOAD_SIZE,
    ) -> None:
        self.url = url
        self._remote = RemoteFile(url, download_client, clock, max_download_size)
        self._reader: PieceReader | None = None

    def __str__(self) -> str:
        return self.url

    def __repr__(self) -> str:
        is_short = len(self.url) <= _LONGEST_REPR
        url = self.url if is_short else f"{self.url[: _LONGEST_REPR - 3]}..."
        return f"FileOutput({url!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FileOutput) and other.url == self.url

    def __hash__(self) -> int:
        return hash(self.url)

    def __reduce__(self) -> tuple[type[FileOutput], tuple[str]]:
        return type(self), (self.url,)

    @property
    def name(self) -> str:
        """File name from the URL; ``output`` for a data URI.

        A name without an ending gets one as soon as the server has sent the media type.
        """
        return self._remote.name

    @property
    def content_type(self) -> str | None:
        """Media type from the server's response; before a response, guessed from the name."""
        return self._remote.content_type

    @property
    def size(self) -> int | None:
        """Size in bytes; None until the server has announced it."""
        return self._remote.size

    def read(self, size: int | None = -1) -> bytes:
        """Download the file and return all of its bytes, or the next ones.

        Args:
            size: Number of bytes to return, from where the previous read with a size ended;
                ``b""`` at the end of the file. Default: the whole file, from its start.

        Raises:
            NotFoundError: The file does not exist; the API deletes outputs after an hour.
            APIConnectionError: The download was interrupted and could not be resumed.
            APIError: The whole file is larger than the client's max_download_size.
        """
        if size is None or size < 0:
            return Transfer(self._remote).read()
        if self._reader is None:
            self._reader = PieceReader(iter(self), self.url)
        return self._reader.read(size)

    async def aread(self) -> bytes:
        """Download the file and return its bytes.

        Raises:
            NotFoundError: The file does not exist; the API deletes outputs after an hour.
            APIConnectionError: The download was interrupted and could not be resumed.
            APIError: The file is larger than the client's max_download_size.
        """
        return await AsyncTransfer(self._remote).read()

    def open(self) -> IO[bytes]:
        """Download the file and return it as an open binary file that supports ``seek``.

        Use it in a ``with`` statement. Up to 8 MB are kept in memory, and the rest in a temporary
        file.

        Raises:
            NotFoundError: The file does not exist; the API deletes outputs after an hour.
            APIConnectionError: The download was interrupted and could not be resumed.
        """
        return Transfer(self._remote).open()

    async def aopen(self) -> IO[bytes]:
        """Download the file and return it open for reading, as a regular binary file.

        Use it as ``with await output.aopen() as file``.

        Raises:
            NotFoundError: The file does not exist; the API deletes outputs after an hour.
            APIConnectionError: The download was interrupted and could not be resumed.
        """
        return await AsyncTransfer(self._remote).open()

    def __iter__(self) -> Generator[bytes, None, None]:  # noqa: PYI058 - it can be closed
        return Transfer(self._remote).chunks()

    def __aiter__(self) -> AsyncGenerator[bytes, None]:  # noqa: PYI058 - it can be closed
        return AsyncTransfer(self._remote).chunks()

    def save(self, path: str | Path = ".", *, overwrite: bool = True) -> Path:
        """Download the file to disk and return its path.

        The file appears at that path only when it is complete.

        Args:
            path: A file, which is replaced if it exists; or a directory, in which the file gets its
                own name, or the next free one (``out-1.png`` if ``out.png`` exists).
            overwrite: False to raise an error before the download if the path is an existing file.

        Raises:
            FileExistsError: The file exists and ``overwrite`` is False.
            NotFoundError: The file does not exist; the API deletes outputs after an hour.
            APIConnectionError: The download was interrupted and could not be resumed.
        """
        return Transfer(self._remote).save(path, overwrite=overwrite)

    async def asave(self, path: str | Path = ".", *, overwrite: bool = True) -> Path:
        """Download the file to disk and return its path.

        The file appears at that path only when it is complete.

        Args:
            path: A file, which is replaced if it exists; or a directory, in which the file gets its
                own name, or the next free one (``out-1.png`` if ``out.png`` exists).
            overwrite: False to raise an error before the download if the path is an existing file.

        Raises:
            FileExistsError: The file exists and ``overwrite`` is False.
            NotFoundError: The file does not exist; the API deletes outputs after an hour.
            APIConnectionError: The download was interrupted and could not be resumed.
        """
        return await AsyncTransfer(self._remote).save(path, overwrite=overwrite)

    def _repr_html_(self) -> str | None:
        """Show images, sound and video in a notebook."""
        from replicate_ext._files.notebook import html_of

        return html_of(self._remote)
