"""Files that appear under their name only when they are complete."""

from __future__ import annotations

import os
import secrets
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable


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
    """A file that is written under a temporary name and then moved.

    Args:
        file: The open file.
        path: Its temporary path.
    """

    def __init__(self, file: IO[bytes], path: Path) -> None:
        self.file = file
        self._path = path

    def move(self, target: Path, *, overwrite: bool) -> Path:
        """Move the complete file to its path and return the path.

        Args:
            target: The path, in the same directory.
            overwrite: Whether an existing file is replaced.

        Raises:
            FileExistsError: The target exists and may not be replaced.
        """
        self.file.close()
        if overwrite:
            self._path.replace(target)
        elif not self._moved_to_new(target):
            raise _exists(target)
        return target

    def move_to_free(self, targets: Iterable[Path]) -> Path:
        """Move the complete file to the first path that does not exist, and return that path.

        Args:
            targets: The paths to try; an endless iterator.
        """
        self.file.close()
        return next(target for target in targets if self._moved_to_new(target))

    def _moved_to_new(self, target: Path) -> bool:
        """Move the file if the target does not exist. Two processes never get the same target."""
        try:
            # Unlike a rename, a link never replaces a file.
            os.link(self._path, target)
        except FileExistsError:
            return False
        except OSError:  # a file system without links
            try:
                target.open("xb").close()
            except FileExistsError:
                return False
            self._path.replace(target)
        return True


@contextmanager
def partial_file(directory: Path) -> Generator[PartialFile]:
    """Open a temporary file, which is deleted at the end unless it was moved.

    Args:
        directory: Directory of the file; it is created if it does not exist.
    """
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f".{secrets.token_hex(8)}.part"
    try:
        with path.open("xb") as file:
            yield PartialFile(file, path)
    finally:
        path.unlink(missing_ok=True)


def _exists(target: Path) -> FileExistsError:
    return FileExistsError(f"{target} already exists; pass overwrite=True to replace it")
