"""A request as the connections of the pool send it, without the objects of httpx."""

from __future__ import annotations

import time
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import httpcore
import httpx
from replicate_api.client import origin

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Iterable

RawHeaders: TypeAlias = "list[tuple[bytes, bytes]]"


class Location(NamedTuple):
    """A parsed URL.

    Args:
        url: The URL.
        origin: Its scheme, host and port.
        core: The URL for httpcore.
    """

    url: httpx.URL
    origin: tuple[str, bytes, int | None]
    core: httpcore.URL


@lru_cache(maxsize=256)
def located(url: str | httpx.URL) -> Location:
    """Return a parsed URL; most requests of a client go to a few URLs.

    Args:
        url: An absolute URL.

    Raises:
        httpx.InvalidURL: The URL is not valid.
    """
    parsed = httpx.URL(url)
    return Location(parsed, origin(parsed), core_url(parsed))


def core_url(url: httpx.URL) -> httpcore.URL:
    """Return a URL for httpcore.

    Args:
        url: The URL.
    """
    return httpcore.URL(
        scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
    )


class Outgoing:
    """A request to send on a connection of the pool.

    Args:
        method: The HTTP method.
        location: The URL.
        headers: All headers.
        content: The body; for the async client, bytes or an async iterable.
        extensions: Extensions for httpcore, and ``seconds_left``, which returns the seconds until
            the deadline.
        request: The request of httpx that it was made from, if there is one.
    """

    def __init__(
        self,
        method: str,
        location: Location,
        headers: RawHeaders,
        content: bytes | Iterable[bytes] | AsyncIterable[bytes],
        extensions: dict[str, Any],
        request: httpx.Request | None = None,
    ) -> None:
        self.method = method
        self.location = location
        self.headers = headers
        self.content = content
        self.extensions = extensions
        self.started = time.perf_counter()
        self._request = request

    @classmethod
    def of(cls, request: httpx.Request) -> Outgoing:
        """Return a request of httpx in this form.

        Args:
            request: The request.
        """
        content: Any = request.stream
        location, headers = located(request.url), request.headers.raw
        return cls(request.method, location, headers, content, request.extensions, request)

    @property
    def request(self) -> httpx.Request:
        """The request of httpx, for errors and responses; made when it is first used."""
        if self._request is None:
            content = self.content if isinstance(self.content, bytes) else None
            self._request = httpx.Request(
                self.method,
                self.location.url,
                headers=self.headers,
                stream=httpx.ByteStream(content or b""),
                extensions=self.extensions,
            )
            if content is not None:
                self._request.read()
        return self._request
