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
    """Say whether a save goes into a path under the file's own name.

    Args:
        path: An existing directory, or a text with a slash at its end.
    """
    return Path(path).is_dir() or str(path).endswith(("/", os.sep))


def refuse_existing(target: Path) -> None:
    """Check that a file may be written without replacing another.

    Raises:
        FileExistsError: It exists.
    """
    if target.exists():
        raise _exists(target)


class Part:
    """A file that is being written under another name.

    Args:
        file: What is written to.
        target: What it becomes when it is whole.
    """

    def __init__(self, file: IO[bytes], target: Path) -> None:
        self.file = file
        self.target = target


@contextmanager
def written_whole(target: Path, *, overwrite: bool) -> Iterator[Part]:
    """Give a file beside the target, which takes its place when all went well.

    Args:
        target: The file to write; its directory is made if need be.
        overwrite: Whether it may exist.

    Raises:
        FileExistsError: It exists and may not.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    path = target.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with path.open("xb") as file:
            part = Part(file, target)
            yield part
        if overwrite:
            path.replace(part.target)
        else:
            _move_to_new(path, part.target)
    finally:
        path.unlink(missing_ok=True)


def _move_to_new(path: Path, target: Path) -> None:
    try:
        # A link, other than a rename, never replaces what came to be in the meantime.
        os.link(path, target)
    except FileExistsError:
        raise _exists(target) from None
    except OSError:  # a file system without links
        refuse_existing(target)
        path.replace(target)


def _exists(target: Path) -> FileExistsError:
    return FileExistsError(f"{target} exists; overwrite=True replaces it")
