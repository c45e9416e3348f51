"""Names that are not taken yet in a directory, for files to save."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, NamedTuple

from replicate_ext._files.file_name import has_ending, split_ending

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path


class FreeName(NamedTuple):
    """A name in a directory, with a number if the name itself is taken.

    Args:
        directory: The directory.
        stem: Name without its ending.
        ending: Ending with its dot; "" if the type of the file is not known yet.
        number: Number after the stem; 0 for none.
    """

    directory: Path
    stem: str
    ending: str
    number: int = 0

    @property
    def path(self) -> Path:
        """Path of the file."""
        numbered = f"{self.stem}-{self.number}" if self.number else self.stem
        return self.directory / f"{numbered}{self.ending}"

    def paths(self, ending: str) -> Iterator[Path]:
        """Yield this path, then paths with larger numbers: another process may take a path first.

        Args:
            ending: Ending for a name that has none.
        """
        named = self._replace(ending=self.ending or ending)
        for number in itertools.count(self.number):
            yield named._replace(number=number).path


def free_names(directory: Path, names: Sequence[str]) -> list[FreeName]:
    """Return a name for each file: one that does not exist, and that no other file gets.

    Args:
        directory: The directory, which need not exist.
        names: The wanted names.
    """
    taken = _Taken(_names_in(directory))
    # Names without an ending come last: they get an ending later and must be free with it.
    order = sorted(range(len(names)), key=lambda index: not has_ending(names[index]))
    chosen = {index: taken.free(directory, names[index]) for index in order}
    return [chosen[index] for index in range(len(names))]


def _names_in(directory: Path) -> list[str]:
    try:
        return [entry.name for entry in directory.iterdir()]
    except FileNotFoundError:
        return []


class _Taken:
    """Names that are taken in a directory. Case is ignored, as some systems ignore it.

    Args:
        names: Names of existing files.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._names = {name.casefold() for name in names}
        self._stems = {split_ending(name)[0].casefold() for name in names}
        self._numbers: dict[str, int] = {}

    def free(self, directory: Path, name: str) -> FreeName:
        """Return a free name and take it."""
        stem, ending = split_ending(name)
        key = name.casefold()
        chosen = FreeName(directory, stem, ending, self._numbers.get(key, 0))
        while self._is_taken(text := chosen.path.name.casefold(), ending):
            chosen = chosen._replace(number=chosen.number + 1)
        self._numbers[key] = chosen.number + 1
        self._names.add(text)
        self._stems.add(split_ending(text)[0])
        return chosen

    def _is_taken(self, text: str, ending: str) -> bool:
        return text in self._names or (not ending and text in self._stems)
