"""``client.request``: requests for which there is no method. No I/O: flows."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from replicate_ext._http.checks import check_exchange_timeout
from replicate_ext._http.policy import is_repeatable
from replicate_ext._http.send import send
from replicate_ext._messages import shown
from replicate_ext._network.credentials import checked_headers
from replicate_ext._network.urls import has_userinfo, shown_url, url_problem
from replicate_ext.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import httpx
    from replicate_api.types import RequestArguments

    from replicate_ext._http.checks import AsyncContent, Part, Value
    from replicate_ext._http.flow import Flow
    from replicate_ext._http.settings import Settings


class Body(NamedTuple):
    """Body of a request. At most one of the arguments is set.

    Args:
        json: JSON.
        content: Bytes or text, sent unchanged.
        files: Parts of a multipart body.
    """

    json: Any = None
    content: AsyncContent | None = None
    files: Mapping[str, Part] | Sequence[tuple[str, Part]] | None = None

    @property
    def is_read_once(self) -> bool:
        """Whether the body can be read only once, so that the request cannot be retried."""
        if isinstance(self.content, Iterator | AsyncIterator):
            return True
        files = self.files or {}
        parts = files.values() if isinstance(files, Mapping) else [part for _, part in files]
        for part in parts:
            seekable = getattr(part[1] if isinstance(part, tuple) else part, "seekable", None)
            if seekable is not None and not seekable():
                return True
        return False


def request(
    settings: Settings,
    method: str,
    path_or_url: str,
    body: Body,
    *,
    params: Mapping[str, Value | Sequence[Value]] | None,
    headers: Mapping[str, str] | None,
    timeout: httpx.Timeout | float | None,
) -> Flow[httpx.Response]:
    """Send a request and return its response if it is a success."""
    if not (isinstance(method, str) and method.isascii() and method.isalpha()):
        raise InvalidInputError(
            f"method must be an HTTP method such as GET, got {shown(method)}. "
            "Pass it as the first argument"
        )
    _, bad_header = checked_headers(headers)
    if bad_header:
        raise InvalidInputError(f"headers {bad_header}")
    url = _url(settings, path_or_url)
    given = {
        "params": params,
        "json": body.json,
        "content": body.content,
        "files": body.files,
        "headers": headers,
        "timeout": None if timeout is None else check_exchange_timeout(timeout),
    }
    arguments = {name: value for name, value in given.items() if value is not None}
    arguments |= {"method": method.upper(), "url": url}
    response = yield from send(
        settings,
        cast("RequestArguments", arguments),
        max_retries=0 if body.is_read_once else None,
        repeatable=_is_repeatable(settings, method.upper(), url),
    )
    return response


def _is_repeatable(settings: Settings, method: str, url: str) -> bool:
    """Return whether the method or the API's description allows repeating a request."""
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
            f"The URL {shown_url(url)} has a user name or password. Use headers= instead"
        )
    problem = url_problem(settings.absolute(url))
    if problem:
        raise InvalidInputError(f"{shown_url(path_or_url)} {problem}")
    return url
