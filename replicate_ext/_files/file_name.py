"""Names of saved files, which cannot lead out of their directory."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import unquote, urlsplit

_LONGEST = 150
_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]')
_ENDING = re.compile(r"\.(?=[0-9]*[a-z])[a-z0-9]{1,10}$", re.IGNORECASE)
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
"""Names that Windows gives to devices."""


def name_from_url(url: str) -> str:
    """Return a file name that a URL suggests, safe in any directory.

    Args:
        url: An http(s) URL; nothing in it can lead out of a directory.
    """
    try:
        path = unquote(urlsplit(url).path)
    except ValueError:
        path = ""
    return safe_name(path.replace("\\", "/").rpartition("/")[2])


def safe_name(name: str) -> str:
    """Return a name as one that every system takes for a file in the directory it is joined to.

    Args:
        name: Any text.
    """
    cleaned = _UNSAFE.sub("_", unicodedata.normalize("NFC", name)).strip(" .")
    # Surrogates cannot be encoded, and marks that turn text around hide what a name ends with.
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
    """Say whether a file name ends with what says its type, other than a version like v1.5.

    Args:
        name: The name.
    """
    return _ENDING.search(name) is not None
