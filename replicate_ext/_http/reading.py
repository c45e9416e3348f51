"""Limits and decoding of response bodies. No I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from replicate_ext._network.decoding import BodyDecodingError, Decoder, decoder_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MAX_ERROR_SIZE = 1024 * 1024
"""Bytes of an error response that are read; the rest is dropped."""

_MAX_KEPT = 1 << 16
"""Bytes of the error response to a download that are kept."""


class ResponseTooLarge(httpx.DecodingError):
    """The body is larger than allowed."""


class Intake:
    """Limits and decodes the body of one response.

    The status of an error response says what happened. If the body of such a response is corrupt,
    truncated or late, the bytes that have arrived are used.

    Args:
        response: The response, its body not read yet.
        most: Maximum size of the body of a successful response, in bytes after decoding.
        seconds_left: Returns the seconds until the deadline; None for no deadline.
    """

    def __init__(
        self, response: httpx.Response, most: int, seconds_left: Callable[[], float] | None
    ) -> None:
        self._response = response  # its request is created on access, only for errors
        self.is_success = response.is_success
        self._left = most if response.is_success else min(most, MAX_ERROR_SIZE)
        self._most = self._left
        self._seconds_left = seconds_left
        self.is_full = False
        self.coding = response.headers.get("Content-Encoding", "")
        self._decoder: Decoder | None = None

    def start(self) -> None:
        """Choose the decoder.

        Raises:
            httpx.DecodingError: The Content-Encoding is not supported.
        """
        try:
            self._decoder = decoder_for(self.coding)
        except BodyDecodingError as error:
            raise self._broken(error) from error

    def take(self, chunk: bytes) -> Iterator[bytes]:
        """Yield the decoded bytes of a chunk.

        Raises:
            httpx.RequestError: The body is too large, cannot be decoded, or arrives too late.
        """
        if self._seconds_left is not None and self._seconds_left() <= 0:
            message = "the deadline passed before the response was complete"
            raise httpx.ReadTimeout(message, request=self._response.request)
        try:
            for piece in (chunk,) if self._decoder is None else self._decoder.feed(chunk):
                yield piece[: self._left]
                self._left -= len(piece)
                if self._left < 0:
                    self._overflow()
                    return
        except BodyDecodingError as error:
            raise self._broken(error) from error

    def finish(self) -> None:
        """Check that the body is complete.

        Raises:
            httpx.DecodingError: The encoded data is truncated.
        """
        try:
            if self._decoder is not None and not self.is_full:
                self._decoder.finish()
        except BodyDecodingError as error:
            raise self._broken(error) from error

    def _overflow(self) -> None:
        if self.is_success:
            message = (
                f"the response has more than {self._most:,} bytes; to allow more, "
                "increase the client's max_response_size"
            )
            raise ResponseTooLarge(message, request=self._response.request)
        self.is_full = True

    def _broken(self, error: BodyDecodingError) -> httpx.DecodingError:
        return httpx.DecodingError(str(error), request=self._response.request)


class ResponseDecoder:
    """Decodes the body of one response.

    Args:
        response: The response.
        decoder: Decoder of its Content-Encoding.
    """

    def __init__(self, response: httpx.Response, decoder: Decoder) -> None:
        self._request = response.request
        self._decoder = decoder

    @classmethod
    def of(cls, response: httpx.Response) -> ResponseDecoder | None:
        """Return the decoder of a response, None if its body is not encoded.

        Raises:
            httpx.DecodingError: The Content-Encoding is not supported.
        """
        try:
            decoder = decoder_for(response.headers.get("Content-Encoding", ""))
        except BodyDecodingError as error:
            raise httpx.DecodingError(str(error), request=response.request) from error
        return None if decoder is None else cls(response, decoder)

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Yield the decoded bytes of a chunk, in pieces of bounded size.

        Raises:
            httpx.DecodingError: The chunk cannot be decoded.
        """
        try:
            yield from self._decoder.feed(chunk)
        except BodyDecodingError as error:
            raise httpx.DecodingError(str(error), request=self._request) from error

    def finish(self) -> None:
        """Check that the body is complete.

        Raises:
            httpx.RemoteProtocolError: The encoded data is truncated.
        """
        try:
            self._decoder.finish()
        except BodyDecodingError as error:
            raise httpx.RemoteProtocolError(str(error), request=self._request) from error


class ErrorBody:
    """Beginning of the body of an error response: the rest is not needed and may be endless.

    Args:
        response: The response, its body not read yet.
    """

    def __init__(self, response: httpx.Response) -> None:
        self._response = response
        self._content = bytearray()

    def take(self, chunk: bytes) -> bool:
        """Keep a chunk. Return whether enough was kept."""
        self._content += chunk
        return len(self._content) >= _MAX_KEPT

    def response(self) -> httpx.Response:
        """Return the response with the kept bytes as its body."""
        return with_content(self._response, bytes(self._content[:_MAX_KEPT]))


def with_content(response: httpx.Response, content: bytes) -> httpx.Response:
    """Return a copy of a response with another body, which is not encoded.

    Args:
        response: The response.
        content: The body of the copy.
    """
    headers = response.headers.copy()
    for name in ("Content-Encoding", "Content-Length", "Transfer-Encoding"):
        headers.pop(name, None)
    return httpx.Response(
        response.status_code,
        headers=headers,
        content=content,
        request=response.request,
        history=response.history,
    )
