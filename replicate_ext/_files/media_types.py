"""Media types of files: from the name, otherwise from the first bytes.

The table is short: it has the images, sound, video and archives that models read and write. Larger
tables exist in libraries, but they need libmagic or add a dependency to every installation.
"""

from __future__ import annotations

import mimetypes
import re

UNKNOWN = "application/octet-stream"
HEAD_SIZE = 16
"""Number of first bytes that ``media_type`` needs."""

# The signatures of https://mimesniff.spec.whatwg.org/#matching-a-mime-type-pattern, and of formats
# that it does not have: bytes at the start, bytes from the ninth on, and the media type.
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
    (b"BZh", b"", "application/x-bzip2"),
    (b"\xfd7zXZ\x00", b"", "application/x-xz"),
    (b"glTF", b"", "model/gltf-binary"),
)
_STARTS = re.compile(
    b"|".join(
        b"("
        + re.escape(start)
        + (b".{%d}" % (8 - len(start)) + re.escape(later) if later else b"")
        + b")"
        for start, later, _ in _SIGNATURES
    ),
    re.DOTALL,
)
_ENCODINGS = {"gzip": "application/gzip", "bzip2": "application/x-bzip2", "xz": "application/x-xz"}
_ARCHIVES = frozenset({"application/zip", "application/x-zip-compressed", "application/x-tar"})
# Media types for which mimetypes has no ending, or an unusual one.
_ENDINGS = {
    "application/gzip": ".gz",
    "application/x-bzip2": ".bz2",
    "application/x-xz": ".xz",
    "audio/ogg": ".ogg",
    "audio/wav": ".wav",
    "image/avif": ".avif",
    "image/heic": ".heic",
    "image/webp": ".webp",
    "model/gltf-binary": ".glb",
}
_ESSENCE = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+", re.ASCII)
# ISO base media files begin with a length, ftyp, and a brand.
_BRANDS = {
    b"avif": "image/avif",
    b"heic": "image/heic",
    b"M4A ": "audio/mp4",
    b"qt  ": "video/quicktime",
}


def media_type(name: str | None, head: bytes) -> str:
    """Return the media type of a file.

    Args:
        name: File name; None if unknown.
        head: The first bytes. They take precedence over the name of an archive, as tools that
            unpack a file often keep its name.
    """
    guessed, encoding = mimetypes.guess_type(name) if name else (None, None)
    found = sniffed(head)
    if encoding:
        # A name like table.csv.gz, but no bytes of an archive: the file was unpacked.
        unpacked = guessed if head else None
        return found or unpacked or _ENCODINGS.get(encoding) or UNKNOWN
    if guessed in _ARCHIVES:
        return found or guessed
    return guessed or found or UNKNOWN


def sniffed(head: bytes) -> str | None:
    """Return the media type of a file's first bytes; None if they are unknown.

    Args:
        head: The first ``HEAD_SIZE`` bytes.
    """
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], "video/mp4")
    # One match instead of a loop: an input can have thousands of files.
    found = _STARTS.match(head)
    return _SIGNATURES[found.lastindex - 1][2] if found and found.lastindex else None


def essence(content_type: object) -> str | None:
    """Return a media type without its parameters; None if it is invalid or unspecific.

    Args:
        content_type: Value from a header or a file object, of any type.
    """
    if not isinstance(content_type, str):
        return None
    plain = content_type.partition(";")[0].strip().lower()
    return plain if _ESSENCE.fullmatch(plain) and plain != UNKNOWN else None


def ending_of(media_type: str) -> str:
    """Return the file name ending of a media type, with its dot; "" if unknown.

    Args:
        media_type: The media type, without parameters.
    """
    return _ENDINGS.get(media_type) or mimetypes.guess_extension(media_type) or ""
