"""Downloading files: what to ask for, what to make of the answer, and two short loops.

A download that breaks off goes on where it was, by a Range request if the server knows those, else
by passing over what was given already. It ends only when it has as many bytes as were announced.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import httpx

from replicate_ext import _retry
from replicate_ext._send import Clock, log
from replicate_ext.errors import APIConnectionError, APIError, error_for

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator

MAX_RESUMES = 5

_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")
_GONE = "The API deletes outputs an hour after their run ended, and uploaded files after a day"


class Download:
    """One download: how far it is, and what that means for the next request. No I/O.

    Args:
        url: Where the file is.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.size: int | None = None
        self.content_type: str | None = None
        self._given = 0
        self._position = 0
        self._version: str | None = None
        self._encoded = False
        self._failures = 0

    def headers(self) -> dict[str, str]:
        """Return the headers of the next request: for the rest, unless the file has changed."""
        headers = {"Accept-Encoding": "identity"}
        # A range counts the bytes as they are sent: not what was given, if they were encoded.
        # A weak validator promises no more than that a person would not see the difference.
        if (
            self._given
            and self._version
            and not self._version.startswith("W/")
            and not self._encoded
        ):
            headers |= {"Range": f"bytes={self._given}-", "If-Range": self._version}
        return headers

    def accept(self, response: httpx.Response) -> None:
        """Take note of an answer's status and headers.

        Args:
            response: The answer, its body not read yet.

        Raises:
            APIError: It is another file than at first, or another part than asked for.
        """
        version = response.headers.get("ETag") or response.headers.get("Last-Modified")
        if self._given and version and self._version and version != self._version:
            raise APIError("the file changed while it was downloaded", response.request)
        part = _RANGE.fullmatch(response.headers.get("Content-Range", ""))
        if response.status_code == 206 and part:
            self._position = int(part[1])
            if self._position > self._given:
                raise APIError("the server left out a part of the file", response.request)
            return
        self._position = 0
        self._version = version
        self._encoded = "Content-Encoding" in response.headers
        length = response.headers.get("Content-Length")
        self.size = None if self._encoded or length is None else int(length)
        self.content_type = response.headers.get("Content-Type")

    def take(self, chunk: bytes) -> bytes:
        """Return what of a chunk was not given yet.

        Args:
            chunk: The next bytes of the body.
        """
        known = min(max(self._given - self._position, 0), len(chunk))
        self._position += len(chunk)
        self._given = max(self._given, self._position)
        return chunk[known:] if known else chunk

    def is_complete(self) -> bool:
        """Say whether a body that ended was whole."""
        return self.size is None or self._given == self.size

    def delay(self, clock: Clock, outcome: httpx.Response | httpx.TransportError) -> float:
        """Return the seconds to wait before the next request.

        Args:
            clock: Time and chance.
            outcome: The answer that is no success, or why the body broke off.

        Raises:
            APIError: There is no next one.
        """
        self._failures += 1
        chance = clock.chance()
        delay = _retry.delay_before_retry(outcome, self._failures, chance, repeatable=True)
        if delay is not None and self._failures <= MAX_RESUMES:
            log.info("download of %s: %s; again in %.1f s", self._name(), outcome, delay)
            return delay
        if isinstance(outcome, httpx.Response):
            raise error_for(outcome, _GONE if outcome.status_code in (404, 410) else "")
        have = f"{self._given:,} of {self.size:,} bytes" if self.size else f"{self._given:,} bytes"
        message = f"the download broke off after {have}: {outcome}"
        raise APIConnectionError(message, outcome.request) from outcome

    def _name(self) -> str:
        return self.url.partition("?")[0]


def body_chunks(response: httpx.Response) -> Iterator[bytes]:
    """Return a body's chunks, as they come where nothing has to be decoded.

    Args:
        response: An answer; one that was read already, as test doubles are, has its body too.
    """
    raw = not (response.is_stream_consumed or "Content-Encoding" in response.headers)
    return response.iter_raw() if raw else response.iter_bytes()


def async_body_chunks(response: httpx.Response) -> AsyncIterator[bytes]:
    """Return a body's chunks, as they come where nothing has to be decoded.

    Args:
        response: An answer; one that was read already, as test doubles are, has its body too.
    """
    raw = not (response.is_stream_consumed or "Content-Encoding" in response.headers)
    return response.aiter_raw() if raw else response.aiter_bytes()


def iterate(client: httpx.Client, download: Download, clock: Clock) -> Generator[bytes, None, None]:
    """Yield a file's bytes, going on where a connection broke off.

    Args:
        client: What sends the requests.
        download: The download, not yet begun.
        clock: Time and chance.
    """
    while True:
        try:
            with client.stream(
                "GET", download.url, headers=download.headers(), follow_redirects=True
            ) as response:
                outcome: httpx.Response | httpx.TransportError = response
                if response.is_success:
                    download.accept(response)
                    for chunk in body_chunks(response):
                        yield download.take(chunk)
                    if download.is_complete():
                        return
                    outcome = httpx.ReadError("it ended early", request=response.request)
                else:
                    response.read()
        except httpx.TransportError as error:
            outcome = error
        except httpx.RequestError as error:  # endless redirects, an encoding that is none
            raise APIConnectionError(str(error), error.request) from error
        clock.sleep(download.delay(clock, outcome))


async def async_iterate(
    client: httpx.AsyncClient, download: Download, clock: Clock
) -> AsyncGenerator[bytes, None]:
    """Yield a file's bytes, going on where a connection broke off.

    Args:
        client: What sends the requests.
        download: The download, not yet begun.
        clock: Time and chance.
    """
    while True:
        try:
            async with client.stream(
                "GET", download.url, headers=download.headers(), follow_redirects=True
            ) as response:
                outcome: httpx.Response | httpx.TransportError = response
                if response.is_success:
                    download.accept(response)
                    async for chunk in async_body_chunks(response):
                        yield download.take(chunk)
                    if download.is_complete():
                        return
                    outcome = httpx.ReadError("it ended early", request=response.request)
                else:
                    await response.aread()
        except httpx.TransportError as error:
            outcome = error
        except httpx.RequestError as error:  # endless redirects, an encoding that is none
            raise APIConnectionError(str(error), error.request) from error
        await clock.async_sleep(download.delay(clock, outcome))
