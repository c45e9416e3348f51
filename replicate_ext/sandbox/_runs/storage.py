"""How much of the disk files may take."""

import shutil
import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

BLOCK = 4096
"""Bytes that even an empty file takes."""


class Storage:
    """Keeps files, each in a folder of its own, within a bound; safe to use in any thread.

    Args:
        max_bytes: how much they may take together; the oldest are removed to make room. The latest
            is kept, however large.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._kept: OrderedDict[Path, tuple[int, Callable[[], object]]] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def keep(self, file: Path, forget: Callable[[], object] = lambda: None) -> None:
        """Take in a file that was written, in place of the oldest if there is no room.

        Args:
            file: where it is.
            forget: called before it is removed in its turn, in any thread.
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
        """Remove a file, with its folder."""
        with self._lock:
            size, _ = self._kept.pop(file, (0, None))
            self._bytes -= size
        shutil.rmtree(file.parent, ignore_errors=True)
