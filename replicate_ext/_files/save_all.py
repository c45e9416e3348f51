"""Saving every file of an output at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from replicate_ext._files.output import FileOutput
from replicate_ext._files.saving import has_ending
from replicate_ext._files.trees import leaves, mapped

if TYPE_CHECKING:
    from collections.abc import Callable

CONCURRENCY = 8


def save_outputs(
    output: Any,
    directory: str | Path,
    *,
    overwrite: bool = False,
    on_progress: Callable[[int, int], object] | None = None,
) -> Any:
    """Download every file in an output, several at once, and return it with paths in their place.

    Args:
        output: What a run returned: files anywhere in lists and dicts.
        directory: Where the files go; it is made if need be.
        overwrite: Whether existing files are replaced.
        on_progress: Called with the number of files that are done, and of all.

    Raises:
        FileExistsError: A file exists and may not be replaced.
        APIError: A file could not be downloaded. Those that could stay.
    """
    targets = _targets(output, Path(directory))
    saved: dict[FileOutput, Path] = {}
    errors: list[BaseException] = []

    def save(file: FileOutput) -> tuple[FileOutput, Path]:
        path = file._save(targets[file], overwrite=overwrite, completes=True)  # noqa: SLF001 - its own
        return file, path

    with ThreadPoolExecutor(CONCURRENCY) as pool:
        saving = [pool.submit(save, file) for file in targets]
        try:
            for done in as_completed(saving):
                if (error := done.exception()) is not None:
                    errors.append(error)
                    continue
                file, path = done.result()
                saved[file] = path
                if on_progress is not None:
                    on_progress(len(saved), len(targets))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    if errors:
        raise errors[0]
    return mapped(output, lambda leaf: saved[leaf] if isinstance(leaf, FileOutput) else leaf)


async def asave_outputs(
    output: Any,
    directory: str | Path,
    *,
    overwrite: bool = False,
    on_progress: Callable[[int, int], object] | None = None,
) -> Any:
    """Download every file in an output, several at once, and return it with paths in their place.

    Args:
        output: What a run returned: files anywhere in lists and dicts.
        directory: Where the files go; it is made if need be.
        overwrite: Whether existing files are replaced.
        on_progress: Called with the number of files that are done, and of all.

    Raises:
        FileExistsError: A file exists and may not be replaced.
        APIError: A file could not be downloaded. Those that could stay.
    """
    import anyio
    import anyio.to_thread

    targets = await anyio.to_thread.run_sync(_targets, output, Path(directory))
    room = anyio.CapacityLimiter(CONCURRENCY)
    saved: dict[FileOutput, Path] = {}
    errors: list[Exception] = []

    async def save(file: FileOutput) -> None:
        async with room:
            try:
                path = await file._asave(targets[file], overwrite=overwrite, completes=True)  # noqa: SLF001 - its own
                saved[file] = path
                if on_progress is not None:
                    on_progress(len(saved), len(targets))
            except Exception as error:  # noqa: BLE001 - raised below, without a group around it
                errors.append(error)

    async with anyio.create_task_group() as group:
        for file in targets:
            group.start_soon(save, file)
    if errors:
        raise errors[0]
    return mapped(output, lambda leaf: saved[leaf] if isinstance(leaf, FileOutput) else leaf)


def _targets(output: Any, directory: Path) -> dict[FileOutput, Path]:
    """A path for each file; a file that occurs twice is saved once."""
    files = dict.fromkeys(leaf for leaf in leaves(output) if isinstance(leaf, FileOutput))
    named = [(file, file.name) for file in files]
    names = _Names()
    # Names without an ending come last: they get one when they are saved, and have to be free then.
    named.sort(key=lambda item: not has_ending(item[1]))
    return {file: directory / names.free(name) for file, name in named}


class _Names:
    """The names that are taken in a directory, and how they begin before their endings."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._numbers: dict[str, int] = {}

    def free(self, name: str) -> str:
        """Return a name that is free, and take it; with a number if need be."""
        ending = PurePath(name).suffix if has_ending(name) else ""
        stem = name.removesuffix(ending)
        number = self._numbers.get(name.casefold(), 1)
        chosen = name
        while chosen.casefold() in self._taken:
            number += 1
            chosen = f"{stem}-{number}{ending}"
        self._numbers[name.casefold()] = number
        self._taken |= {chosen.casefold(), chosen.removesuffix(ending).casefold()}
        return chosen
