"""Convert the JSON of an input to the arguments of a function: URLs become files."""

import io
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from pathlib import Path
from tempfile import mkdtemp
from typing import cast, get_args
from urllib.parse import unquote, urlsplit
from urllib.request import DataHandler, Request

import httpx
from anyio import open_file, to_thread
from PIL import Image

from replicate_ext.sandbox._http.loopback import is_loopback
from replicate_ext.sandbox._models.file import File
from replicate_ext.sandbox._models.signature import bare
from replicate_ext.sandbox._runs.storage import Storage


class Inputs:
    """Opens the files in inputs.

    Args:
        folder: folder for files that the server does not have yet.
        storage: limits the disk space of files.
        finders: each returns the server's own file for a URL, or None.
        max_size: largest file in bytes that is downloaded.
    """

    def __init__(
        self,
        folder: Path,
        storage: Storage,
        finders: Iterable[Callable[[str], File | None]],
        *,
        max_size: int,
    ) -> None:
        self._folder = folder
        self._storage = storage
        self._max_size = max_size
        self._finders = tuple(finders)

    async def arguments(
        self, types: Mapping[str, object], values: Mapping[str, object]
    ) -> dict[str, object]:
        """Return the keyword arguments of a function; values without a parameter are left out.

        Args:
            types: type of each parameter.
            values: input of the prediction.

        Raises:
            ValueError: the sandbox does not open the URL of a file.
            httpx.HTTPError: a file could not be downloaded.
        """
        return {
            name: await self._convert(types[name], value)
            for name, value in values.items()
            if name in types
        }

    async def _convert(self, hint: object, value: object) -> object:
        hint = bare(hint)
        is_wrapped = isinstance(hint, type) and (
            issubclass(hint, Enum) or hint.__name__ == "Secret"
        )
        if is_wrapped and value is not None:
            return cast("Callable[[object], object]", hint)(value)
        if hint is int and isinstance(value, float):
            return int(value)  # the schema allows 1.0 as an integer
        read = _reader(hint)
        if read is not None and isinstance(value, str):
            return await to_thread.run_sync(read, await self._open(value))
        if get_args(hint) and isinstance(value, list):
            items = cast("list[object]", value)
            return [await self._convert(get_args(hint)[0], item) for item in items]
        return value

    async def _open(self, url: str) -> File:
        for find in self._finders:
            file = find(url)
            if file is not None:
                return file
        folder = Path(mkdtemp(dir=self._folder))
        if urlsplit(url).scheme == "data":
            file = await to_thread.run_sync(_decode, url, folder)
        else:
            file = await _download(url, folder, self._max_size)
        self._storage.keep(file.path)
        return file


def _picture(file: File) -> Image.Image:
    with Image.open(file.path) as picture:
        picture.load()
    return picture


def _reader(hint: object) -> Callable[[File], object] | None:
    if isinstance(hint, type) and hint not in _READERS:
        if issubclass(hint, Path):  # such as cog.Path
            return lambda file: hint(file.path)
        if issubclass(hint, io.IOBase):
            return lambda file: io.BytesIO(file.path.read_bytes())
    return _READERS.get(hint)


# How to read a file for each type of parameter. A hint may be any object.
_READERS: Mapping[object, Callable[[File], object]] = {
    File: lambda file: file,
    Image.Image: _picture,
    Path: lambda file: file.path,
    bytes: lambda file: file.path.read_bytes(),
}


def _decode(url: str, folder: Path) -> File:
    try:
        with DataHandler().data_open(Request(url)) as response:  # noqa: S310 - only data URIs
            file = File(folder / "file", content_type=response.headers.get_content_type())
            file.path.write_bytes(response.read())
    except ValueError as error:
        raise ValueError(f"invalid data URI: {error}") from error
    return file


async def _download(url: str, folder: Path, max_size: int) -> File:
    host = urlsplit(url).hostname or ""
    if not is_loopback(host):
        raise ValueError(
            f"cannot open a file on {host!r}: the sandbox opens only files on this machine"
        )
    name = File(Path(unquote(urlsplit(url).path))).name
    async with (
        httpx.AsyncClient(trust_env=False) as client,
        client.stream("GET", url) as response,
        await open_file(folder / name, "wb") as target,
    ):
        response.raise_for_status()
        size = 0
        async for chunk in response.aiter_bytes():
            size += len(chunk)
            if size > max_size:
                raise ValueError(f"the file at {url} is larger than {max_size} bytes")
            await target.write(chunk)
    return File(folder / name, content_type=response.headers.get("content-type", ""))
