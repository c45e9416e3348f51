"""Reading data URIs: https://www.rfc-editor.org/rfc/rfc2397."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from replicate_ext._files import media_types

if TYPE_CHECKING:
    from collections.abc import Iterator

# https://www.rfc-editor.org/rfc/rfc2397#section-3
_DATA_URI = re.compile(
    r"data:(?P<type>([\w.+-]+/[\w.+-]+)?)(;[\w.+-]+=[^\s;,]*)*(?P<base64>;base64)?,(?P<data>\S*)",
    re.IGNORECASE,
)
_CHUNK = 1 << 16


def is_data_uri(text: str) -> bool:
    """Return whether the whole text is a data URI."""
    return _DATA_URI.fullmatch(text) is not None


def slices(content: bytes) -> Iterator[bytes]:
    """Yield content in chunks as large as those of a download."""
    return (content[start : start + _CHUNK] for start in range(0, len(content), _CHUNK))


def data_type(uri: str) -> str:
    """Return the media type of a data URI, guessed from its first bytes if it is unknown."""
    match = _DATA_URI.fullmatch(uri)
    declared = match["type"].partition(";")[0] if match else ""
    if match and declared.lower() == media_types.UNKNOWN:
        return media_types.sniffed(_data_head(match)) or declared
    # https://www.rfc-editor.org/rfc/rfc2397#section-3
    return declared or ("text/plain" if match else media_types.UNKNOWN)


def _data_head(match: re.Match[str]) -> bytes:
    """Return the first bytes of a data URI without decoding all of it."""
    data = unquote_to_bytes(match["data"][: 12 * media_types.HEAD_SIZE])
    if not match["base64"]:
        return data[: media_types.HEAD_SIZE]
    try:
        start = data[: 4 * media_types.HEAD_SIZE]
        return base64.b64decode(start + b"=" * (-len(start) % 4))[: media_types.HEAD_SIZE]
    except binascii.Error:
        return b""


def data_content(uri: str) -> bytes:
    """Return the content of a data URI.

    Raises:
        ValueError: The text is not a data URI, or its base64 data is invalid.
    """
    match = _DATA_URI.fullmatch(uri)
    if match is None:
        raise ValueError(f"not a data URI: {uri[:60]!r}")
    data = unquote_to_bytes(match["data"])
    if not match["base64"]:
        return data
    try:
        return base64.b64decode(data + b"=" * (-len(data) % 4), validate=True)
    except binascii.Error as error:
        raise ValueError(f"the data URI {uri[:60]!r} has invalid base64 data: {error}") from error
