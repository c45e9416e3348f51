"""Files of an input, in any of their forms, as bytes that can be read several times."""

from __future__ import annotations

import inspect
import io
import os
import shutil
import tempfile
import threading
import weakref
from contextlib import closing, contextmanager
from functools import partial
from hashlib import sha256
from pathlib import Path, PurePath
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from replicate_ext._files.media_types import HEAD_SIZE, essence, media_type
from replicate_ext.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from PIL.Image import Image

CHUNK = 3 << 18
"""Bytes that are read at a time: 768 KiB, a multiple of three, which suits base64."""


class Source:
    """A file to send.

    Args:
        name: File name; None if unknown.
        media_type: Media type.
        size: Size in bytes.
        key: Place in the input, for messages.
        read: Yields the chunks of the file; each call starts at its beginning.
    """

    def __init__(
        self,
        name: str | None,
        media_type: str,
        size: int,
        key: str,
        read: Callable[[], Generator[bytes, None, None]],
    ) -> None:
        self.name = name
        self.media_type = media_type
        self.size = size
        self.key = key
        self.read = read

    def __len__(self) -> int:
        return self.size

    def chunks(self) -> Generator[bytes, None, None]:
        """Yield the content, and check that its size is unchanged.

        Raises:
            InvalidInputError: The file cannot be read, or its size has changed.
        """
        total = 0
        # Without closing(), the file would stay open if the loop ends early.
        with _readable(self.key), closing(self.read()) as chunks:
            for chunk in chunks:
                total += len(chunk)
                if total > self.size:
                    break
                yield chunk
        if total != self.size:
            raise InvalidInputError(f"{self.key}: the size of the file changed while it was sent")


def is_sendable_file(value: object) -> bool:
    """Return whether a value is a file to send.

    Args:
        value: Any value.
    """
    return (
        isinstance(value, Path | bytes | bytearray | memoryview)
        or hasattr(value, "read")
        or _is_image(value)
    )


def source_of(
    value: Any, key: str, *, name: str | None = None, content_type: str | None = None
) -> Source:
    """Return the source of a file. Reads the first bytes of the file, so it may block.

    Args:
        value: A path, an open binary file, bytes, or a PIL image.
        key: Place in the input, for messages.
        name: File name to use. Default: the name of the file itself.
        content_type: Media type to use. Default: guessed from the name or the first bytes.

    Raises:
        InvalidInputError: The file cannot be read.
    """
    with _readable(_place(value, key)):
        opened = _opened(value, key)
        own_type = content_type or opened.media_type
        head = opened.head
        if head is None:
            head = b"" if own_type else _head(opened.read)
    chosen = name or opened.name
    return Source(chosen, own_type or media_type(chosen, head), opened.size, key, opened.read)


def description_of(value: Any, key: str) -> dict[str, str]:
    """Return the hash of a file's bytes, or of an image's pixels. Reads all of the file.

    Args:
        value: A path, an open binary file, bytes, or a PIL image.
        key: Place in the input, for messages.

    Raises:
        InvalidInputError: The file cannot be read, or can be read only once.
    """
    with _readable(_place(value, key)):
        if _is_image(value):
            # The bytes of a PNG file differ between versions of Pillow.
            digest = sha256(f"{value.mode} {value.size} ".encode())
            digest.update(value.tobytes())
            return {"$image": digest.hexdigest()}
        if hasattr(value, "read") and not _is_seekable(value):
            raise InvalidInputError(
                f"{key}: a {type(value).__name__} cannot be read twice, to describe it and to send "
                "it; use pathlib.Path, bytes or an open file that can seek"
            )
        digest = sha256()
        with closing(_opened(value, key).read()) as chunks:
            for chunk in chunks:
                digest.update(chunk)
    return {"$file": digest.hexdigest()}


def _place(value: object, key: str) -> str:
    return f"{key}: {value}" if isinstance(value, Path) else key


@contextmanager
def _readable(subject: str) -> Generator[None]:
    """Turn the errors of all kinds of files into InvalidInputError."""
    try:
        yield
    except InvalidInputError:
        raise
    except (OSError, ValueError) as error:  # ValueError: closed files, invalid paths
        reason = getattr(error, "strerror", None) or error
        raise InvalidInputError(f"{subject} cannot be read: {reason}") from error


def _head(read: Callable[[], Generator[bytes, None, None]]) -> bytes:
    head = b""
    with closing(read()) as chunks:
        for chunk in chunks:
            head += chunk[:HEAD_SIZE]
            if len(head) >= HEAD_SIZE:
                break
    return head


class _Opened(NamedTuple):
    name: str | None
    media_type: str | None
    size: int
    read: Callable[[], Generator[bytes, None, None]]
    head: bytes | None = None  # the first bytes, if they are in memory


def _opened(value: Any, key: str) -> _Opened:
    if isinstance(value, Path):
        if value.is_dir():
            raise InvalidInputError(f"{key}: {value} is a directory, expected a file")
        return _Opened(value.name, None, value.stat().st_size, lambda: _read_path(value))
    if isinstance(value, bytes | bytearray | memoryview):
        view = memoryview(value)
        view = view.cast("B") if view.c_contiguous else memoryview(bytes(view))
        head = bytes(view[:HEAD_SIZE])
        return _Opened(None, None, len(view), lambda: _read_memory(view), head)
    if _is_image(value):
        return _image(value, key)
    if not hasattr(value, "read"):
        raise InvalidInputError(f"{key}: a {type(value).__name__} is not a file")
    return _open_file(value, key)


def _read_path(path: Path) -> Generator[bytes, None, None]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def _read_memory(view: memoryview) -> Generator[bytes, None, None]:
    for start in range(0, len(view), CHUNK):
        yield bytes(view[start : start + CHUNK])


def _is_image(value: object) -> bool:
    # By name, so that Pillow is not imported for inputs without images.
    return any(
        kind.__module__ == "PIL.Image" and kind.__name__ == "Image" for kind in type(value).__mro__
    )


def _image(image: Image, key: str) -> _Opened:
    from replicate_ext._files.images import as_png

    view = memoryview(as_png(image, key))
    return _Opened("image.png", "image/png", len(view), lambda: _read_memory(view))


def _open_file(file: IO[bytes], key: str) -> _Opened:
    if getattr(file, "closed", False):
        raise InvalidInputError(f"{key}: the file is closed; pass an open file or its path")
    _require_bytes(file, key)
    given = file
    spool = None
    if not _is_seekable(file):
        # A pipe can be read only once, but a request may have to be sent twice.
        spool = tempfile.SpooledTemporaryFile(max_size=CHUNK)  # noqa: SIM115 - read again later
        shutil.copyfileobj(file, spool)
        file = spool
    lock = _lock_of(file)
    read = partial(_read_seekable, file, lock)
    if spool is not None:
        weakref.finalize(read, spool.close)
    with lock:
        position = file.tell()
        file.seek(0, io.SEEK_END)
        size = file.tell()  # the seek of some files returns None
        file.seek(position)
    return _Opened(_name_of(given), essence(getattr(given, "content_type", None)), size, read)


def _name_of(file: object) -> str | None:
    """Return the name of a file. Uploads in web frameworks have it in ``filename``."""
    filename = getattr(file, "filename", None)
    if isinstance(filename, str) and filename:
        return filename.replace("\\", "/").rpartition("/")[2] or None
    name = getattr(file, "name", None)
    if isinstance(name, bytes):
        name = os.fsdecode(name)
    return PurePath(name).name or None if isinstance(name, str) else None


_LOCKS: weakref.WeakKeyDictionary[object, threading.Lock] = weakref.WeakKeyDictionary()
_LOCKS_LOCK = threading.Lock()


def _lock_of(file: object) -> threading.Lock:
    """Return the lock of a file, which all requests that move its position share."""
    with _LOCKS_LOCK:
        try:
            return _LOCKS.setdefault(file, threading.Lock())
        except TypeError:  # the file has no weak references
            return _SHARED_LOCK


_SHARED_LOCK = threading.Lock()


def _require_bytes(file: IO[bytes], key: str) -> None:
    try:
        nothing: object = file.read(0)
    except TypeError:
        nothing = None
    if isinstance(nothing, str):
        raise InvalidInputError(f"{key}: the file is open in text mode; open it with mode 'rb'")
    if inspect.isawaitable(nothing):
        if inspect.iscoroutine(nothing):
            nothing.close()
        raise InvalidInputError(
            f"{key}: a {type(file).__name__} has async methods; pass a regular binary file (for an "
            "UploadFile, pass its attribute file)"
        )
    if not isinstance(nothing, bytes):
        raise InvalidInputError(f"{key}: a {type(file).__name__} is not an open binary file")


def _is_seekable(file: IO[bytes]) -> bool:
    seekable = getattr(file, "seekable", None)
    return bool(seekable()) if seekable is not None else hasattr(file, "seek")


def _read_seekable(file: IO[bytes], lock: threading.Lock) -> Generator[bytes, None, None]:
    offset = 0
    while True:
        with lock:
            # The position of the caller stays unchanged.
            position = file.tell()
            file.seek(offset)
            chunk = file.read(CHUNK)
            file.seek(position)
        if not chunk:
            return
        offset += len(chunk)
        yield chunk
