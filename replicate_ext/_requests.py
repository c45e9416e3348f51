"""Requests of one's own, for what the API's document does not know. Flows."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Unpack, cast

import httpx

from replicate_ext._send import Settings, absolute, send
from replicate_ext.errors import InvalidInputError

if TYPE_CHECKING:
    from replicate_api.types import RequestArguments

    from replicate_ext._flow import Flow
    from replicate_ext._options import RequestOptions


def request(
    settings: Settings, method: str, path_or_url: str, **options: Unpack[RequestOptions]
) -> Flow[httpx.Response]:
    """Send a request and return its answer if it is a success."""
    timeout = options.pop("timeout", None)
    if timeout is not None:
        settings = settings._replace(timeout=httpx.Timeout(timeout))
    if not method.isalpha():
        raise InvalidInputError(f"method is {method!r}: expected GET, POST or another; it is first")
    given = {name: value for name, value in options.items() if value is not None}
    arguments = {**given, "method": method.upper(), "url": _url(settings, path_or_url)}
    retries = 0 if _is_read_once(given) else None
    response = yield from send(settings, cast("RequestArguments", arguments), max_retries=retries)
    return response


def _url(settings: Settings, path_or_url: str) -> str:
    is_url = "://" in path_or_url.partition("?")[0]
    url = path_or_url if is_url else "/" + path_or_url.lstrip("/")
    try:
        parsed = httpx.URL(absolute(settings, url))
    except httpx.InvalidURL as error:
        raise InvalidInputError(f"{path_or_url!r} is no URL: {error}") from None
    if parsed.scheme in ("http", "https") and parsed.host:
        return url
    raise InvalidInputError(f"{path_or_url!r} is neither a path of the API nor an http(s) URL")


def _is_read_once(given: dict[str, Any]) -> bool:
    """Say whether a body could not be sent a second time."""
    if isinstance(given.get("content"), Iterator | AsyncIterator):
        return True
    files = given.get("files", {})
    parts = files.values() if isinstance(files, Mapping) else [part for _, part in files]
    for part in parts:
        seekable = getattr(part[1] if isinstance(part, tuple) else part, "seekable", None)
        if seekable is not None and not seekable():
            return True
    return False
