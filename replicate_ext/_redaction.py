"""Remove the API token from messages, requests, responses and tracebacks of errors."""

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
"""Characters. A shorter token is a placeholder that may be part of other words."""


def tokens_of(request: httpx.Request, response: httpx.Response | None) -> set[str]:
    """Return the tokens in a request and in the requests that were redirected to it.

    Args:
        request: The request.
        response: Its response, if there is one.
    """
    values = [sent.headers.get("Authorization", "") for sent in _requests(request, response)]
    tokens = {value.rpartition(" ")[2] for value in values}
    return {token for token in tokens if len(token) >= _SHORTEST}


def take_tokens_off(request: httpx.Request, response: httpx.Response | None) -> None:
    """Remove the token from a request and from the requests that were redirected to it.

    Args:
        request: The request.
        response: Its response, if there is one.
    """
    if response is not None:
        response.next_request = None  # a copy of the request, for a redirect
    for sent in _requests(request, response):
        sent.headers.pop("Authorization", None)


def _requests(request: httpx.Request, response: httpx.Response | None) -> list[httpx.Request]:
    earlier = [] if response is None else response.history
    return [request, *(each.request for each in earlier)]


def redacted_text(text: str, tokens: Collection[str]) -> str:
    """Return a text with each token replaced by a placeholder.

    Args:
        text: The text.
        tokens: The tokens.
    """
    for token in tokens:
        text = text.replace(token, _HIDDEN)
    return text


def redacted(response: httpx.Response, tokens: Collection[str]) -> httpx.Response:
    """Return a response that contains no token: the same one, or a copy with placeholders.

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
    phrase = response.extensions.get("reason_phrase", b"")
    reason = clean(phrase)
    history = [redacted(earlier, tokens) for earlier in response.history]
    before = (response.content, response.headers.raw, phrase, response.history)
    if (content, headers, reason, history) == before:
        return response
    response.extensions["reason_phrase"] = reason  # the repr of a response shows it
    made = httpx.Response(
        response.status_code,
        # The content is decoded already, and its length may differ.
        headers=[(name, value) for name, value in headers if name.lower() not in _ENCODING],
        content=content,
        request=response.request,
        extensions=response.extensions,
        history=history,
    )
    with suppress(RuntimeError):  # unknown until the response is closed
        made.elapsed = response.elapsed
    return made


_ENCODING = (b"content-encoding", b"content-length", b"transfer-encoding")


def _redacted_json(content: bytes, tokens: Collection[str]) -> bytes:
    """Redact JSON in which the token is written with escapes or in UTF-16."""
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
    """Remove the tracebacks from a transport's error and from its causes, and return the error.

    The frames of httpcore and h11 hold the request's headers, which include the token. Tools that
    print the local variables of a traceback (rich, Sentry, pytest -l) would show the token.
    Header values in messages are removed as well; the rest of a message stays. The cause of each
    error becomes its suppressed context, so that Python does not print the cause.

    Args:
        error: The error; it is changed.
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
        # The cause stays reachable, but is not printed: the message is enough.
        linked.__context__, linked.__cause__ = linked.__cause__ or linked.__context__, None
        if linked.args and isinstance(linked.args[0], str) and "header" in linked.args[0]:
            # h11: Illegal header value b'Bearer ...'
            message = re.sub(r"""\s*b(['"]).*\1""", "", linked.args[0])
            linked.args = (message, *linked.args[1:])
    return error
