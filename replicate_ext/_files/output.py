"""Outputs: the URLs in them that are files, and what can be done with those."""

from __future__ import annotations

import mimetypes
import re
from contextlib import ExitStack, aclosing, asynccontextmanager, contextmanager
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, Any

import httpx
from replicate_api.client import AsyncClient, SyncClient

from replicate_ext._files import media_types
from replicate_ext._files.data_uris import data_content, data_type, is_data_uri, slices
from replicate_ext._files.downloads import Download, FileChangedError, async_iterate, iterate
from replicate_ext._files.memory import Memory, PieceReader
from replicate_ext._files.saving import (
    has_ending,
    is_directory,
    name_from_url,
    refuse_existing,
    written_whole,
)
from replicate_ext._files.trees import mapped
from replicate_ext._http.settings import MAX_DOWNLOAD_SIZE, Clock

if TYPE_CHECKING:
    from collections.abc import (
        AsyncGenerator,
        AsyncIterator,
        Awaitable,
        Callable,
        Generator,
        Iterator,
    )


_WEB_URL = re.compile(
    r"https?://([^\s/?#@]*@)?([\w-]+(\.[\w-]+)*\.?|\[[0-9a-f:.]+\])(:\d{1,5})?([/?#]\S*)?",
    re.IGNORECASE,
)
_WRITE_SIZE = 1 << 18
"""Bytes that async code gathers before a thread writes them."""
_SPOOL_SIZE = 8 << 20
_TRIES = (False, False, True)
"""Whether a try to download a file that changes on the way is the last one."""
_NAMED_ENDING = re.compile(
    r'filename\*?\s*=\s*(?:"[^"]*?|[^";]*?)(\.[a-z0-9]{1,10})"?\s*(?:;|$)', re.IGNORECASE
)
_ELEMENTS = {
    "image": '<img src="{url}" style="max-width: 100%">',
    "audio": '<audio controls src="{url}"></audio>',
    "video": '<video controls src="{url}" style="max-width: 100%"></video>',
}


def with_files(
    output: Any,
    lender: SyncClient | AsyncClient | None,
    clock: Clock,
    max_download_size: int = MAX_DOWNLOAD_SIZE,
) -> Any:
    """Return an output with every file URL in it, however deep, as a FileOutput.

    Args:
        output: What a model returned.
        lender: The client that the files are downloaded with.
        clock: Time and chance.
        max_download_size: Bytes that are read into memory at most.
    """

    def with_file(leaf: Any) -> Any:
        is_file = isinstance(leaf, str) and is_file_url(leaf)
        return FileOutput(leaf, lender, clock, max_download_size) if is_file else leaf

    return mapped(output, with_file)


def is_file_url(text: str) -> bool:
    """Say whether a text is, as a whole, an http(s) URL or a data URI.

    Args:
        text: Any text; one that only starts like a URL is none.
    """
    if text[:5].lower() == "data:":
        return is_data_uri(text)
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
        max_download_size: Bytes that ``read`` and ``aread`` take into memory at most.
    """

    def __init__(
        self,
        url: str,
        lender: SyncClient | AsyncClient | None = None,
        clock: Clock = Clock(),  # noqa: B008 - it is immutable
        max_download_size: int = MAX_DOWNLOAD_SIZE,
    ) -> None:
        self.url = url
        self._lender = lender
        self._clock = clock
        self._max_size = max_download_size
        self._seen: Download | None = None
        self._reader: PieceReader | None = None

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
        """A file name from the URL. Where that has no ending, the media type's, once it is known.

        For a data URI it is ``output`` with the ending of its media type.
        """
        name = "output" if self._is_data else name_from_url(self.url)
        return name if has_ending(name) else name + self._ending

    @property
    def _ending(self) -> str:
        if self._is_data:
            return media_types.ending_of(self.content_type or "")
        if self._seen is None:
            return ""
        named = _NAMED_ENDING.search(self._seen.disposition or "")
        kind = media_types.essence(self._seen.content_type)
        return named[1].lower() if named else media_types.ending_of(kind or "")

    @property
    def content_type(self) -> str | None:
        """The media type: as the server says once it answered, before that as the name suggests."""
        if self._is_data:
            return data_type(self.url)
        if self._seen is not None and self._seen.content_type:
            return self._seen.content_type
        return mimetypes.guess_type(name_from_url(self.url))[0]

    @property
    def size(self) -> int | None:
        """The size in bytes; None until the server has said it."""
        if self._is_data:
            return len(data_content(self.url))
        return None if self._seen is None else self._seen.size

    def read(self, size: int | None = -1) -> bytes:
        """Download the file and return its bytes, all of them or the next ones.

        Args:
            size: By default the whole file is returned, whatever was read before. A number returns
                that many bytes, from where the last such read ended, and ``b""`` at the end.

        Raises:
            NotFoundError: It is gone; the API deletes outputs after an hour.
            APIConnectionError: The download broke off and would not go on.
            APIError: The whole file is larger than the client's max_download_size.
        """
        if size is not None and size >= 0:
            if self._reader is None:
                self._reader = PieceReader(iter(self), self.url)
            return self._reader.read(size)
        if self._is_data:
            return data_content(self.url)
        memory = Memory(self._max_size, self.url, lambda: self.size)
        self._fill(memory)
        return memory.getvalue()

    async def aread(self) -> bytes:
        """Download the file and return its bytes, awaiting them.

        Raises:
            NotFoundError: It is gone; the API deletes outputs after an hour.
            APIConnectionError: The download broke off and would not go on.
            APIError: The file is larger than the client's max_download_size.
        """
        if self._is_data:
            return data_content(self.url)
        memory = Memory(self._max_size, self.url, lambda: self.size)

        async def write(content: bytes) -> None:
            memory.write(content)

        await self._afill(memory, write)
        return memory.getvalue()

    def open(self) -> IO[bytes]:
        """Download the file and return it open for reading: a binary file that can seek.

        It is a context manager. Closing it deletes it; up to 8 MB are kept in memory, more on disk.

        Raises:
            NotFoundError: It is gone; the API deletes outputs after an hour.
            APIConnectionError: The download broke off and would not go on.
        """
        with ExitStack() as cleanup:
            file = cleanup.enter_context(SpooledTemporaryFile(_SPOOL_SIZE))
            self._fill(file)
            file.seek(0)
            cleanup.pop_all()
        return file

    async def aopen(self) -> IO[bytes]:
        """Download the file and return it open for reading, as a regular binary file.

        Use it as ``with await output.aopen() as file``.

        Raises:
            NotFoundError: It is gone; the API deletes outputs after an hour.
            APIConnectionError: The download broke off and would not go on.
        """
        with ExitStack() as cleanup:
            file = cleanup.enter_context(SpooledTemporaryFile(_SPOOL_SIZE))
            await self._afill(file, _in_a_thread(file))
            file.seek(0)
            cleanup.pop_all()
        return file

    def __iter__(self) -> Generator[bytes, None, None]:
        if self._is_data:
            yield from slices(data_content(self.url))
            return
        self._seen = Download(self.url)
        with self._client() as client:
            yield from iterate(client, self._seen, self._clock)

    async def __aiter__(self) -> AsyncGenerator[bytes, None]:
        if self._is_data:
            for chunk in slices(data_content(self.url)):
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
        into = is_directory(path)
        target = Path(path) / self.name if into else Path(path)
        return self._save(target, overwrite=overwrite, completes=into)

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

        into = await to_thread.run_sync(is_directory, path)
        target = Path(path) / self.name if into else Path(path)
        return await self._asave(target, overwrite=overwrite, completes=into)

    def _save(self, target: Path, *, overwrite: bool, completes: bool) -> Path:
        """Save to a file, whose name gets an ending if it ``completes`` and lacks one."""
        completes = completes and not has_ending(target.name)
        if not (overwrite or completes):
            refuse_existing(target)
        with written_whole(target, overwrite=overwrite) as part:
            self._fill(part.file)
            if completes:
                part.target = target.with_name(target.name + self._ending)
        return part.target

    async def _asave(self, target: Path, *, overwrite: bool, completes: bool) -> Path:
        from anyio import to_thread

        completes = completes and not has_ending(target.name)
        if not (overwrite or completes):
            await to_thread.run_sync(refuse_existing, target)
        with written_whole(target, overwrite=overwrite) as part:
            await self._afill(part.file, _in_a_thread(part.file))
            if completes:
                part.target = target.with_name(target.name + self._ending)
        return part.target

    def _fill(self, file: IO[bytes]) -> None:
        """Write the whole file, again from its start where it changes on the way."""
        for is_last in _TRIES:
            try:
                for chunk in self:
                    file.write(chunk)
            except FileChangedError:
                if is_last:
                    raise
                _empty(file)
            else:
                return

    async def _afill(self, file: IO[bytes], write: Callable[[bytes], Awaitable[object]]) -> None:
        for is_last in _TRIES:
            try:
                await self._copy(write)
            except FileChangedError:
                if is_last:
                    raise
                _empty(file)
            else:
                return

    async def _copy(self, write: Callable[[bytes], Awaitable[object]]) -> None:
        gathered: list[bytes] = []
        size = 0
        async with aclosing(self.__aiter__()) as chunks:
            async for chunk in chunks:
                gathered.append(chunk)
                size += len(chunk)
                if size >= _WRITE_SIZE:
                    await write(b"".join(gathered))
                    gathered, size = [], 0
        await write(b"".join(gathered))

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


def _empty(file: IO[bytes]) -> None:
    file.seek(0)
    file.truncate()


def _in_a_thread(file: IO[bytes]) -> Callable[[bytes], Awaitable[object]]:
    from anyio import to_thread

    return lambda content: to_thread.run_sync(file.write, content)
