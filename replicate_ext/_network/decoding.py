"""Decoding bodies by their Content-Encoding, in pieces of bounded size. No I/O.

httpx decodes each chunk completely, so a few hundred bytes can become a gigabyte in one step. Here
no step returns more than ``MAX_PIECE`` bytes, so a reader can stop at its own limit.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zlib import _Decompress as _Decompressor  # pyright: ignore[reportPrivateUsage] # has no other name

CODINGS = {"Accept-Encoding": "gzip, deflate"}
"""Header that accepts only the codings that can be decoded in bounded memory."""
MAX_PIECE = 1 << 20
"""Limit of one decoding step, in bytes."""
MAX_CODINGS = 3
"""Limit of nested codings."""

_SLICE = 1 << 14
"""Encoded bytes that are decoded at a time: zlib copies unused input after every step."""
_GZIP = zlib.MAX_WBITS | 16
_ZLIB = zlib.MAX_WBITS
_RAW = -zlib.MAX_WBITS


class BodyDecodingError(ValueError):
    """A body does not match its Content-Encoding, is truncated, or has an unknown coding."""


def decoder_for(content_encoding: str) -> Decoder | None:
    """Return the decoder of a body; None if it is not encoded.

    Args:
        content_encoding: Value of the header: codings separated by commas, or an empty string.

    Raises:
        BodyDecodingError: A coding is unknown, or there are more than ``MAX_CODINGS``.
    """
    codings = [coding.strip().lower() for coding in content_encoding.split(",")]
    codings = [coding for coding in codings if coding not in ("", "identity")]
    if len(codings) > MAX_CODINGS:
        raise BodyDecodingError(
            f"Content-Encoding has {len(codings)} codings; at most {MAX_CODINGS} are allowed"
        )
    for coding in codings:
        if coding not in _STAGES:
            raise BodyDecodingError(f"unsupported Content-Encoding {coding[:40]!r}")
    # The header lists them in the order in which they were applied.
    return Decoder([_STAGES[coding]() for coding in reversed(codings)]) if codings else None


class Decoder:
    """Decodes one body.

    Args:
        stages: Decoders of the codings, the outermost first.
    """

    def __init__(self, stages: list[_Stage]) -> None:
        self._stages = stages

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Yield the decoded bytes of a chunk, at most ``MAX_PIECE`` bytes at a time.

        Args:
            chunk: The next bytes. Exhaust the iterator before the next call.

        Raises:
            BodyDecodingError: The body is corrupt.
        """
        return self._feed(chunk, 0)

    def _feed(self, chunk: bytes, depth: int) -> Iterator[bytes]:
        if depth == len(self._stages):
            yield chunk
            return
        try:
            for piece in self._stages[depth].feed(chunk):
                yield from self._feed(piece, depth + 1)
        except zlib.error as error:
            raise BodyDecodingError(f"the body is corrupt: {error}") from error

    def finish(self) -> None:
        """Check that the body is complete.

        Raises:
            BodyDecodingError: The body is truncated.
        """
        if not all(stage.is_whole() for stage in self._stages):
            raise BodyDecodingError("the encoded body is truncated")


class _Stage:
    """Decoder of one coding. An empty body counts as complete, as some servers send it."""

    def __init__(self) -> None:
        self._inflater: _Decompressor | None = None

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Yield the decoded bytes of a chunk.

        Raises:
            zlib.error: The chunk is corrupt.
        """
        for start in range(0, len(chunk), _SLICE):
            rest = chunk[start : start + _SLICE]
            while rest and (inflater := self._inflater_for(rest)) is not None:
                yield from _inflated(inflater, rest)
                rest = inflater.unused_data if inflater.eof else b""

    def is_whole(self) -> bool:
        """Return whether the data so far may be complete."""
        return self._inflater is None or self._inflater.eof

    def _inflater_for(self, data: bytes) -> _Decompressor | None:
        """Return the decompressor for the data; None if the data is padding."""
        raise NotImplementedError


class _Gzip(_Stage):
    """Gzip: one or more members, then optional zeros as padding, as gzip(1) accepts them."""

    def _inflater_for(self, data: bytes) -> _Decompressor | None:
        if self._inflater is None or self._inflater.eof:
            if self._inflater is not None and not data.strip(b"\0"):
                return None
            self._inflater = zlib.decompressobj(_GZIP)
        return self._inflater


class _Deflate(_Stage):
    """Deflate: the zlib format, or the raw format that some servers send under this name."""

    def _inflater_for(self, data: bytes) -> _Decompressor | None:
        if self._inflater is None:
            # The low bits are 8 in the zlib format, and never in raw deflate as encoders write it:
            # https://www.rfc-editor.org/rfc/rfc1950#section-2.2
            self._inflater = zlib.decompressobj(_ZLIB if data[0] & 15 == 8 else _RAW)
        return None if self._inflater.eof else self._inflater


def _inflated(inflater: _Decompressor, data: bytes) -> Iterator[bytes]:
    while True:
        piece = inflater.decompress(data, MAX_PIECE)
        data = inflater.unconsumed_tail
        if piece:
            yield piece
        # After a full piece, zlib may hold more output even if all input was used.
        if inflater.eof or (not data and len(piece) < MAX_PIECE):
            return


_STAGES: dict[str, type[_Stage]] = {"gzip": _Gzip, "x-gzip": _Gzip, "deflate": _Deflate}
