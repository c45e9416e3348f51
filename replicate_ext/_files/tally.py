"""Total bytes of several downloads."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from replicate_ext._files.output import FileOutput
    from replicate_ext.types import OnTransfer


class Received(NamedTuple):
    """State of one download.

    Args:
        file: The file.
        done: Number of bytes so far.
        size: Number of bytes in total; None while it is unknown.
    """

    file: FileOutput
    done: int
    size: int | None


class Tally:
    """Calls a callback with the total bytes of several downloads.

    Args:
        files: The files.
        on_progress: The callback.
    """

    def __init__(self, files: Iterable[FileOutput], on_progress: OnTransfer) -> None:
        self._latest = {file: Received(file, 0, None) for file in files}
        self._on_progress = on_progress

    def __call__(self, received: Received) -> None:
        """Count the bytes of a download and call the callback.

        Args:
            received: The new state of the download.
        """
        self._latest[received.file] = received
        sizes = [each.size for each in self._latest.values() if each.size is not None]
        is_known = len(sizes) == len(self._latest)
        done = sum(each.done for each in self._latest.values())
        self._on_progress(done, sum(sizes) if is_known else None)
