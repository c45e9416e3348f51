"""A file on its way in or out of a model."""

import hashlib
import mimetypes
import re
from dataclasses import dataclass
from pathlib import Path

UNKNOWN_TYPE = "application/octet-stream"

_HEADER_VALUE = re.compile(r"[!-~]+(?: +[!-~]+)*")


@dataclass(frozen=True, slots=True)
class File:
    """A file with its name and media type, as a model may take or return it.

    Args:
        path: where the bytes lie.
        name: the file's name as users see it; by default that of the path.
        content_type: its media type; by default what the name tells.
    """

    path: Path
    name: str = ""
    content_type: str = ""

    def __post_init__(self) -> None:
        # Names come from clients and models: only their last part is used, never a path.
        name = Path((self.name or self.path.name).replace("\0", "")).name
        if name in ("", ".."):
            name = "file"
        content_type = self.content_type or mimetypes.guess_type(name)[0] or UNKNOWN_TYPE
        if not _HEADER_VALUE.fullmatch(content_type):
            content_type = UNKNOWN_TYPE
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "content_type", content_type)


def digest(path: Path, algorithm: str) -> str:
    """Return the hexadecimal digest of a file, which is read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest()
