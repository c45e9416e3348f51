"""The limit on the disk space of files."""

import shutil
import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

BLOCK = 4096
"""Bytes on disk that even an empty file takes up."""


class Storage:
    """Files with a limit on their total size; thread-safe. Each file has a folder of its own.

    Args:
        max_bytes: bytes that all files may take up together. The oldest are removed to make room.
            The latest file is kept, however large.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._kept: OrderedDict[Path, tuple[int, Callable[[], object]]] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def keep(self, file: Path, forget: Callable[[], object] = lambda: None) -> None:
        """Add a file, and remove the oldest files if there is no room.

        Args:
            file: path of the file, which must exist.
            forget: called, in any thread, before the file is removed to make room.
        """
        size = file.stat().st_size + BLOCK
        with self._lock:
            self._kept[file] = size, forget
            self._bytes += size
            oldest: list[tuple[Path, Callable[[], object]]] = []
            while self._bytes > self._max_bytes and len(self._kept) > 1:
                path, (taken, forget_it) = self._kept.popitem(last=False)
                self._bytes -= taken
                oldest.append((path, forget_it))
        for path, forget_it in oldest:
            forget_it()
            shutil.rmtree(path.parent, ignore_errors=True)

    def remove(self, file: Path) -> None:
        """Remove a file and its folder."""
        with self._lock:
            size, _ = self._kept.pop(file, (0, None))
            self._bytes -= size
        shutil.rmtree(file.parent, ignore_errors=True)
