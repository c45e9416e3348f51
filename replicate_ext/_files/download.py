"""State of a download: the next request, and the meaning of its response. No I/O.

An interrupted download resumes at the same place, by a Range request, if a strong validator shows
that the file is unchanged. Otherwise it starts again, and the bytes that were yielded before are
compared. It is complete only when the announced number of bytes has arrived.
"""

from __future__ import annotations

import hashlib
import logging
import re
from typing import TYPE_CHECKING

import httpx

from replicate_ext._http import policy
from replicate_ext._http.status_errors import error_for
from replicate_ext._redaction import without_traces
from replicate_ext.errors import APIConnectionError, APIError

if TYPE_CHECKING:
    from _hashlib import HASH

    from replicate_ext._http.settings import Clock

_log = logging.getLogger("replicate_ext")

MAX_RESUMES = 5
"""Consecutive requests without new bytes after which a download fails, by default."""

_LENGTH = re.compile(r"\d{1,18}", re.ASCII)
_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)", re.ASCII)
_GONE = "The API deletes outputs an hour after their run ended, and uploaded files after a day"


class FileChangedError(APIError):
    """The file changed while it was downloaded; the bytes read so far must not be used."""


class Download:
    """State of one download.

    Args:
        url: URL of the file.
        max_resumes: Consecutive requests without new bytes after which the download fails.
    """

    def __init__(self, url: str, max_resumes: int = MAX_RESUMES) -> None:
        self.url = url
        self._max_resumes = max_resumes
        self.size: int | None = None
        self.content_type: str | None = None
        self.disposition: str | None = None
        self._yielded = 0
        """Number of bytes that were yielded."""
        self._position = 0
        """Position in the file of the next byte of the current response."""
        self._end: int | None = None
        """Position in the file at which the current response ends; None if unknown."""
        self._etag: str | None = None
        self._ranges = True
        self._is_part = False
        self._digest: HASH | None = None
        """Digest of the yielded bytes; only needed if the file has no strong validator."""
        self._repeated: HASH | None = None
        """Digest of bytes that were yielded before and arrive again."""
        self._failures = 0
        self._yielded_at_failure = 0

    def headers(self) -> dict[str, str]:
        """Return the headers of the next request. If possible it asks for the missing part only."""
        headers = {"Accept-Encoding": "identity"}
        self._is_part = bool(self._yielded and self._etag and self._ranges)
        if self._is_part:
            headers |= {"Range": f"bytes={self._yielded}-", "If-Range": str(self._etag)}
        return headers

    def accepts(self, response: httpx.Response) -> bool:
        """Process the status and headers of a response. Return False for an error response.

        Args:
            response: The response, its body not read yet.

        Raises:
            httpx.RemoteProtocolError: The response is not the requested part.
            FileChangedError: The file has changed.
            APIError: The status is a success, but not 200 or 203.
        """
        if self._is_part and response.status_code in (206, 416):
            if not self._fits(response):
                self._ranges = False
                message = "the response is not the requested part of the file"
                raise httpx.RemoteProtocolError(message, request=response.request)
            return True
        if not response.is_success:
            return False
        if response.status_code not in (200, 203):
            message = f"expected status 200 for a download, got {response.status_code}"
            raise APIError(message, response.request)
        self._begin(response)
        return True

    def _fits(self, response: httpx.Response) -> bool:
        """Return whether a response is the requested part of the same file."""
        part = _RANGE.fullmatch(response.headers.get("Content-Range", ""))
        if response.status_code != 206 or part is None or _is_encoded(response):
            return False
        start, last, total = int(part[1]), int(part[2]), part[3]
        size = int(total) if self.size is None and total != "*" else self.size
        if (
            size is None
            or not self._yielded == start <= last < size
            or total not in ("*", str(size))
            or response.headers.get("Content-Length") not in (None, str(last + 1 - start))
            or response.headers.get("ETag") != self._etag
        ):
            return False
        self._position, self._end, self.size = start, last + 1, size
        return True

    def _begin(self, response: httpx.Response) -> None:
        etag = response.headers.get("ETag", "")
        # A weak validator allows different bytes. Ranges count bytes as they are sent, so they do
        # not match the yielded bytes of an encoded response.
        strong = etag if etag.startswith('"') and not _is_encoded(response) else None
        size = _length(response)
        if self._yielded:
            is_same = strong is not None and strong == self._etag
            sizes_differ = None not in (size, self.size) and size != self.size
            if sizes_differ or not (is_same or self._digest):
                raise _changed(response)
            self._repeated = None if is_same else hashlib.sha256()
        else:
            self._etag = strong
            self._digest = None if strong else hashlib.sha256()
            self.size = size
        self._position, self._end = 0, size
        self.content_type = response.headers.get("Content-Type")
        self.disposition = response.headers.get("Content-Disposition")

    def take(self, chunk: bytes, response: httpx.Response) -> bytes:
        """Return the bytes of a chunk that were not yielded yet.

        Args:
            chunk: The next bytes of the body.
            response: The response of the chunk.

        Raises:
            APIError: The response has more bytes than it announced.
            FileChangedError: The bytes that were yielded before differ.
        """
        if self._end is not None and self._position + len(chunk) > self._end:
            raise APIError("the response has more bytes than it announced", response.request)
        known = min(max(self._yielded - self._position, 0), len(chunk))
        self._position += len(chunk)
        if self._repeated is not None and known:
            self._repeated.update(chunk[:known])
            if self._position >= self._yielded:
                self._compare(response)
        fresh = chunk[known:] if known else chunk
        if self._digest is not None:
            self._digest.update(fresh)
        self._yielded += len(fresh)
        return fresh

    def _compare(self, response: httpx.Response) -> None:
        repeated, self._repeated = self._repeated, None
        if repeated and self._digest and repeated.digest() == self._digest.digest():
            return
        raise _changed(response)

    def is_complete(self) -> bool:
        """Return whether a body that has ended is complete."""
        ended = self._position >= self._yielded and self._end in (None, self._position)
        return ended and self.size in (None, self._yielded)

    def delay(self, clock: Clock, outcome: httpx.Response | httpx.TransportError) -> float:
        """Return the seconds to wait before the next request.

        Args:
            clock: Source of time and random numbers.
            outcome: The error response, or the error that interrupted the body.

        Raises:
            APIError: The download must not be retried.
        """
        if self._yielded > self._yielded_at_failure:
            self._failures = 0
        self._yielded_at_failure = self._yielded
        self._failures += 1
        chance = clock.chance()
        delay = policy.delay_before_retry(outcome, self._failures, chance, repeatable=True)
        if delay is not None and self._failures <= self._max_resumes:
            _log.info("download of %s: %s; retrying in %.1f s", self._name(), outcome, delay)
            return delay
        if isinstance(outcome, httpx.Response):
            raise error_for(outcome, _GONE if outcome.status_code in (404, 410) else "")
        have = (
            f"{self._yielded:,} of {self.size:,} bytes" if self.size else f"{self._yielded:,} bytes"
        )
        message = f"the download was interrupted after {have}: {outcome}"
        raise APIConnectionError(message, outcome.request) from without_traces(outcome)

    def _name(self) -> str:
        return self.url.partition("?")[0]


def _changed(response: httpx.Response) -> FileChangedError:
    return FileChangedError(
        "the file changed while it was downloaded, or may have changed; download it again from its "
        "start",
        response.request,
    )


def _is_encoded(response: httpx.Response) -> bool:
    return response.headers.get("Content-Encoding", "").strip().lower() not in ("", "identity")


def _length(response: httpx.Response) -> int | None:
    """Return the size of the file that a response announces; None if unknown."""
    announced = response.headers.get("Content-Length")
    if announced is None or _is_encoded(response):
        return None
    if _LENGTH.fullmatch(announced) is None:
        message = f"invalid Content-Length {announced[:30]!r}"
        raise APIError(message, response.request)
    return int(announced)
