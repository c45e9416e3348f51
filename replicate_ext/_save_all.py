"""Saving every file of an output at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import TYPE_CHECKING, Any

from replicate_ext._outputs import FileOutput
from replicate_ext._trees import leaves, mapped

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
    errors: list[BaseException] = []
    with ThreadPoolExecutor(CONCURRENCY) as pool:
        saving = [
            pool.submit(file.save, target, overwrite=overwrite) for file, target in targets.items()
        ]
        done = 0
        try:
            for saved in as_completed(saving):
                if (error := saved.exception()) is not None:
                    errors.append(error)
                    continue
                done += 1
                if on_progress is not None:
                    on_progress(done, len(targets))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    if errors:
        raise errors[0]
    return mapped(output, lambda leaf: targets[leaf] if isinstance(leaf, FileOutput) else leaf)


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

    targets = _targets(output, Path(directory))
    room = anyio.CapacityLimiter(CONCURRENCY)
    done = 0
    errors: list[Exception] = []

    async def save(file: FileOutput, target: Path) -> None:
        nonlocal done
        async with room:
            try:
                await file.asave(target, overwrite=overwrite)
                done += 1
                if on_progress is not None:
                    on_progress(done, len(targets))
            except Exception as error:  # noqa: BLE001 - raised below, without a group around it
                errors.append(error)

    async with anyio.create_task_group() as group:
        for file, target in targets.items():
            group.start_soon(save, file, target)
    if errors:
        raise errors[0]
    return mapped(output, lambda leaf: targets[leaf] if isinstance(leaf, FileOutput) else leaf)


def _targets(output: Any, directory: Path) -> dict[FileOutput, Path]:
    """A path for each file; a file that occurs twice is saved once."""
    targets: dict[FileOutput, Path] = {}
    taken: set[str] = set()
    for file in leaves(output):
        if not isinstance(file, FileOutput) or file in targets:
            continue
        name, number = file.name, 1
        while name.casefold() in taken:
            number += 1
            stem, dot, ending = file.name.rpartition(".")
            name = f"{stem}-{number}{dot}{ending}" if dot else f"{ending}-{number}"
        taken.add(name.casefold())
        targets[file] = directory / name
    return targets
