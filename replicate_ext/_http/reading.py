"""Reading a response into memory: decoded, no larger than allowed, and not beyond the deadline."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import httpx

from replicate_ext._http.decoding import BodyDecodingError, Decoder, decoder_for

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

CODINGS = {"Accept-Encoding": "gzip, deflate"}
"""The header that asks for no more than can be decoded in bounded memory."""
MAX_RESPONSE_SIZE = 160 * 1024 * 1024
"""Bytes of JSON, by default: a prediction repeats its input, which may hold 100 MB as base64."""
MAX_ERROR_SIZE = 1024 * 1024
"""Bytes that are read of an error's body; the rest is left out."""


class ResponseTooLarge(httpx.DecodingError):
    """A body has more bytes than allowed."""


class _Intake:
    """Takes in the body of one response. No I/O.

    An error's status says what happened even where its body is broken, cut or late: then what came
    of it is enough.

    Args:
        response: The response, its body not read yet.
        most: The most bytes that a success may have.
        seconds_left: Returns the seconds until the deadline; None where there is none.
    """

    def __init__(
        self, response: httpx.Response, most: int, seconds_left: Callable[[], float] | None
    ) -> None:
        self._request = response.request
        self.is_success = response.is_success
        self._left = most if response.is_success else min(most, MAX_ERROR_SIZE)
        self._most = self._left
        self._seconds_left = seconds_left
        self.is_full = False
        self._coding = response.headers.get("Content-Encoding", "")
        self._decoder: Decoder | None = None

    def start(self) -> None:
        """Find the decoder of the body.

        Raises:
            httpx.DecodingError: There is none.
        """
        try:
            self._decoder = decoder_for(self._coding)
        except BodyDecodingError as error:
            raise self._broken(error) from error

    def take(self, chunk: bytes) -> Iterator[bytes]:
        """Yield the decoded bytes of a chunk.

        Raises:
            httpx.RequestError: The body is too large, cannot be decoded, or comes too late.
        """
        if self._seconds_left is not None and self._seconds_left() <= 0:
            raise httpx.ReadTimeout("the deadline passed", request=self._request)
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
        """Check that the body was whole.

        Raises:
            httpx.DecodingError: It was not.
        """
        try:
            if self._decoder is not None and not self.is_full:
                self._decoder.finish()
        except BodyDecodingError as error:
            raise self._broken(error) from error

    def _overflow(self) -> None:
        if self.is_success:
            message = (
                f"the response has more than {self._most:,} bytes; the client's option "
                "max_response_size allows more"
            )
            raise ResponseTooLarge(message, request=self._request)
        self.is_full = True

    def _broken(self, error: BodyDecodingError) -> httpx.DecodingError:
        return httpx.DecodingError(str(error), request=self._request)


class _Stream(httpx.SyncByteStream):
    def __init__(self, body: httpx.SyncByteStream, intake: _Intake) -> None:
        self._body = body
        self._intake = intake

    def __iter__(self) -> Iterator[bytes]:
        try:
            self._intake.start()
            for chunk in self._body:
                yield from self._intake.take(chunk)
                if self._intake.is_full:
                    break
            self._intake.finish()
        except httpx.RequestError:
            if self._intake.is_success:
                raise

    def close(self) -> None:
        self._body.close()


class _AsyncStream(httpx.AsyncByteStream):
    def __init__(self, body: httpx.AsyncByteStream, intake: _Intake) -> None:
        self._body = body
        self._intake = intake

    async def __aiter__(self) -> AsyncIterator[bytes]:
        chunks = aiter(self._body)
        is_left_early = True
        try:
            self._intake.start()
            async for chunk in chunks:
                for piece in self._intake.take(chunk):
                    yield piece
                if self._intake.is_full:
                    break
            else:
                is_left_early = False
            self._intake.finish()
        except httpx.RequestError:
            if self._intake.is_success:
                raise
        finally:
            if is_left_early:
                await unwind(chunks)

    async def aclose(self) -> None:
        await self._body.aclose()


async def unwind(chunks: AsyncIterator[bytes]) -> None:
    """Let the generators below a body that is left early run to their ends.

    httpx and httpcore have six of them, one in the other, and closing one does not close the next;
    trio warns of each that it has to close itself.

    Args:
        chunks: The body.
    """
    import anyio

    with suppress(Exception), anyio.CancelScope() as scope:
        scope.cancel()
        async for _ in chunks:
            pass


def read(
    response: httpx.Response, most: int, seconds_left: Callable[[], float] | None = None
) -> None:
    """Read a response.

    Args:
        response: The response; one that a test double has read already stays as it is.
        most: The most bytes that a success may have; of an error's body the rest is left out.
        seconds_left: Returns the seconds until the deadline; None where there is none.

    Raises:
        httpx.RequestError: The body of a success is too large, cannot be decoded, or does not come
            in time.
    """
    if response.is_stream_consumed:
        return
    try:
        intake = _Intake(response, most, seconds_left)
        response.stream = _Stream(response.stream, intake)  # type: ignore[arg-type] # it is sync
        encoding = response.headers.pop("Content-Encoding", None)
        response.read()
    finally:
        response.close()
    if encoding is not None:
        response.headers["Content-Encoding"] = encoding


async def aread(
    response: httpx.Response, most: int, seconds_left: Callable[[], float] | None = None
) -> None:
    """Read a response, as ``read`` does, awaiting it.

    Args:
        response: The response; one that a test double has read already stays as it is.
        most: The most bytes that a success may have; of an error's body the rest is left out.
        seconds_left: Returns the seconds until the deadline; None where there is none.

    Raises:
        httpx.RequestError: The body of a success is too large, cannot be decoded, or does not come
            in time.
    """
    if response.is_stream_consumed:
        return
    try:
        intake = _Intake(response, most, seconds_left)
        response.stream = _AsyncStream(response.stream, intake)  # type: ignore[arg-type] # async
        encoding = response.headers.pop("Content-Encoding", None)
        await response.aread()
    finally:
        await response.aclose()
    if encoding is not None:
        response.headers["Content-Encoding"] = encoding
