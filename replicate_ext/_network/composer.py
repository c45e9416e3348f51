"""Requests made from their arguments, with the headers of a client and its token."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeAlias

import httpx
from replicate_api.client import origin

from replicate_ext._network.decoding import CODINGS
from replicate_ext._network.outgoing import Outgoing, located

if TYPE_CHECKING:
    from collections.abc import Mapping

    from replicate_api.types import RequestArguments

    from replicate_ext._network.access import Secrets
    from replicate_ext._network.outgoing import Location, RawHeaders

_DEFAULTS = {"Accept": "*/*", **CODINGS, "Connection": "keep-alive"}
"""Headers that httpx sends by default, with the codings that are decoded here."""

_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
"""Methods whose requests have a Content-Length even if it is 0."""

_Headers: TypeAlias = "dict[bytes, tuple[bytes, bytes]]"
"""Encoded headers by their names in lower case."""


class Composer:
    """Makes requests from their arguments.

    Args:
        secrets: Base URL, token, and headers for the API.
        user_agent: Value of the User-Agent header.
    """

    def __init__(self, secrets: Secrets, user_agent: str) -> None:
        self._secrets = secrets
        self._origin = origin(httpx.URL(secrets.base_url))
        self._defaults = _encoded({**_DEFAULTS, "User-Agent": user_agent})
        self._private = self._defaults | _encoded(secrets.headers)

    def outgoing(
        self, arguments: RequestArguments, timeout: httpx.Timeout, extensions: Mapping[str, Any]
    ) -> Outgoing:
        """Return a request with the client's headers, and the token if it goes to the API.

        Args:
            arguments: The request, with an absolute URL and without parameters or files.
            timeout: Timeouts of each step.
            extensions: Further extensions.

        Raises:
            MissingTokenError: There is no token.
            InvalidTokenError: The token is malformed.
            ValueError: The body or a header cannot be encoded.
            TypeError: The body or a header cannot be encoded.
        """
        location = located(arguments["url"])
        content, described = _body(arguments)
        own = _encoded(described) | _encoded(arguments.get("headers", {}))
        return Outgoing(
            arguments["method"],
            location,
            self._headers(location, own),
            content,
            {"timeout": timeout.as_dict(), **extensions},
        )

    def _headers(self, location: Location, own: _Headers) -> RawHeaders:
        headers: _Headers = {b"host": (b"Host", location.url.netloc)}
        if location.origin != self._origin:
            return list((headers | self._defaults | own).values())
        token = self._secrets.token()  # first: if it raises, this frame has no secret
        headers |= self._private | own
        headers[b"authorization"] = b"Authorization", b"Bearer " + token.encode()
        return list(headers.values())


def _encoded(headers: Mapping[str, str] | Mapping[str, str | bytes]) -> _Headers:
    encoded: _Headers = {}
    for name, value in headers.items():
        raw = name.encode("ascii")
        encoded[raw.lower()] = raw, value.encode("ascii") if isinstance(value, str) else value
    return encoded


def _body(arguments: RequestArguments) -> tuple[Any, dict[str, str]]:
    """Return the body of a request, and the headers that describe it.

    Args:
        arguments: The request; its body is JSON, bytes, text, or an iterable of bytes.

    Raises:
        ValueError: A number in the JSON is not finite.
        TypeError: A value is not valid JSON.
    """
    content = arguments.get("content")
    headers: dict[str, str] = {}
    if content is None and (value := arguments.get("json")) is not None:
        content = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        headers["Content-Type"] = "application/json"
    body = content.encode() if isinstance(content, str) else content or b""
    if isinstance(body, bytes) and (body or arguments["method"] in _WITH_BODY):
        headers["Content-Length"] = str(len(body))
    return body, headers
