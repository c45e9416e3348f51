"""Names of the saved files of outputs, and their entries in the journal."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from replicate_ext import FileOutput
from replicate_ext.batch._rows import SavedFile

if TYPE_CHECKING:
    from replicate_ext.batch._rows import Record

_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,10}")


def files_of(output: Any) -> list[FileOutput]:
    """Return the files in an output, in order.

    Args:
        output: Output of a model.
    """
    if isinstance(output, FileOutput):
        return [output]
    items: Any = output.values() if isinstance(output, dict) else output
    if isinstance(items, str | bytes) or not hasattr(items, "__iter__"):
        return []
    return [file for item in items for file in files_of(item)]


def file_name(key: str, index: int, count: int, name: str) -> str:
    """Return the name for a file, which is the same whenever the row is saved.

    Args:
        key: Key of the row.
        index: Position of the file in the output, from 0.
        count: Number of files in the output.
        name: Name of the file in its URL.
    """
    stem = key
    if not _SAFE.fullmatch(key) or key.endswith("."):
        readable = re.sub(r"[^A-Za-z0-9_.-]+", "-", key).strip("-.")[:60]
        stem = f"{readable}-{hashlib.sha256(key.encode()).hexdigest()[:12]}".lstrip("-")
    suffix = Path(name).suffix
    number = f"-{index}" if count > 1 else ""
    return f"{stem}{number}{suffix if _SUFFIX.fullmatch(suffix) else ''}"


def saved_file(path: Path) -> SavedFile:
    """Return the entry of a file for the journal. The file is on disk when this returns.

    Args:
        path: The file.
    """
    with path.open("rb") as file:
        os.fsync(file.fileno())
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return SavedFile(str(path), os.fstat(file.fileno()).st_size, digest)


def is_there(file: SavedFile) -> bool:
    """Return whether a saved file still exists and has the recorded size.

    Args:
        file: A file of the journal.
    """
    path = Path(file.path)
    return path.is_file() and path.stat().st_size == file.size


def may_have_files(record: Record) -> bool:
    """Return whether the output of a finished row may have files.

    Args:
        record: The row.
    """
    output = str((record.prediction or {}).get("output"))
    return "://" in output or "data:" in output
