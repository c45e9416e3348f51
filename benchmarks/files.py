"""Files to upload, and paths for downloads, on the disk of the environment."""

from __future__ import annotations

import os
from pathlib import Path

_DIRECTORY = Path(__file__).parent / ".env" / "files"
SMALL = _DIRECTORY / "1k.bin"
MB_50 = _DIRECTORY / "50m.bin"
MB_200 = _DIRECTORY / "200m.bin"
_SIZES = {SMALL: 1_000, MB_50: 50_000_000, MB_200: 200_000_000}
_BLOCK = 1_000_000


def make() -> None:
    """Make those that are missing, of random bytes."""
    _DIRECTORY.mkdir(parents=True, exist_ok=True)
    for path, size in _SIZES.items():
        if path.exists() and path.stat().st_size == size:
            continue
        with path.open("wb") as file:
            for _ in range(0, size, _BLOCK):
                file.write(os.urandom(min(size, _BLOCK)))


def target() -> Path:
    """Return where this process may write a file, and must delete it."""
    return _DIRECTORY / f"received-{os.getpid()}.bin"
