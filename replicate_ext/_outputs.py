"""Outputs: the URLs in them that are files, and what can be done with those."""

from __future__ import annotations

import base64
import binascii
import mimetypes
import re
from contextlib import aclosing, asynccontextmanager, contextmanager
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

import httpx
from replicate_api.client import AsyncClient, SyncClient

from replicate_ext import _media_types
from replicate_ext._downloads import Download, async_iterate, iterate
from replicate_ext._saving import name_from_url, target_of, written_whole
from replicate_ext._send import Clock
from replicate_ext._trees import mapped

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator
    from pathlib import Path

_WEB_URL = re.compile(
    r"https?://([^\s/?#@]*@)?([\w-]+(\.[\w-]+)*\.?|\[[0-9a-f:.]+\])(:\d{1,5})?([/?#]\S*)?",
    re.IGNORECASE,
)
# https://www.rfc-editor.org/rfc/rfc2397#section-3
_DATA_URI = re.compile(
    r"data:(?P<type>([\w.+-]+/[\w.+-]+)?)(;[\w.+-]+=[^\s;,]*)*(?P<base64>;base64)?,(?P<data>\S*)",
    re.IGNORECASE,
)
_CHUNK = 1 << 16
_WRITE_SIZE = 1 << 18
"""Bytes that async code gathers before a thread writes them."""
_ELEMENTS = {
    "image": '<img src="{url}" style="max-width: 100%">',
    "audio": '<audio controls src="{url}"></audio>',
    "video": '<video controls src="{url}" style="max-width: 100%"></video>',
}


def with_files(output: Any, lender: SyncClient | AsyncClient | None, clock: Clock) -> Any:
    """Return an output with every file URL in it, however deep, as a FileOutput.

    Args:
        output: What a model returned.
        lender: The client that the files are downloaded with.
        clock: Time and chance.
    """

    def with_file(leaf: Any) -> Any:
        is_file = isinstance(leaf, str) and is_file_url(leaf)
        return FileOutput(leaf, lender, clock) if is_file else leaf

    return mapped(output, with_file)


def is_file_url(text: str) -> bool:
    """Say whether a text is, as a whole, an http(s) URL or a data URI.

    Args:
        text: Any text; one that only starts like a URL is none.
    """
    if text[:5].lower() == "data:":
        return _DATA_URI.fullmatch(text) is not None
    if _WEB_URL.fullmatch(text) is None:
        return False
    try:
        return bool(httpx.URL(text).host)
    except (httpx.InvalidURL, ValueError):  # what idna refuses is the latter
        return False


class FileOutput:
    """A file that a model made. Nothing is downloaded until it is read.

    Args:
        url: Where the file is: an http(s) URL or a data URI.
        lender: The client to download with; None uses one for each download.
        clock: Time and chance.
    """

    def __init__(
        self,
        url: str,
        lender: SyncClient | AsyncClient | None = None,
        clock: Clock = Clock(),  # noqa: B008 - it is immutable
    ) -> None:
        self.url = url
        self._lender = lender
        self._clock = clock
        self._seen: Download | None = None

    def __str__(self) -> str:
        return self.url

    def __repr__(self) -> str:
        return f"FileOutput({self.url[:100]!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FileOutput) and other.url == self.url

    def __hash__(self) -> int:
        return hash(self.url)

    def __reduce__(self) -> tuple[type[FileOutput], tuple[str]]:
        return type(self), (self.url,)

    @property
    def name(self) -> str:
        """A file name, from the URL; for a data URI one with the ending of its media type."""
        if not self._is_data:
            return name_from_url(self.url)
        return f"output{mimetypes.guess_extension(self.content_type or '') or ''}"

    @property
    def content_type(self) -> str | None:
        """The media type: as the server says once it answered, before that as the name suggests."""
        if self._is_data:
            return _data_type(self.url)
        if self._seen is not None and self._seen.content_type:
            return self._seen.content_type
        return mimetypes.guess_type(name_from_url(self.url))[0]

    @property
    def size(self) -> int | None:
        """The size in bytes; None until the server has said it."""
        if self._is_data:
            return len(_data_content(self.url))
        return None if self._seen is None else self._seen.size

    def read(self) -> bytes:
        """Download the file and return its bytes.

        Raises:
            NotFoundError: It is gone; the API deletes outputs after an hour.
            APIConnectionError: The download broke off and would not go on.
        """
        return b"".join(self)

    async def aread(self) -> bytes:
        """Download the file and return its bytes, awaiting them.

        Raises:
            NotFoundError: It is gone; the API deletes outputs after an hour.
            APIConnectionError: The download broke off and would not go on.
        """
        async with aclosing(self.__aiter__()) as chunks:
            return b"".join([chunk async for chunk in chunks])

    def __iter__(self) -> Generator[bytes, None, None]:
        if self._is_data:
            yield from _slices(_data_content(self.url))
            return
        self._seen = Download(self.url)
        with self._client() as client:
            yield from iterate(client, self._seen, self._clock)

    async def __aiter__(self) -> AsyncGenerator[bytes, None]:
        if self._is_data:
            for chunk in _slices(_data_content(self.url)):
                yield chunk
            return
        self._seen = Download(self.url)
        # Closing the outer generator does not close an inner one.
        async with (
            self._async_client() as client,
            aclosing(async_iterate(client, self._seen, self._clock)) as chunks,
        ):
            async for chunk in chunks:
                yield chunk

    def save(self, path: str | Path = ".", *, overwrite: bool = False) -> Path:
        """Download the file to disk and return its path. It appears there when it is whole.

        Args:
            path: A file, or a directory that gets it under its own name.
            overwrite: Whether an existing file is replaced.

        Raises:
            FileExistsError: The file exists and may not be replaced.
            NotFoundError: It is gone; the API deletes outputs after an hour.
            APIConnectionError: The download broke off and would not go on.
        """
        target = target_of(path, self.name, overwrite=overwrite)
        with written_whole(target, overwrite=overwrite) as file:
            for chunk in self:
                file.write(chunk)
        return target

    async def asave(self, path: str | Path = ".", *, overwrite: bool = False) -> Path:
        """Download the file to disk and return its path. It appears there when it is whole.

        Args:
            path: A file, or a directory that gets it under its own name.
            overwrite: Whether an existing file is replaced.

        Raises:
            FileExistsError: The file exists and may not be replaced.
            NotFoundError: It is gone; the API deletes outputs after an hour.
            APIConnectionError: The download broke off and would not go on.
        """
        from anyio import to_thread

        target = await to_thread.run_sync(lambda: target_of(path, self.name, overwrite=overwrite))
        with written_whole(target, overwrite=overwrite) as file:
            await self._write(file)
        return target

    async def _write(self, file: IO[bytes]) -> None:
        from anyio import to_thread

        gathered: list[bytes] = []
        size = 0
        async with aclosing(self.__aiter__()) as chunks:
            async for chunk in chunks:
                gathered.append(chunk)
                size += len(chunk)
                if size >= _WRITE_SIZE:
                    await to_thread.run_sync(file.write, b"".join(gathered))
                    gathered, size = [], 0
        await to_thread.run_sync(file.write, b"".join(gathered))

    def _repr_html_(self) -> str | None:
        """Show pictures, sound and video in a notebook, which loads them by their URL."""
        import html

        kind = (self.content_type or "").partition("/")[0]
        element = _ELEMENTS.get(kind)
        return None if element is None else element.format(url=html.escape(self.url))

    @property
    def _is_data(self) -> bool:
        return self.url[:5].lower() == "data:"

    @contextmanager
    def _client(self) -> Iterator[httpx.Client]:
        if isinstance(self._lender, SyncClient):
            yield self._lender.get_httpx_client()
            return
        with httpx.Client() as client:
            yield client

    @asynccontextmanager
    async def _async_client(self) -> AsyncIterator[httpx.AsyncClient]:
        if isinstance(self._lender, AsyncClient):
            yield self._lender.get_async_httpx_client()
            return
        async with httpx.AsyncClient() as client:
            yield client


def _slices(content: bytes) -> Iterator[bytes]:
    return (content[start : start + _CHUNK] for start in range(0, len(content), _CHUNK))


def _data_type(uri: str) -> str:
    match = _DATA_URI.fullmatch(uri)
    declared = match["type"].partition(";")[0] if match else ""
    # https://www.rfc-editor.org/rfc/rfc2397#section-3
    return declared or ("text/plain" if match else _media_types.UNKNOWN)


def _data_content(uri: str) -> bytes:
    match = _DATA_URI.fullmatch(uri)
    if match is None:
        raise ValueError(f"not a data URI: {uri[:60]!r}")
    data = unquote_to_bytes(match["data"])
    if not match["base64"]:
        return data
    try:
        return base64.b64decode(data + b"=" * (-len(data) % 4), validate=True)
    except binascii.Error as error:
        raise ValueError(f"the data URI {uri[:60]!r} is broken: {error}") from error
