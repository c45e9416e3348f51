"""Requests of one's own, for what the API's document does not know. Flows."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Unpack, cast

from replicate_ext._http.credentials import checked_headers
from replicate_ext._http.options import check_exchange_timeout
from replicate_ext._http.policy import is_repeatable
from replicate_ext._http.send import Settings, absolute, send
from replicate_ext._http.urls import has_userinfo, shown_url, url_problem
from replicate_ext.errors import InvalidInputError, shown

if TYPE_CHECKING:
    import httpx
    from replicate_api.types import RequestArguments

    from replicate_ext._http.flow import Flow
    from replicate_ext._http.options import RequestOptions


def request(
    settings: Settings, method: str, path_or_url: str, **options: Unpack[RequestOptions]
) -> Flow[httpx.Response]:
    """Send a request and return its answer if it is a success."""
    timeout = options.pop("timeout", None)
    if timeout is not None:
        settings = settings._replace(timeout=check_exchange_timeout(timeout))
    if not (isinstance(method, str) and method.isascii() and method.isalpha()):
        raise InvalidInputError(
            f"method is {shown(method)}: expected GET, POST or another; it is first"
        )
    _, bad_header = checked_headers(options.get("headers"))
    if bad_header:
        raise InvalidInputError(f"headers {bad_header}")
    given = {name: value for name, value in options.items() if value is not None}
    url = _url(settings, path_or_url)
    arguments = {**given, "method": method.upper(), "url": url}
    retries = 0 if _is_read_once(given) else None
    response = yield from send(
        settings,
        cast("RequestArguments", arguments),
        max_retries=retries,
        repeatable=_is_repeatable(settings, method.upper(), url),
    )
    return response


def _is_repeatable(settings: Settings, method: str, url: str) -> bool:
    """Say whether a method or the API's description allows to send a request again."""
    if is_repeatable(method):
        return True
    path = url.removeprefix(settings.base_url).partition("?")[0]
    return any(form.fullmatch(path) for form in _repeatable_paths(method))


@cache
def _repeatable_paths(method: str) -> list[re.Pattern[str]]:
    document = json.loads(files("replicate_api").joinpath("openapi.json").read_text("utf-8"))
    return [
        re.compile(re.sub(r"\{\w+\}", "[^/]+", path))
        for path, operations in document["paths"].items()
        if operations.get(method.lower(), {}).get("x-repeatable") is True
    ]


def _url(settings: Settings, path_or_url: str) -> str:
    if not isinstance(path_or_url, str):
        raise InvalidInputError(f"path_or_url must be a string, got {type(path_or_url).__name__}")
    is_url = "://" in path_or_url.partition("?")[0]
    url = path_or_url if is_url else "/" + path_or_url.lstrip("/")
    if is_url and has_userinfo(url):
        raise InvalidInputError(
            f"The URL {shown_url(url)} has a user name or password: send them in headers= instead"
        )
    problem = url_problem(absolute(settings, url))
    if problem:
        raise InvalidInputError(f"{shown_url(path_or_url)} {problem}")
    return url


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
