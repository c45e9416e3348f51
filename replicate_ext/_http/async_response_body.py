"""Reading the bodies of responses: into memory up to a limit, or in chunks."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import httpx

from replicate_ext._http.generators import AsyncClosing
from replicate_ext._http.reading import ErrorBody, Intake, ResponseDecoder

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable


class _AsyncLimitedBody(httpx.AsyncByteStream):
    def __init__(self, body: httpx.AsyncByteStream, intake: Intake) -> None:
        self._body = body
        self._intake = intake

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            self._intake.start()
            async with AsyncClosing(aiter(self._body)) as chunks:
                async for chunk in chunks:
                    for piece in self._intake.take(chunk):
                        yield piece
                    if self._intake.is_full:
                        break
            self._intake.finish()
        except httpx.RequestError:
            if self._intake.is_success:
                raise

    async def aclose(self) -> None:
        await self._body.aclose()


async def async_read_response(
    response: httpx.Response, most: int, seconds_left: Callable[[], float] | None = None
) -> None:
    """Read a response into memory and close it.

    Args:
        response: The response. If it was already read, as with test doubles, it is not changed.
        most: Maximum size of the body of a successful response, in bytes. A larger body of an error
            response is truncated.
        seconds_left: Returns the seconds until the deadline; None for no deadline.

    Raises:
        httpx.RequestError: The body of a successful response is too large, cannot be decoded, or
            arrives too late.
    """
    if response.is_stream_consumed:
        return
    try:
        intake = Intake(response, most, seconds_left)
        body = response.stream
        response.stream = _AsyncLimitedBody(body, intake)  # type: ignore[arg-type] # httpx does it too
        encoding = response.headers.pop("Content-Encoding") if intake.coding else None
        await response.aread()
    finally:
        await response.aclose()
    if encoding is not None:
        response.headers["Content-Encoding"] = encoding


def async_body_chunks(response: httpx.Response) -> AsyncIterator[bytes]:
    """Return an iterator over the chunks of a decoded body.

    Args:
        response: The response. If it was already read, as with test doubles, its content is used.

    Raises:
        httpx.DecodingError: The body cannot be decoded.
        httpx.RemoteProtocolError: The encoded data is truncated.
    """
    if response.is_stream_consumed:
        return response.aiter_bytes()
    decoder = ResponseDecoder.of(response)
    return response.aiter_raw() if decoder is None else _async_decoded(response, decoder)


async def _async_decoded(
    response: httpx.Response, decoder: ResponseDecoder
) -> AsyncGenerator[bytes, None]:
    async with AsyncClosing(response.aiter_raw()) as chunks:
        async for chunk in chunks:
            for piece in decoder.feed(chunk):
                yield piece
    decoder.finish()


async def async_error_response(response: httpx.Response) -> httpx.Response:
    """Return an error response with the beginning of its body, read.

    Args:
        response: The response, its body not read yet.
    """
    body = ErrorBody(response)
    with suppress(httpx.DecodingError):
        async with AsyncClosing(async_body_chunks(response)) as chunks:
            async for chunk in chunks:
                if body.take(chunk):
                    break
    return body.response()
