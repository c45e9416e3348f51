"""Safe names for saved files: no name leads out of the directory."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import unquote, urlsplit

_LONGEST = 150
_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]')
_ENDING = re.compile(r"\.(?=[0-9]*[a-z])[a-z0-9]{1,10}$", re.IGNORECASE)
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
"""Names of devices on Windows."""


def name_from_url(url: str) -> str:
    """Return the file name in a URL, made safe for any directory.

    Args:
        url: An http(s) URL.
    """
    try:
        path = unquote(urlsplit(url).path)
    except ValueError:
        path = ""
    return safe_name(path.replace("\\", "/").rpartition("/")[2])


def safe_name(name: str) -> str:
    """Return a name that is a file name on every system and cannot lead out of its directory.

    Args:
        name: Any text.
    """
    cleaned = _UNSAFE.sub("_", unicodedata.normalize("NFC", name)).strip(" .")
    # Surrogates cannot be encoded, and marks that reverse text hide the ending of a name.
    cleaned = "".join(c for c in cleaned if unicodedata.category(c) not in ("Cs", "Cf", "Cc"))
    cleaned = cleaned.strip(" .")
    if not cleaned or _RESERVED.fullmatch(cleaned):
        return f"output_{cleaned}" if cleaned else "output"
    stem, dot, ending = cleaned.rpartition(".")
    while len(cleaned.encode()) > _LONGEST and stem:
        stem = stem[:-1]
        cleaned = f"{stem}{dot}{ending}"
    return cleaned if len(cleaned.encode()) <= _LONGEST else "output"


def has_ending(name: str) -> bool:
    """Return whether a file name has an ending for its type; a version like v1.5 does not count.

    Args:
        name: The name.
    """
    return _ENDING.search(name) is not None


def split_ending(name: str) -> tuple[str, str]:
    """Return a file name without its ending, and the ending with its dot; "" if it has none.

    Args:
        name: The name.
    """
    match = _ENDING.search(name)
    return (name, "") if match is None else (name[: match.start()], match[0])
