"""Requests of one's own, for what the API's document does not know. Flows."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Unpack, cast

import httpx

from replicate_ext._send import Settings, send
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
    given = {name: value for name, value in options.items() if value is not None}
    arguments = {**given, "method": method.upper(), "url": _url(path_or_url)}
    # What can be read only once cannot be sent twice.
    is_read_once = isinstance(given.get("content"), Iterator | AsyncIterator)
    response = yield from send(
        settings, cast("RequestArguments", arguments), max_retries=0 if is_read_once else None
    )
    return response


def _url(path_or_url: str) -> str:
    scheme, separator, _ = path_or_url.partition("://")
    if not separator:
        return "/" + path_or_url.lstrip("/")
    if scheme.lower() in ("http", "https"):
        return path_or_url
    raise InvalidInputError(f"{path_or_url!r} is neither a path of the API nor an http(s) URL")
