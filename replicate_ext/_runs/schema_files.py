"""Schemas of models, stored on disk so that each is fetched once for all programs of a user.

They are in the folder ``replicate-ext/schemas`` of the user's cache: below ``XDG_CACHE_HOME``, or
``~/.cache``. ``REPLICATE_SCHEMA_CACHE=off`` disables them. A file that cannot be read or written
counts as missing.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from replicate_ext._files.partial_file import partial_file
from replicate_ext._schemas.model import components_of

_MOST_FILES = 500
_LARGEST = 1 << 20
"""Maximum size of a file in bytes; larger schemas are not stored."""
_OFF = frozenset({"0", "false", "no", "off"})


def load(key: str) -> object:
    """Return the ``openapi_schema`` of a key; None if it is not on disk.

    Args:
        key: The model and the API that it is from.
    """
    folder = _folder()
    if folder is None:
        return None
    with suppress(OSError, ValueError, RecursionError):
        kept = json.loads(_path(folder, key).read_bytes())
        # The key is compared because the file name has only a part of its hash.
        if isinstance(kept, dict) and kept.get("key") == key:
            return kept.get("openapi_schema")
    return None


def save(key: str, openapi_schema: object) -> None:
    """Write a schema to disk, and delete the oldest ones if there are too many.

    Args:
        key: The model and the API that it is from.
        openapi_schema: The schema of its version.
    """
    folder = _folder()
    if folder is None:
        return
    schemas = {"components": {"schemas": components_of(openapi_schema)}}
    with suppress(OSError, ValueError, RecursionError):
        content = json.dumps({"key": key, "openapi_schema": schemas}).encode()
        if len(content) <= _LARGEST:
            _write(_path(folder, key), content)


def _folder() -> Path | None:
    if os.environ.get("REPLICATE_SCHEMA_CACHE", "").strip().lower() in _OFF:
        return None
    given = Path(os.environ.get("XDG_CACHE_HOME", ""))
    try:
        cache = given if given.is_absolute() else Path.home() / ".cache"
    except RuntimeError:  # the user has no home
        return None
    return cache / "replicate-ext" / "schemas"


def _path(folder: Path, key: str) -> Path:
    return folder / f"{sha256(key.encode('utf-8', 'replace')).hexdigest()[:32]}.json"


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with partial_file(path.parent) as partial:
        partial.file.write(content)
        partial.move(path, overwrite=True)
    _prune(path.parent)


def _prune(folder: Path) -> None:
    files = [(entry.stat().st_mtime, entry.path) for entry in os.scandir(folder)]
    for _, path in sorted(files)[: max(0, len(files) - _MOST_FILES)]:
        Path(path).unlink(missing_ok=True)
