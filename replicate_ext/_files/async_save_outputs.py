"""Saving every file of an output at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from replicate_ext._files.async_transfer import AsyncTransfer
from replicate_ext._files.concurrency import async_for_each
from replicate_ext._files.found_files import DEFAULT_NAME, file_names, files_in
from replicate_ext._files.free_names import free_names
from replicate_ext._files.tally import Received, Tally
from replicate_ext._http.callbacks import check_plain_callback, close_callback

if TYPE_CHECKING:
    from collections.abc import Callable

    from replicate_ext._files.output import FileOutput
    from replicate_ext.types import OnTransfer


async def asave_outputs(
    output: Any,
    directory: str | Path,
    *,
    name: str | Callable[[FileOutput, int], str] = DEFAULT_NAME,
    on_progress: OnTransfer | None = None,
) -> list[Path]:
    """Save all files of an output in a directory, several at once, and return their paths.

    Existing files are never replaced: a name that is taken gets a number, as in ``out-1.png``.

    Args:
        output: Output of a run, a prediction, a URL, or a list or dict of these.
        directory: Directory for the files; it is created if it does not exist.
        name: Name of each file: a template with the fields ``{name}`` and ``{ext}`` (name and
            ending in the URL), ``{index}`` (position in the returned list, from 0) and ``{id}`` (ID
            of the prediction); or a function that is called with the file and its index. A name
            without an ending gets the file's own. Default: the name in the URL.
        on_progress: Function called with the number of bytes received so far and the total number
            of bytes (None until the server has announced the size of every file).
            ``replicate_ext.progress_bar()`` returns one.

    Returns:
        One path for each file, in the order in which the files appear in the output. A file that
        appears twice is saved once, and its path is returned twice. An empty list or dict gives [].

    Raises:
        InvalidInputError: The output has no files, or a name is invalid; nothing was downloaded.
        APIError: A file could not be downloaded. The other files are kept.
    """
    from anyio import to_thread

    check_plain_callback("on_progress", on_progress)
    found = files_in(output)
    files = list(dict.fromkeys(each.file for each in found))
    wanted = file_names(found, name)
    names = dict(
        zip(files, await to_thread.run_sync(free_names, Path(directory), wanted), strict=True)
    )
    saved: dict[FileOutput, Path] = {}

    async def save(file: FileOutput, report: Callable[[Received], object]) -> None:
        transfer = AsyncTransfer(
            file._remote,  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - a class of this package
            lambda done, size: report(Received(file, done, size)),
        )
        saved[file] = await transfer.save_as(names[file])

    tally = None if on_progress is None else Tally(files, on_progress)
    try:
        await async_for_each(files, save, tally)
    finally:
        close_callback(on_progress)
    return [saved[each.file] for each in found]
