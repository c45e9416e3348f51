"""Paths under which the files of an output are saved."""

from __future__ import annotations

from pathlib import Path, PurePath
from typing import Any

from replicate_ext._files.file_name import has_ending
from replicate_ext._files.json_values import leaves
from replicate_ext._files.output import FileOutput


def targets_in(directory: Path, output: Any) -> dict[FileOutput, Path]:
    """Return a path for each file of an output; a file that occurs twice is saved once.

    Args:
        directory: Directory of the paths.
        output: Output of a model, with files anywhere in lists and dicts.
    """
    files = dict.fromkeys(leaf for leaf in leaves(output) if isinstance(leaf, FileOutput))
    named = [(file, file.name) for file in files]
    names = _Names()
    # Names without an ending come last: they get an ending later and must be free with it.
    named.sort(key=lambda item: not has_ending(item[1]))
    return {file: directory / names.free(name) for file, name in named}


class _Names:
    """Names that are taken in a directory, and their stems without an ending."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._numbers: dict[str, int] = {}

    def free(self, name: str) -> str:
        """Return a free name and take it, with a number if the name itself is taken."""
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
