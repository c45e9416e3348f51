"""Files to send and to download: unusual file objects, and a server that cuts its responses."""

from __future__ import annotations

import base64
import io
import threading
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple

import anyio
import httpx
from python_multipart.multipart import MultipartParser, parse_options_header

from replicate_ext import FileOutput, asave_outputs, save_outputs

if TYPE_CHECKING:
    from http.server import BaseHTTPRequestHandler

    from support.clients import Kind, Script


class Part(NamedTuple):
    """A part of a multipart body."""

    name: str
    filename: str | None
    content_type: str | None
    content: bytes


def parts_of(content_type: str, body: bytes) -> list[Part]:
    """Parse a multipart body as a server does."""
    kind, options = parse_options_header(content_type)
    assert kind == b"multipart/form-data"
    parts: list[Part] = []
    headers: dict[str, bytes] = {}
    field, value, content = bytearray(), bytearray(), bytearray()

    def end_header() -> None:
        headers[field.decode().lower()] = bytes(value)
        field.clear()
        value.clear()

    def end_part() -> None:
        disposition, named = parse_options_header(headers["content-disposition"])
        assert disposition == b"form-data"
        filename, media_type = named.get(b"filename"), headers.get("content-type")
        parts.append(
            Part(
                named[b"name"].decode(),
                None if filename is None else filename.decode(),
                None if media_type is None else media_type.decode(),
                bytes(content),
            )
        )
        headers.clear()
        content.clear()

    parser = MultipartParser(
        options[b"boundary"],
        {
            "on_header_field": lambda data, start, end: field.extend(data[start:end]),
            "on_header_value": lambda data, start, end: value.extend(data[start:end]),
            "on_header_end": end_header,
            "on_part_data": lambda data, start, end: content.extend(data[start:end]),
            "on_part_end": end_part,
        },
    )
    parser.write(body)
    parser.finalize()
    return parts


def from_uri(uri: str) -> tuple[str, bytes]:
    """Return the media type and the content of a base64 data URI."""
    head, _, data = uri.partition(",")
    assert head.startswith("data:")
    assert head.endswith(";base64")
    return head[5:-7], base64.b64decode(data, validate=True)


class ShortReads(io.BytesIO):
    """A file whose reads return fewer bytes than requested, as reads of raw files may."""

    def __init__(self, content: bytes, longest: int) -> None:
        super().__init__(content)
        self._longest = longest

    def read(self, size: int | None = -1, /) -> bytes:
        wanted = self._longest if size is None or size < 0 else min(size, self._longest)
        return super().read(wanted)


class Unseekable(io.RawIOBase):
    """A file that can be read only once, like a pipe."""

    def __init__(self, content: bytes) -> None:
        self._content = io.BytesIO(content)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        return self._content.readinto(buffer)


class ReadElsewhere(io.BytesIO):
    """A file that records the threads that read it; reads may wait for the event loop."""

    def __init__(self, content: bytes, until: threading.Event | None = None) -> None:
        super().__init__(content)
        self.threads: set[int] = set()
        self._until = until

    def read(self, size: int | None = -1, /) -> bytes:
        self.threads.add(threading.get_ident())
        if self._until is not None:
            assert self._until.wait(10), "the event loop stood still"
        return super().read(size)


class Fake:
    """A value with the attributes that numpy's arrays and scalars have in common."""

    dtype = "any"

    def __init__(self, value: object) -> None:
        self._value = value

    def tolist(self) -> object:
        return self._value


class Hosted:
    """Responds with a file: complete, a requested range of it, or cut.

    Args:
        content: The file.
        cuts: Number of bytes after which each of the first responses is cut; later ones are
            complete.
        ranges: Whether the server supports Range requests.
        headers: Headers of every response, with underscores.
    """

    def __init__(
        self,
        content: bytes,
        *,
        cuts: tuple[int, ...] = (),
        ranges: bool = True,
        **headers: str,
    ) -> None:
        self._content = content
        self._cuts = list(cuts)
        self._ranges = ranges
        self.headers = headers

    def __call__(self, handler: BaseHTTPRequestHandler) -> None:
        current = {self.headers.get("ETag"), self.headers.get("Last_Modified")}
        asked = handler.headers.get("Range")
        partial = asked and self._ranges and handler.headers.get("If-Range") in current
        start = int(str(asked).removeprefix("bytes=").removesuffix("-")) if partial else 0
        rest = self._content[start:]
        handler.send_response(206 if partial else 200)
        if partial:
            last, total = len(self._content) - 1, len(self._content)
            handler.send_header("Content-Range", f"bytes {start}-{last}/{total}")
        for name, value in {"Content-Length": str(len(rest)), **self.headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(rest[: self._cuts.pop(0)] if self._cuts else rest)
        handler.close_connection = True


class _Streamed(httpx.MockTransport):
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return _as_stream(super().handle_request(request))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return _as_stream(await super().handle_async_request(request))


def _as_stream(response: httpx.Response) -> httpx.Response:
    stream = httpx.ByteStream(response.content)
    return httpx.Response(response.status_code, headers=response.headers, stream=stream)


def streamed(script: Script) -> httpx.MockTransport:
    """Return a transport whose responses can be read only once, like responses from a network."""
    return _Streamed(script.transport.handler)


def output_of(client: Any, url: str) -> FileOutput:
    """Return an output file as a run of this client returns it."""
    settings = client._settings  # noqa: SLF001 - without creating a run
    return FileOutput(url, settings.download_client, settings.clock, settings.max_download_size)


def read(kind: Kind, file: FileOutput) -> bytes:
    """Read a file."""
    return file.read() if kind == "sync" else anyio.run(file.aread, backend=kind)


def opened(kind: Kind, file: FileOutput) -> IO[bytes]:
    """Open a file."""
    return file.open() if kind == "sync" else anyio.run(file.aopen, backend=kind)


def chunks(kind: Kind, file: FileOutput) -> list[bytes]:
    """Iterate over a file."""
    if kind == "sync":
        return list(file)

    async def gather() -> list[bytes]:
        return [chunk async for chunk in file]

    return anyio.run(gather, backend=kind)


def save(kind: Kind, file: FileOutput, path: str | Path, *, overwrite: bool = True) -> Path:
    """Save a file."""
    if kind == "sync":
        return file.save(path, overwrite=overwrite)
    return anyio.run(lambda: file.asave(path, overwrite=overwrite), backend=kind)


def save_all(kind: Kind, output: Any, directory: str | Path, **options: Any) -> list[Path]:
    """Save every file of an output."""
    if kind == "sync":
        return save_outputs(output, directory, **options)
    return anyio.run(lambda: asave_outputs(output, directory, **options), backend=kind)
