"""Saving every file of an output at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from replicate_ext._files.async_transfer import AsyncTransfer
from replicate_ext._files.concurrency import async_for_each
from replicate_ext._files.json_values import mapped
from replicate_ext._files.output import FileOutput
from replicate_ext._files.targets import targets_in

if TYPE_CHECKING:
    from collections.abc import Callable


async def asave_outputs(
    output: Any,
    directory: str | Path,
    *,
    overwrite: bool = False,
    on_progress: Callable[[int, int], object] | None = None,
) -> Any:
    """Download all files of an output, several at once, and return it with paths in their place.

    Args:
        output: Output of a run, with files anywhere in lists and dicts.
        directory: Directory for the files; it is created if it does not exist.
        overwrite: Whether existing files are replaced. Default: False.
        on_progress: Called with the number of files that are done, and of all files.

    Raises:
        FileExistsError: A file exists and may not be replaced.
        APIError: A file could not be downloaded. The other files are kept.
    """
    from anyio import to_thread

    targets = await to_thread.run_sync(targets_in, Path(directory), output)
    saved: dict[FileOutput, Path] = {}

    async def save(file: FileOutput) -> Path:
        transfer = AsyncTransfer(file._remote)  # noqa: SLF001 - a class of this package
        return await transfer.save_as(targets[file], overwrite=overwrite, completes=True)

    def done(file: FileOutput, path: Path) -> None:
        saved[file] = path
        if on_progress is not None:
            on_progress(len(saved), len(targets))

    await async_for_each(targets, save, done)
    return mapped(output, lambda leaf: saved[leaf] if isinstance(leaf, FileOutput) else leaf)
