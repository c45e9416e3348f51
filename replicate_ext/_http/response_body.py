# Printed from async_response_body.py by `make generate`; changes made here are lost.
"""Reading the bodies of responses: into memory up to a limit, or in chunks."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import httpx

from replicate_ext._http.generators import Closing
from replicate_ext._http.reading import ErrorBody, Intake, ResponseDecoder

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator


class _LimitedBody(httpx.SyncByteStream):
    def __init__(self, body: httpx.SyncByteStream, intake: Intake) -> None:
        self._body = body
        self._intake = intake

    def __iter__(self) -> Iterator[bytes]:
        try:
            self._intake.start()
            with Closing(iter(self._body)) as chunks:
                for chunk in chunks:
                    yield from self._intake.take(chunk)
                    if self._intake.is_full:
                        break
            self._intake.finish()
        except httpx.RequestError:
            if self._intake.is_success:
                raise

    def close(self) -> None:
        self._body.close()


def read_response(
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
        response.stream = _LimitedBody(body, intake)  # type: ignore[arg-type] # httpx does it too
        encoding = response.headers.pop("Content-Encoding") if intake.coding else None
        response.read()
    finally:
        response.close()
    if encoding is not None:
        response.headers["Content-Encoding"] = encoding


def body_chunks(response: httpx.Response) -> Iterator[bytes]:
    """Return an iterator over the chunks of a decoded body.

    Args:
        response: The response. If it was already read, as with test doubles, its content is used.

    Raises:
        httpx.DecodingError: The body cannot be decoded.
        httpx.RemoteProtocolError: The encoded data is truncated.
    """
    if response.is_stream_consumed:
        return response.iter_bytes()
    decoder = ResponseDecoder.of(response)
    return response.iter_raw() if decoder is None else _decoded(response, decoder)


def _decoded(response: httpx.Response, decoder: ResponseDecoder) -> Generator[bytes, None]:
    with Closing(response.iter_raw()) as chunks:
        for chunk in chunks:
            yield from decoder.feed(chunk)
    decoder.finish()


def error_response(response: httpx.Response) -> httpx.Response:
    """Return an error response with the beginning of its body, read.

    Args:
        response: The response, its body not read yet.
    """
    body = ErrorBody(response)
    with suppress(httpx.DecodingError), Closing(body_chunks(response)) as chunks:
        for chunk in chunks:
            if body.take(chunk):
                break
    return body.response()
