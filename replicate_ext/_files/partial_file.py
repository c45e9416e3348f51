"""Files that appear under their name only when they are complete."""

from __future__ import annotations

import os
import secrets
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def is_directory(path: str | Path) -> bool:
    """Return whether a path is a directory: an existing one, or a string that ends with a slash.

    Args:
        path: The path.
    """
    return Path(path).is_dir() or str(path).endswith(("/", os.sep))


def refuse_existing(target: Path) -> None:
    """Check that a file does not exist.

    Raises:
        FileExistsError: The file exists.
    """
    if target.exists():
        raise _exists(target)


class PartialFile:
    """A file that is written under a temporary name.

    Args:
        file: The open file.
        target: Path that it gets when it is complete.
    """

    def __init__(self, file: IO[bytes], target: Path) -> None:
        self.file = file
        self.target = target


@contextmanager
def atomic_write(target: Path, *, overwrite: bool) -> Iterator[PartialFile]:
    """Open a temporary file beside the target, and move it to the target at the end.

    After an exception the temporary file is deleted.

    Args:
        target: The file to write; its directory is created if it does not exist.
        overwrite: Whether an existing file is replaced.

    Raises:
        FileExistsError: The target exists and may not be replaced.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    path = target.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with path.open("xb") as file:
            part = PartialFile(file, target)
            yield part
        if overwrite:
            path.replace(part.target)
        else:
            _move_to_new(path, part.target)
    finally:
        path.unlink(missing_ok=True)


def _move_to_new(path: Path, target: Path) -> None:
    try:
        # Unlike a rename, a link never replaces a file that was created meanwhile.
        os.link(path, target)
    except FileExistsError:
        raise _exists(target) from None
    except OSError:  # a file system without links
        refuse_existing(target)
        path.replace(target)


def _exists(target: Path) -> FileExistsError:
    return FileExistsError(f"{target} exists; pass overwrite=True to replace it")
