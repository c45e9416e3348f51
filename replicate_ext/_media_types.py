"""The media type of a file: from its name, else from its first bytes.

A short table of our own: the libraries that know more either need libmagic or would be one more
dependency of every install, for what models take and make: pictures, sound, video and archives.
"""

from __future__ import annotations

import mimetypes

UNKNOWN = "application/octet-stream"
HEAD_SIZE = 16
"""Bytes that ``media_type`` looks at."""

# The signatures of https://mimesniff.spec.whatwg.org/#matching-a-mime-type-pattern, and of formats
# that it leaves out. Bytes at the start, bytes from the ninth on, and what they mean.
_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", b"", "image/png"),
    (b"\xff\xd8\xff", b"", "image/jpeg"),
    (b"GIF87a", b"", "image/gif"),
    (b"GIF89a", b"", "image/gif"),
    (b"RIFF", b"WEBP", "image/webp"),
    (b"RIFF", b"WAVE", "audio/wav"),
    (b"RIFF", b"AVI ", "video/x-msvideo"),
    (b"BM", b"", "image/bmp"),
    (b"II*\x00", b"", "image/tiff"),
    (b"MM\x00*", b"", "image/tiff"),
    (b"ID3", b"", "audio/mpeg"),
    (b"\xff\xfb", b"", "audio/mpeg"),
    (b"\xff\xf3", b"", "audio/mpeg"),
    (b"fLaC", b"", "audio/flac"),
    (b"OggS", b"", "audio/ogg"),
    (b"\x1aE\xdf\xa3", b"", "video/webm"),
    (b"%PDF-", b"", "application/pdf"),
    (b"PK\x03\x04", b"", "application/zip"),
    (b"\x1f\x8b", b"", "application/gzip"),
    (b"glTF", b"", "model/gltf-binary"),
)
_ENCODINGS = {"gzip": "application/gzip", "bzip2": "application/x-bzip2", "xz": "application/x-xz"}
# ISO base media files say what they are after a length: ftyp and a brand.
_BRANDS = {
    b"avif": "image/avif",
    b"heic": "image/heic",
    b"M4A ": "audio/mp4",
    b"qt  ": "video/quicktime",
}


def media_type(name: str | None, head: bytes) -> str:
    """Return the media type of a file.

    Args:
        name: Its name, None where it has none.
        head: Its first bytes.
    """
    guessed, encoding = mimetypes.guess_type(name) if name else (None, None)
    if encoding:
        guessed = _ENCODINGS.get(encoding)
    return guessed or _sniffed(head) or UNKNOWN


def _sniffed(head: bytes) -> str | None:
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], "video/mp4")
    for start, later, meaning in _SIGNATURES:
        if head.startswith(start) and head[8:].startswith(later):
            return meaning
    return None
