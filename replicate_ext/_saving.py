"""Where downloads land: names that stay in their directory, files that are whole or not there."""

from __future__ import annotations

import os
import re
import secrets
import unicodedata
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

_LONGEST = 150
_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]')
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


def target_of(path: str | Path, name: str, *, overwrite: bool) -> Path:
    """Return the file that a save writes.

    Args:
        path: A file, or an existing directory (or a text with a slash at its end).
        name: The name in that directory.
        overwrite: Whether it may exist.

    Raises:
        FileExistsError: It exists and may not.
    """
    is_directory = Path(path).is_dir() or str(path).endswith(("/", os.sep))
    target = Path(path) / name if is_directory else Path(path)
    if not overwrite and target.exists():
        raise FileExistsError(f"{target} exists; overwrite=True replaces it")
    return target


@contextmanager
def written_whole(target: Path, *, overwrite: bool) -> Iterator[IO[bytes]]:
    """Give a file beside the target, which takes its place when all went well.

    Args:
        target: The file to write; its directory is made if need be.
        overwrite: Whether it may exist.

    Raises:
        FileExistsError: It exists and may not.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with part.open("xb") as file:
            yield file
        if overwrite:
            part.replace(target)
        else:
            _move_to_new(part, target)
    finally:
        part.unlink(missing_ok=True)


def _move_to_new(part: Path, target: Path) -> None:
    with suppress(OSError):
        # A link, other than a rename, never replaces what came to be in the meantime.
        os.link(part, target)
        return
    if target.exists():
        raise FileExistsError(f"{target} exists; overwrite=True replaces it")
    part.replace(target)
