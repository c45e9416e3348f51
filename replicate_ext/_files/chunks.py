"""The bodies of answers, in chunks of bounded size."""

from __future__ import annotations

from contextlib import aclosing, contextmanager, suppress
from typing import TYPE_CHECKING

import httpx

from replicate_ext._http.decoding import BodyDecodingError, Decoder, decoder_for
from replicate_ext._http.reading import unwind

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator

_MAX_ERROR_BODY = 1 << 16
"""Bytes of an error's body that are kept."""


def body_chunks(response: httpx.Response) -> Iterator[bytes]:
    """Return a body's chunks, as they come or decoded, in pieces of bounded size.

    Args:
        response: An answer; one that was read already, as test doubles are, has its body too.

    Raises:
        httpx.DecodingError: The body cannot be decoded.
        httpx.RemoteProtocolError: Its encoded data was cut.
    """
    if response.is_stream_consumed:
        return response.iter_bytes()
    decoder = _decoder(response)
    return response.iter_raw() if decoder is None else _decoded(response, decoder)


async def async_body_chunks(response: httpx.Response) -> AsyncGenerator[bytes, None]:
    """Yield a body's chunks, as they come or decoded, in pieces of bounded size.

    Closing it closes the generators of httpx and httpcore inside of it, one in the other, too.

    Args:
        response: An answer; one that was read already, as test doubles are, has its body too.

    Raises:
        httpx.DecodingError: The body cannot be decoded.
        httpx.RemoteProtocolError: Its encoded data was cut.
    """
    import sniffio

    decoder = None if response.is_stream_consumed else _decoder(response)
    chunks = response.aiter_bytes() if response.is_stream_consumed else response.aiter_raw()
    try:
        async for chunk in chunks:
            if decoder is None:
                yield chunk
                continue
            with _decoding_errors(response):
                for piece in decoder.feed(chunk):
                    yield piece
    finally:
        # Closing one of httpx's generators does not close the next, of which trio warns; canceled,
        # each runs to its end. asyncio closes all of them itself, at once when its loop ends.
        if sniffio.current_async_library() == "trio":
            await unwind(chunks)
    if decoder is not None:
        _finish(response, decoder)


def _decoder(response: httpx.Response) -> Decoder | None:
    with _decoding_errors(response):
        return decoder_for(response.headers.get("Content-Encoding", ""))


def _decoded(response: httpx.Response, decoder: Decoder) -> Iterator[bytes]:
    with _decoding_errors(response):
        for chunk in response.iter_raw():
            yield from decoder.feed(chunk)
    _finish(response, decoder)


@contextmanager
def _decoding_errors(response: httpx.Response) -> Iterator[None]:
    try:
        yield
    except BodyDecodingError as error:
        raise httpx.DecodingError(str(error), request=response.request) from error


def _finish(response: httpx.Response, decoder: Decoder) -> None:
    try:
        decoder.finish()
    except BodyDecodingError as error:
        raise httpx.RemoteProtocolError(str(error), request=response.request) from error


class _ErrorBody:
    """The beginning of an error's body: nobody needs more, and it may be endless."""

    def __init__(self, response: httpx.Response) -> None:
        self._response = response
        self._content = bytearray()

    def take(self, chunk: bytes) -> bool:
        """Keep a chunk, and return whether that is enough."""
        self._content += chunk
        return len(self._content) >= _MAX_ERROR_BODY

    def response(self) -> httpx.Response:
        """Return the answer with what was kept as its body."""
        headers = self._response.headers.copy()
        for name in ("Content-Encoding", "Content-Length", "Transfer-Encoding"):
            headers.pop(name, None)
        return httpx.Response(
            self._response.status_code,
            headers=headers,
            content=bytes(self._content[:_MAX_ERROR_BODY]),
            request=self._response.request,
            history=self._response.history,
        )


def error_answer(response: httpx.Response) -> httpx.Response:
    """Return an answer that is an error with the beginning of its body, read.

    Args:
        response: The answer, its body not read yet.
    """
    body = _ErrorBody(response)
    with suppress(httpx.DecodingError):
        for chunk in body_chunks(response):
            if body.take(chunk):
                break
    return body.response()


async def async_error_answer(response: httpx.Response) -> httpx.Response:
    """Return an answer that is an error with the beginning of its body, read.

    Args:
        response: The answer, its body not read yet.
    """
    body = _ErrorBody(response)
    with suppress(httpx.DecodingError):
        async with aclosing(async_body_chunks(response)) as chunks:
            async for chunk in chunks:
                if body.take(chunk):
                    break
    return body.response()
