"""Files as inputs and outputs of models."""

import hashlib
import mimetypes
import re
from dataclasses import dataclass
from pathlib import Path

UNKNOWN_TYPE = "application/octet-stream"

_HEADER_VALUE = re.compile(r"[!-~]+(?: +[!-~]+)*")


@dataclass(frozen=True, slots=True)
class File:
    """A file with its name and media type, as an input or output of a model.

    Args:
        path: path of the file on disk.
        name: file name that users see. Default: the name in the path.
        content_type: media type. Default: guessed from the name.
    """

    path: Path
    name: str = ""
    content_type: str = ""

    def __post_init__(self) -> None:
        # Names come from clients and models: only the last part is used, never a path.
        name = Path((self.name or self.path.name).replace("\0", "")).name
        if name in ("", ".."):
            name = "file"
        content_type = self.content_type or mimetypes.guess_type(name)[0] or UNKNOWN_TYPE
        if not _HEADER_VALUE.fullmatch(content_type):
            content_type = UNKNOWN_TYPE
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "content_type", content_type)


def digest(path: Path, algorithm: str) -> str:
    """Return the hexadecimal digest of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest()
