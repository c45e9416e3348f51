"""Show pictures in a terminal."""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

_COLUMNS = 60
_ROWS = 24


def show_picture(console: Console, path: Path) -> None:
    """Show a picture where the terminal can: as pixels, or else as half blocks.

    Args:
        console: The terminal. Without colors, nothing is shown.
        path: A file; nothing is shown if it is not a picture.
    """
    if console.color_system is None:
        return
    # Errors are ignored here: the run has succeeded, and its file is saved.
    with suppress(Exception):
        from PIL import Image

        # textual_image warns about terminals that do not report the size of their cells.
        logging.getLogger("textual_image").addHandler(logging.NullHandler())
        from textual_image import renderable

        with Image.open(path) as opened:
            picture = opened.convert("RGB")
        width, height = min(_COLUMNS, console.width), min(_ROWS, max(console.height - 4, 4))
        # Cells are about twice as high as wide.
        width = max(1, min(width, round(height * 2 * picture.width / picture.height)))
        console.print(renderable.Image(picture, width=width, height="auto"))
