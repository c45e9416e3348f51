"""Output files, served without a token like those on replicate.delivery."""

import io
import math
import secrets
import shutil
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import cast
from urllib.parse import quote, unquote

from PIL import Image, UnidentifiedImageError
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from replicate_ext.sandbox._http.clock import Clock
from replicate_ext.sandbox._http.timestamps import NANOSECONDS
from replicate_ext.sandbox._models.file import UNKNOWN_TYPE, File, digest
from replicate_ext.sandbox._runs.storage import Storage


@dataclass(frozen=True, slots=True)
class _Output:
    file: File
    md5: str
    expires_at: int


class Outputs:
    """The store of output files, with its routes; converts the output of models to JSON.

    Args:
        folder: empty folder for the files.
        origin: scheme, host and port of the server.
        storage: limits the disk space of files.
        clock: the time.
        seconds: seconds after which a file expires.
        as_data: whether files become data URIs instead of URLs.
    """

    def __init__(
        self,
        folder: Path,
        origin: str,
        storage: Storage,
        clock: Clock,
        *,
        seconds: float,
        as_data: bool,
    ) -> None:
        self._storage = storage
        self._folder = folder
        self._url = f"{origin}/outputs/"
        self._clock = clock
        self._as_data = as_data
        self._lifetime = int(seconds * NANOSECONDS)
        self._outputs: dict[str, _Output] = {}

    def encode(self, value: object) -> object:
        """Convert the output of a model to JSON; files are stored, and replaced by their URLs.

        This reads and writes files: call it in a thread.

        Raises:
            TypeError: a value is neither JSON nor a file.
            ValueError: a number is not finite.
        """
        match value:
            case None | bool() | int() | str():
                return value
            case float():
                if not math.isfinite(value):
                    raise ValueError(f"The model returned {value}, which is not valid JSON")
                return value
            case list() | tuple():
                return [self.encode(item) for item in cast("Iterable[object]", value)]
            case File() | Path() | bytes() | Image.Image():
                return self._store(value)
            case Enum():
                return self.encode(value.value)
            case _:
                return {str(name): self.encode(each) for name, each in _members(value)}

    def find(self, url: str) -> File | None:
        """Return the file with this URL, or None if there is none or it has expired."""
        if not url.startswith(self._url):
            return None
        key, _, name = url.removeprefix(self._url).partition("/")
        output = self._current(key, unquote(name))
        return None if output is None else output.file

    def expire(self) -> None:
        """Let all files expire; thread-safe."""
        self._outputs = {}

    def routes(self) -> list[BaseRoute]:
        """Return the routes, relative to the root of the server."""
        return [Route("/outputs/{key}/{name}", self._get)]

    def _store(self, value: File | Path | bytes | Image.Image) -> str:
        key = secrets.token_urlsafe(32)
        folder = self._folder / key
        folder.mkdir()
        match value:
            case File() | Path():
                source = value if isinstance(value, File) else File(value)
                file = File(folder / source.name, content_type=source.content_type)
                shutil.copyfile(source.path, file.path)
            case bytes():
                extension, content_type = _sniff(value)
                file = File(folder / f"output{extension}", content_type=content_type)
                file.path.write_bytes(value)
            case Image.Image():
                file = File(folder / "output.png")
                value.save(file.path)
        if self._as_data:
            content = b64encode(file.path.read_bytes()).decode()
            shutil.rmtree(folder)
            return f"data:{file.content_type};base64,{content}"
        expires_at = self._clock.now() + self._lifetime
        self._outputs[key] = _Output(file, digest(file.path, "md5"), expires_at)
        self._storage.keep(file.path, lambda: self._outputs.pop(key, None))
        return f"{self._url}{key}/{quote(file.name)}"

    def _current(self, key: str, name: str) -> _Output | None:
        output = self._outputs.get(key)
        if output is None or output.file.name != name or output.expires_at <= self._clock.now():
            return None
        return output

    async def _get(self, request: Request) -> Response:
        output = self._current(**request.path_params)
        if output is None:
            return PlainTextResponse("Not Found", 404)
        headers = {"etag": f'"{output.md5}"'}
        file = output.file
        return FileResponse(file.path, media_type=file.content_type, headers=headers)


def _members(value: object) -> Iterable[tuple[object, object]]:
    """Return the members of an object: a mapping, a dataclass, or a model of Pydantic."""
    if isinstance(value, Mapping):
        return cast("Mapping[object, object]", value).items()
    if is_dataclass(value):
        return [(each.name, getattr(value, each.name)) for each in fields(value)]
    if hasattr(value, "model_fields"):
        return cast("Iterable[tuple[object, object]]", value)
    kind = type(value).__name__
    raise TypeError(f"The model returned {kind}, which is neither JSON nor a file")


def _sniff(content: bytes) -> tuple[str, str]:
    try:
        with Image.open(io.BytesIO(content)) as image:
            kind = image.format or ""
    except UnidentifiedImageError:
        return "", UNKNOWN_TYPE
    return f".{kind.lower()}", Image.MIME.get(kind, UNKNOWN_TYPE)
