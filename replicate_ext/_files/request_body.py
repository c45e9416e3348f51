"""Request bodies that are read while they are sent and can be sent again."""

from __future__ import annotations

import base64
import json
import secrets
from contextlib import aclosing, closing
from typing import TYPE_CHECKING, Any, TypeAlias

from replicate_ext._http.threads import in_threads

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator, Sequence

    from replicate_ext._files.file_source import Source
    from replicate_ext.types import OnTransfer


class DataUri:
    """A file that is sent as a data URI in JSON.

    Args:
        source: The file.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self._prefix = f"data:{source.media_type};base64,".encode()

    def __len__(self) -> int:
        return len(self._prefix) + (self.source.size + 2) // 3 * 4

    def chunks(self) -> Generator[bytes, None, None]:
        """Yield the data URI in chunks."""
        yield self._prefix
        rest = b""
        with closing(self.source.chunks()) as chunks:
            for chunk in chunks:
                # Complete triples of bytes are encoded without padding.
                whole = rest + chunk if rest else chunk
                end = len(whole) - len(whole) % 3
                if end:
                    yield base64.b64encode(memoryview(whole)[:end])
                rest = whole[end:]
        if rest:
            yield base64.b64encode(rest)


_LEAST_PIECE = 1 << 16
"""Minimum size in bytes of a piece that is sent unchanged; smaller pieces are joined."""

Part: TypeAlias = "bytes | Source | DataUri"


class Body:
    """A body of several parts, some of which are read from files.

    Args:
        parts: The parts, in the order in which they are sent.
    """

    def __init__(self, parts: Sequence[Part]) -> None:
        self._parts = parts

    def __len__(self) -> int:
        return sum(len(part) for part in self._parts)

    def __iter__(self) -> Generator[bytes, None, None]:
        """Yield the body from its start; each iteration opens the files again."""
        # Joined: an input can have thousands of small files, and each piece takes a send.
        held = bytearray()
        with closing(self._pieces()) as pieces:
            for piece in pieces:
                is_large = len(piece) >= _LEAST_PIECE
                if not is_large:
                    held += piece
                if held and (is_large or len(held) >= _LEAST_PIECE):
                    yield bytes(held)
                    held.clear()
                if is_large:
                    yield piece
        if held:
            yield bytes(held)

    def _pieces(self) -> Generator[bytes, None, None]:
        for part in self._parts:
            if isinstance(part, bytes):
                yield part
            else:
                yield from part.chunks()

    async def __aiter__(self) -> AsyncGenerator[bytes, None]:
        """Yield the body from its start; files are read in a thread."""
        async with aclosing(in_threads(Body.__iter__(self))) as chunks:
            async for chunk in chunks:
                yield chunk


class CountedBody(Body):
    """A body that reports how much of it was sent.

    Args:
        body: The body.
        on_progress: Called with the number of bytes sent so far and the total number of bytes. The
            first number starts again from 0 if the body is sent again.
    """

    def __init__(self, body: Body, on_progress: OnTransfer) -> None:
        super().__init__(body._parts)  # noqa: SLF001 - the same class
        self._on_progress = on_progress

    def __iter__(self) -> Generator[bytes, None, None]:
        """Yield the body from its start."""
        size, sent = len(self), 0
        with closing(super().__iter__()) as chunks:
            for chunk in chunks:
                yield chunk
                sent += len(chunk)
                self._on_progress(sent, size)

    async def __aiter__(self) -> AsyncGenerator[bytes, None]:
        """Yield the body from its start; files are read in a thread."""
        size, sent = len(self), 0
        async with aclosing(super().__aiter__()) as chunks:
            async for chunk in chunks:
                yield chunk
                sent += len(chunk)
                self._on_progress(sent, size)


def json_body(value: Any) -> Body:
    """Return a JSON body. Files in it do not pass through the encoder.

    Args:
        value: A JSON value, with DataUri objects anywhere in it.

    Raises:
        ValueError: A number is not finite.
        TypeError: A value is not valid JSON.
    """
    mark = secrets.token_hex(16)
    uris: list[DataUri] = []

    def placeholder(uri: object) -> str:
        if not isinstance(uri, DataUri):
            raise TypeError(f"a {type(uri).__name__} cannot be sent as JSON")
        uris.append(uri)
        return mark

    text = json.dumps(
        value,
        ensure_ascii=False,
        allow_nan=False,
        separators=(",", ":"),
        default=placeholder,
    )
    pieces = text.split(mark)
    parts: list[Part] = [pieces[0].encode()]
    for uri, piece in zip(uris, pieces[1:], strict=True):
        parts += [uri, piece.encode()]
    return Body(parts)


def multipart_body(source: Source, metadata: dict[str, Any] | None) -> tuple[Body, str]:
    """Return the body that uploads a file, and its content type.

    Args:
        source: The file.
        metadata: A JSON object to store with the file, or None.
    """
    boundary = secrets.token_hex(16)
    head = f"--{boundary}\r\nContent-Disposition: form-data; name="
    parts: list[Part] = [
        f'{head}"content"; filename="{_quoted(source.name or "file")}"\r\n'
        f"Content-Type: {_one_line(source.media_type)}\r\n\r\n".encode(errors="replace"),
        source,
    ]
    if metadata is not None:
        text = json.dumps(metadata, ensure_ascii=False, allow_nan=False)
        parts.append(
            f'\r\n{head}"metadata"\r\nContent-Type: application/json\r\n\r\n{text}'.encode()
        )
    parts.append(f"\r\n--{boundary}--\r\n".encode())
    return Body(parts), f"multipart/form-data; boundary={boundary}"


def _quoted(name: str) -> str:
    """Return a file name escaped as browsers do in a header.

    https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data
    """
    return name.replace("\n", "%0A").replace("\r", "%0D").replace('"', "%22")


def _one_line(text: str) -> str:
    return "".join(text.splitlines())
