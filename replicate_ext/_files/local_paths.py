"""Warn of paths of local files that are sent as text."""

from __future__ import annotations

import logging
import os
import re
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_log = logging.getLogger("replicate_ext")

_PATH = re.compile(r"(?!\w+://)[^\n]{1,500}\.\w{1,8}")
"""Matches the path of a file with a suffix; it matches few prompts and no URL."""


def warn_of_paths(input: Mapping[str, object]) -> None:
    """Log a warning for each string that is the path of an existing file.

    It is only a warning, because the model may expect text.

    Args:
        input: Inputs of the model. Its own strings and those in its lists are checked.
    """
    for name, value in input.items():
        for text in value if isinstance(value, list) else (value,):
            if isinstance(text, str) and _PATH.fullmatch(text) and is_local_file(text):
                _log.warning(
                    "input.%s is the path of a local file, but is sent as text; "
                    "to send the file, pass pathlib.Path(%r)",
                    name,
                    text,
                )


def is_local_file(text: str) -> bool:
    """Return whether a string is the path of an existing file.

    Args:
        text: Any string.
    """
    with suppress(OSError, ValueError):  # too long, or with NUL in it
        return os.path.isfile(text)  # noqa: PTH113 - not every string makes a Path
    return False
