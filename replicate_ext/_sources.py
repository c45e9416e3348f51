"""Files that callers give, whatever they are, as bytes that can be read again and again."""

from __future__ import annotations

import inspect
import io
import shutil
import tempfile
import threading
import weakref
from functools import partial
from pathlib import Path, PurePath
from typing import IO, TYPE_CHECKING, Any, Protocol, TypeAlias

from replicate_ext._media_types import HEAD_SIZE, media_type
from replicate_ext.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

CHUNK = 3 << 18
"""Bytes read at a time: 768 KiB, a multiple of three, as base64 wants it."""

FileInput: TypeAlias = "Path | IO[bytes] | bytes | bytearray | memoryview"


class Source:
    """A file to send.

    Args:
        name: Its name, None where it has none.
        media_type: Its media type.
        size: In bytes.
        key: Where in the input it stands, for messages.
        read: Opens it at its start and yields its chunks; each call starts anew.
    """

    def __init__(
        self,
        name: str | None,
        media_type: str,
        size: int,
        key: str,
        read: Callable[[], Iterator[bytes]],
    ) -> None:
        self.name = name
        self.media_type = media_type
        self.size = size
        self.key = key
        self.read = read

    def __len__(self) -> int:
        return self.size

    def chunks(self) -> Generator[bytes, None, None]:
        """Yield the content, checking that it is as long as it was.

        Raises:
            InvalidInputError: The file has changed its size.
        """
        total = 0
        for chunk in self.read():
            total += len(chunk)
            if total > self.size:
                break
            yield chunk
        if total != self.size:
            raise InvalidInputError(f"{self.key}: the file changed its size while it was sent")


def is_file(value: object) -> bool:
    """Say whether a value is a file to send.

    Args:
        value: Anything.
    """
    return (
        isinstance(value, Path | bytes | bytearray | memoryview)
        or hasattr(value, "read")
        or _is_picture(value)
    )


def source_of(
    value: Any, key: str, *, name: str | None = None, content_type: str | None = None
) -> Source:
    """Return what to send for a file. Reads its first bytes: may block.

    Args:
        value: A path, an open binary file, bytes, or a PIL image.
        key: Where in the input it stands, for messages.
        name: In place of the file's own name.
        content_type: In place of the media type that its name or its first bytes suggest.

    Raises:
        InvalidInputError: It cannot be read.
    """
    try:
        own_name, size, read = _opened(value, key)
        head = b"" if content_type else _head(read())
    except OSError as error:
        reason = error.strerror or error
        raise InvalidInputError(f"{key}: {value} cannot be read: {reason}") from error
    chosen = name or own_name
    return Source(chosen, content_type or media_type(chosen, head), size, key, read)


def _head(chunks: Iterator[bytes]) -> bytes:
    head = b""
    for chunk in chunks:
        head += chunk[:HEAD_SIZE]
        if len(head) >= HEAD_SIZE:
            break
    return head


_Opened: TypeAlias = "tuple[str | None, int, Callable[[], Iterator[bytes]]]"


def _opened(value: Any, key: str) -> _Opened:
    if isinstance(value, Path):
        if value.is_dir():
            raise InvalidInputError(f"{key}: {value} is a directory, expected a file")
        return value.name, value.stat().st_size, lambda: _read_path(value)
    if isinstance(value, bytes | bytearray | memoryview):
        view = memoryview(value)
        view = view.cast("B") if view.c_contiguous else memoryview(bytes(view))
        return None, len(view), lambda: _read_memory(view)
    if _is_picture(value):
        return _picture(value)
    if not hasattr(value, "read"):
        raise InvalidInputError(f"{key}: a {type(value).__name__} is no file")
    return _open_file(value, key)


def _read_path(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def _read_memory(view: memoryview) -> Iterator[bytes]:
    for start in range(0, len(view), CHUNK):
        yield bytes(view[start : start + CHUNK])


class _Image(Protocol):
    def save(self, to: IO[bytes], format: str) -> None: ...


def _is_picture(value: object) -> bool:
    # By name: whoever gives one has imported Pillow, and nobody else has to.
    return any(
        kind.__module__ == "PIL.Image" and kind.__name__ == "Image" for kind in type(value).__mro__
    )


def _picture(image: _Image) -> _Opened:
    buffer = io.BytesIO()
    image.save(buffer, format="PNG")
    view = buffer.getbuffer()
    return "image.png", len(view), lambda: _read_memory(view)


def _open_file(file: IO[bytes], key: str) -> _Opened:
    if getattr(file, "closed", False):
        raise InvalidInputError(f"{key}: the file is closed")
    _require_bytes(file, key)
    own_name = getattr(file, "name", None)
    name = PurePath(own_name).name if isinstance(own_name, str) else None
    spool = None
    if not _is_seekable(file):
        # A pipe can be read once, but a request may have to be sent twice.
        spool = tempfile.SpooledTemporaryFile(max_size=CHUNK)  # noqa: SIM115 - read again later
        shutil.copyfileobj(file, spool)
        file = spool
    lock = _lock_of(file)
    read = partial(_read_seekable, file, lock)
    if spool is not None:
        weakref.finalize(read, spool.close)
    with lock:
        position = file.tell()
        size = file.seek(0, io.SEEK_END)
        file.seek(position)
    return name, size, read


_LOCKS: weakref.WeakKeyDictionary[object, threading.Lock] = weakref.WeakKeyDictionary()
_LOCKS_LOCK = threading.Lock()


def _lock_of(file: object) -> threading.Lock:
    """The one lock of a file: whoever moves its position must be alone, from any request."""
    with _LOCKS_LOCK:
        try:
            return _LOCKS.setdefault(file, threading.Lock())
        except TypeError:  # no weak references to it
            return _SHARED_LOCK


_SHARED_LOCK = threading.Lock()


def _require_bytes(file: IO[bytes], key: str) -> None:
    try:
        nothing: object = file.read(0)
    except TypeError:
        nothing = None
    if isinstance(nothing, str):
        raise InvalidInputError(f"{key}: the file is open in text mode, open it with 'rb'")
    if not isinstance(nothing, bytes):
        if inspect.iscoroutine(nothing):
            nothing.close()
        raise InvalidInputError(f"{key}: a {type(file).__name__} is no open binary file")


def _is_seekable(file: IO[bytes]) -> bool:
    seekable = getattr(file, "seekable", None)
    return bool(seekable()) if seekable is not None else hasattr(file, "seek")


def _read_seekable(file: IO[bytes], lock: threading.Lock) -> Iterator[bytes]:
    offset = 0
    while True:
        with lock:
            # The caller's position is left where it was.
            position = file.tell()
            file.seek(offset)
            chunk = file.read(CHUNK)
            file.seek(position)
        if not chunk:
            return
        offset += len(chunk)
        yield chunk
