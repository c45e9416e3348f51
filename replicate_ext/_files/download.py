"""State of a download: the next request, and the meaning of its response. No I/O.

A download that is cut continues at the same place, by a Range request, if a strong validator shows
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
from replicate_ext.errors import APIConnectionError, APIError, error_for, without_traces

if TYPE_CHECKING:
    from replicate_ext._http.settings import Clock

_log = logging.getLogger("replicate_ext")

MAX_RESUMES = 5
"""Tries in a row that bring no new bytes, after which a download is given up."""

_LENGTH = re.compile(r"\d{1,18}", re.ASCII)
_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)", re.ASCII)
_GONE = "The API deletes outputs an hour after their run ended, and uploaded files after a day"


class FileChangedError(APIError):
    """The file is another one than when its download began; what was given of it is worthless."""


class Download:
    """One download: how far it is, and what that means for the next request. No I/O.

    Args:
        url: Where the file is.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.size: int | None = None
        self.content_type: str | None = None
        self.disposition: str | None = None
        self._given = 0
        """Bytes that were given."""
        self._position = 0
        """Bytes of the file before the next one of this answer."""
        self._end: int | None = None
        """Where this answer ends, if it says so."""
        self._etag: str | None = None
        self._ranges = True
        self._is_part = False
        self._digest: hashlib.blake2b | None = None
        """Of all that was given, if no validator can show later that the file is the same."""
        self._repeated: hashlib.blake2b | None = None
        """Of what was given before and comes again."""
        self._failures = 0
        self._given_at_failure = 0

    def headers(self) -> dict[str, str]:
        """Return the headers of the next request: for the rest, unless the file has changed."""
        headers = {"Accept-Encoding": "identity"}
        self._is_part = bool(self._given and self._etag and self._ranges)
        if self._is_part:
            headers |= {"Range": f"bytes={self._given}-", "If-Range": str(self._etag)}
        return headers

    def accepts(self, response: httpx.Response) -> bool:
        """Take note of an answer's status and headers; return False for one that is an error.

        Args:
            response: The answer, its body not read yet.

        Raises:
            httpx.RemoteProtocolError: It is not the part that was asked for.
            FileChangedError: It is another file than at first.
            APIError: It is not what a file is answered with.
        """
        if self._is_part and response.status_code in (206, 416):
            if not self._fits(response):
                self._ranges = False
                message = "the answer is not the part of the file that was asked for"
                raise httpx.RemoteProtocolError(message, request=response.request)
            return True
        if not response.is_success:
            return False
        if response.status_code not in (200, 203):
            message = f"{response.status_code} is no answer to a request for a whole file"
            raise APIError(message, response.request)
        self._begin(response)
        return True

    def _fits(self, response: httpx.Response) -> bool:
        """Say whether an answer is the part that was asked for, of the same file."""
        part = _RANGE.fullmatch(response.headers.get("Content-Range", ""))
        if response.status_code != 206 or part is None or _is_encoded(response):
            return False
        start, last, total = int(part[1]), int(part[2]), part[3]
        size = int(total) if self.size is None and total != "*" else self.size
        if (
            size is None
            or not self._given == start <= last < size
            or total not in ("*", str(size))
            or response.headers.get("Content-Length") not in (None, str(last + 1 - start))
            or response.headers.get("ETag") != self._etag
        ):
            return False
        self._position, self._end, self.size = start, last + 1, size
        return True

    def _begin(self, response: httpx.Response) -> None:
        etag = response.headers.get("ETag", "")
        # A weak validator promises no more than that a person would not see the difference, and
        # ranges count the bytes as they are sent: not what was given, if they were encoded.
        strong = etag if etag.startswith('"') and not _is_encoded(response) else None
        size = _length(response)
        if self._given:
            is_same = strong is not None and strong == self._etag
            sizes_differ = None not in (size, self.size) and size != self.size
            if sizes_differ or not (is_same or self._digest):
                raise _changed(response)
            self._repeated = None if is_same else hashlib.blake2b()
        else:
            self._etag = strong
            self._digest = None if strong else hashlib.blake2b()
            self.size = size
        self._position, self._end = 0, size
        self.content_type = response.headers.get("Content-Type")
        self.disposition = response.headers.get("Content-Disposition")

    def take(self, chunk: bytes, response: httpx.Response) -> bytes:
        """Return what of a chunk was not given yet.

        Args:
            chunk: The next bytes of the body.
            response: The answer it belongs to.

        Raises:
            APIError: The answer has more bytes than it announced.
            FileChangedError: What was given before is not how this file begins.
        """
        if self._end is not None and self._position + len(chunk) > self._end:
            raise APIError("the answer has more bytes than it announced", response.request)
        known = min(max(self._given - self._position, 0), len(chunk))
        self._position += len(chunk)
        if self._repeated is not None and known:
            self._repeated.update(chunk[:known])
            if self._position >= self._given:
                self._compare(response)
        fresh = chunk[known:] if known else chunk
        if self._digest is not None:
            self._digest.update(fresh)
        self._given += len(fresh)
        return fresh

    def _compare(self, response: httpx.Response) -> None:
        repeated, self._repeated = self._repeated, None
        if repeated and self._digest and repeated.digest() == self._digest.digest():
            return
        raise _changed(response)

    def is_complete(self) -> bool:
        """Say whether a body that ended was whole."""
        ended = self._position >= self._given and self._end in (None, self._position)
        return ended and self.size in (None, self._given)

    def delay(self, clock: Clock, outcome: httpx.Response | httpx.TransportError) -> float:
        """Return the seconds to wait before the next request.

        Args:
            clock: Time and chance.
            outcome: The answer that is no success, or why the body broke off.

        Raises:
            APIError: There is no next one.
        """
        if self._given > self._given_at_failure:
            self._failures = 0
        self._given_at_failure = self._given
        self._failures += 1
        chance = clock.chance()
        delay = policy.delay_before_retry(outcome, self._failures, chance, repeatable=True)
        if delay is not None and self._failures <= MAX_RESUMES:
            _log.info("download of %s: %s; retrying in %.1f s", self._name(), outcome, delay)
            return delay
        if isinstance(outcome, httpx.Response):
            raise error_for(outcome, _GONE if outcome.status_code in (404, 410) else "")
        have = f"{self._given:,} of {self.size:,} bytes" if self.size else f"{self._given:,} bytes"
        message = f"the download broke off after {have}: {outcome}"
        raise APIConnectionError(message, outcome.request) from without_traces(outcome)

    def _name(self) -> str:
        return self.url.partition("?")[0]


def _changed(response: httpx.Response) -> FileChangedError:
    return FileChangedError(
        "the file changed while it was downloaded, or nothing shows that it did not; download it "
        "again from its start",
        response.request,
    )


def _is_encoded(response: httpx.Response) -> bool:
    return response.headers.get("Content-Encoding", "").strip().lower() not in ("", "identity")


def _length(response: httpx.Response) -> int | None:
    """Return the size that an answer announces for the file itself."""
    announced = response.headers.get("Content-Length")
    if announced is None or _is_encoded(response):
        return None
    if _LENGTH.fullmatch(announced) is None:
        message = f"invalid Content-Length {announced[:30]!r}"
        raise APIError(message, response.request)
    return int(announced)
