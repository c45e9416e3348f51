"""Where downloads land: names that stay in their directory, files that are whole or not there."""

from __future__ import annotations

import os
import re
import secrets
import unicodedata
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

_LONGEST = 150
_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]')
_ENDING = re.compile(r"\.(?=[0-9]*[a-z])[a-z0-9]{1,10}$", re.IGNORECASE)
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
"""Names that Windows gives to devices."""


def name_from_url(url: str) -> str:
    """Return a file name that a URL suggests, safe in any directory.

    Args:
        url: An http(s) URL; nothing in it can lead out of a directory.
    """
    try:
        path = unquote(urlsplit(url).path)
    except ValueError:
        path = ""
    return safe_name(path.replace("\\", "/").rpartition("/")[2])


def safe_name(name: str) -> str:
    """Return a name as one that every system takes for a file in the directory it is joined to.

    Args:
        name: Any text.
    """
    cleaned = _UNSAFE.sub("_", unicodedata.normalize("NFC", name)).strip(" .")
    # Surrogates cannot be encoded, and marks that turn text around hide what a name ends with.
    cleaned = "".join(c for c in cleaned if unicodedata.category(c) not in ("Cs", "Cf", "Cc"))
    cleaned = cleaned.strip(" .")
    if not cleaned or _RESERVED.fullmatch(cleaned):
        return f"output_{cleaned}" if cleaned else "output"
    stem, dot, ending = cleaned.rpartition(".")
    while len(cleaned.encode()) > _LONGEST and stem:
        stem = stem[:-1]
        cleaned = f"{stem}{dot}{ending}"
    return cleaned if len(cleaned.encode()) <= _LONGEST else "output"


def has_ending(name: str) -> bool:
    """Say whether a file name ends with what says its type, other than a version like v1.5.

    Args:
        name: The name.
    """
    return _ENDING.search(name) is not None


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
