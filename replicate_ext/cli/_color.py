"""The option ``--color``, for code that needs it before the options are parsed.

Help and errors in arguments are printed before typer has read the options that follow them.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from replicate_ext.cli._session import COLORS

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence


def chosen_color(arguments: Sequence[str]) -> str:
    """Return the value of ``--color`` in the arguments; "auto" if it is missing or invalid.

    Args:
        arguments: The arguments, without the name of the program.
    """
    chosen = COLORS[0]
    rest = iter(arguments)
    for option in rest:
        name, separator, value = option.partition("=")
        if name == "--":
            break
        if name == "--color":
            chosen = value if separator else next(rest, "")
    return chosen if chosen in COLORS else COLORS[0]


@contextmanager
def help_in_color(color: str) -> Generator[None]:
    """Print help with or without colors inside the block.

    Args:
        color: The value of ``--color``.
    """
    if color == COLORS[0]:
        yield
        return
    # Imported late: it takes as long as the rest of the command line.
    from typer import rich_utils

    before = rich_utils.COLOR_SYSTEM, rich_utils.FORCE_TERMINAL
    rich_utils.COLOR_SYSTEM = None if color == "never" else "standard"
    rich_utils.FORCE_TERMINAL = color == "always"
    try:
        yield
    finally:
        rich_utils.COLOR_SYSTEM, rich_utils.FORCE_TERMINAL = before
