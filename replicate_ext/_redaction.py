"""Taking the token out of what an error keeps: its message, its request and its response."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Collection

    import httpx

_HIDDEN = "[token]"
_SHORTEST = 8
"""Characters. A shorter token is a placeholder, and part of other words."""


def tokens_of(request: httpx.Request, response: httpx.Response | None) -> set[str]:
    """Return the tokens that a request, and those redirected to it, were sent with.

    Args:
        request: The request.
        response: Its response, if one came.
    """
    values = [sent.headers.get("Authorization", "") for sent in _requests(request, response)]
    tokens = {value.rpartition(" ")[2] for value in values}
    return {token for token in tokens if len(token) >= _SHORTEST}


def take_tokens_off(request: httpx.Request, response: httpx.Response | None) -> None:
    """Remove the token from a request and from those redirected to it.

    Args:
        request: The request.
        response: Its response, if one came.
    """
    if response is not None:
        response.next_request = None  # a copy, made for a redirect
    for sent in _requests(request, response):
        sent.headers.pop("Authorization", None)


def _requests(request: httpx.Request, response: httpx.Response | None) -> list[httpx.Request]:
    earlier = [] if response is None else response.history
    return [request, *(each.request for each in earlier)]


def redacted_text(text: str, tokens: Collection[str]) -> str:
    """Return a text in which a placeholder is in the place of each token.

    Args:
        text: The text.
        tokens: The tokens.
    """
    for token in tokens:
        text = text.replace(token, _HIDDEN)
    return text


def redacted(response: httpx.Response, tokens: Collection[str]) -> httpx.Response:
    """Return a response in which no token is repeated: itself, or another one like it.

    Args:
        response: The response, already read.
        tokens: The tokens.
    """
    if not tokens:
        return response
    import httpx

    def clean(raw: bytes) -> bytes:
        return redacted_text(raw.decode("latin-1"), tokens).encode("latin-1")

    content = _redacted_json(clean(response.content), tokens)
    headers = [(name, clean(value)) for name, value in response.headers.raw]
    said = response.extensions.get("reason_phrase", b"")
    reason = clean(said)
    history = [redacted(earlier, tokens) for earlier in response.history]
    before = (response.content, response.headers.raw, said, response.history)
    if (content, headers, reason, history) == before:
        return response
    response.extensions["reason_phrase"] = reason  # which the repr of a response shows
    made = httpx.Response(
        response.status_code,
        # The content is decoded, and may have another length.
        headers=[(name, value) for name, value in headers if name.lower() not in _ENCODING],
        content=content,
        request=response.request,
        extensions=response.extensions,
        history=history,
    )
    with suppress(RuntimeError):  # it is not known before the response was closed
        made.elapsed = response.elapsed
    return made


_ENCODING = (b"content-encoding", b"content-length", b"transfer-encoding")


def _redacted_json(content: bytes, tokens: Collection[str]) -> bytes:
    """Redact JSON that spells the token in another way: with escapes, or as UTF-16."""
    if b"\\u" not in content and b"\0" not in content:
        return content
    try:
        text = json.dumps(json.loads(content), ensure_ascii=False)
    except ValueError:
        return content
    except RecursionError:
        return b""
    clean = redacted_text(text, tokens)
    return content if clean == text else clean.encode("utf-8", "replace")


ErrorT = TypeVar("ErrorT", bound=BaseException)


def without_traces(error: ErrorT) -> ErrorT:
    """Return a transport's error without the frames that it and its causes passed through.

    Frames of httpcore and h11 hold the request's headers, and with them the token; tools that print
    the locals of a traceback's frames (rich, Sentry, pytest -l) would show it. A message that
    quotes a header loses the quotation. Types, messages and causes stay.

    Args:
        error: The error, which is changed, and its causes with it.
    """
    chain: list[BaseException | None] = [error]
    seen: set[int] = set()
    while chain:
        linked = chain.pop()
        if linked is None or id(linked) in seen:
            continue
        seen.add(id(linked))
        chain += [linked.__cause__, linked.__context__]
        if isinstance(linked, BaseExceptionGroup):
            chain += linked.exceptions
        linked.__traceback__ = None
        if linked.args and isinstance(linked.args[0], str) and "header" in linked.args[0]:
            # h11: Illegal header value b'Bearer ...'
            said = re.sub(r"""\s*b(['"]).*\1""", "", linked.args[0])
            linked.args = (said, *linked.args[1:])
    return error
