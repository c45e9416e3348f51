"""What a webhook's delivery is made of: its headers and its raw body, in any framework's form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol, TypeAlias, TypeGuard

from replicate_ext.errors import WebhookBodyError, WebhookHeaderError


class HeaderMapping(Protocol):
    """Anything with header names and values; also a WSGI environ and an ASGI scope."""

    def items(self) -> Iterable[tuple[str | bytes, object]]:
        """Give the names and their values."""
        ...


Headers: TypeAlias = HeaderMapping | Iterable[tuple[str | bytes, str | bytes]]
Body: TypeAlias = bytes | bytearray | memoryview | str


class Request(Protocol):
    """Anything with headers; its body is looked for under the names that frameworks give it."""

    @property
    def headers(self) -> object:
        """The headers as they came."""
        ...


ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
# By the name in lower case, and by the one that WSGI makes of it.
_NAMES = {
    spelling: name
    for name in (ID, TIMESTAMP, SIGNATURE)
    for spelling in (name, f"http_{name.replace('-', '_')}")
}

RAW_BODY_ADVICE = (
    "pass the bytes as they came: request.get_data() in Flask, request.body in Django, "
    "await request.body() in Starlette and FastAPI, await request.read() in aiohttp"
)


def signed_headers(headers: Headers) -> tuple[str, str, str]:
    """Return the values of webhook-id, webhook-timestamp and webhook-signature.

    Args:
        headers: The request's headers, in any form.

    Raises:
        WebhookHeaderError: One is missing, repeated or no ASCII text.
        TypeError: These are no headers.
    """
    try:
        found = headers if _is_exact(headers) else _find(headers)
    except (TypeError, ValueError):
        raise TypeError(
            f"A {type(headers).__name__} is no headers: pass a mapping, or pairs, of text or bytes"
        ) from None
    return _value(found, ID), _value(found, TIMESTAMP), _value(found, SIGNATURE)


def _is_exact(headers: object) -> TypeGuard[dict[str, object]]:
    """Say whether this is a dict with the names in lower case: then there is nothing to look for.

    Other spellings beside them do not matter, as nobody takes those for the same keys.
    """
    return type(headers) is dict and ID in headers and TIMESTAMP in headers and SIGNATURE in headers


def _find(headers: Any) -> dict[str, object]:
    # httpx has what is repeated joined in items, and apart in multi_items.
    items = getattr(headers, "multi_items", None) or getattr(headers, "items", None)
    pairs: Iterable[tuple[Any, object]] = items() if items else headers
    found: dict[str, object] = {}
    for spelling, value in pairs:
        text = spelling if isinstance(spelling, str) else str(spelling, "latin-1")
        name = _NAMES.get(text.lower())
        if name is not None:
            # What is verified must be what any other reader of these headers takes.
            if name in found:
                raise WebhookHeaderError(f"The header {name} is there more than once")
            found[name] = value
    if not found and isinstance(headers, Mapping):
        inner = headers.get("headers", "")
        # Text is a header of that name; else this is an ASGI scope.
        return found if isinstance(inner, str | bytes) else _find(inner)
    return found


def _value(found: dict[str, object], name: str) -> str:
    value = found.get(name)
    if not value:
        raise WebhookHeaderError(
            f"The header {name} is missing or empty: this is no webhook's delivery, or a proxy or "
            "framework has dropped it"
        )
    if isinstance(value, str) and value.isascii():
        return value
    if isinstance(value, bytes) and value.isascii():
        return value.decode()
    raise WebhookHeaderError(f"The header {name} is malformed: expected ASCII text")


def raw_body(body: Body) -> bytes:
    """Return a body's bytes.

    Args:
        body: The body; text stands for its UTF-8.

    Raises:
        WebhookBodyError: It is text that has no UTF-8.
        TypeError: It is no raw body.
    """
    if isinstance(body, bytes):
        return body
    if isinstance(body, bytearray | memoryview):
        return bytes(body)
    if not isinstance(body, str):
        kind = type(body).__name__
        raise TypeError(f"A webhook is verified by its raw body, not a {kind}: {RAW_BODY_ADVICE}")
    try:
        return body.encode()
    except UnicodeEncodeError as error:
        raise WebhookBodyError(f"The body has no UTF-8: {error.reason}") from None


def headers_of(request: Request) -> Headers:
    """Return a request's headers.

    Args:
        request: The request.

    Raises:
        TypeError: It has none.
    """
    headers: Headers | None = getattr(request, "headers", None)
    if headers is None:
        raise TypeError(f"A {type(request).__name__} has no headers: pass headers=... and body=...")
    return headers


def body_of(request: Request) -> Body:
    """Return a request's body as it came.

    Args:
        request: The request.

    Raises:
        WebhookBodyError: It has none that can be read now.
    """
    for name in ("get_data", "content", "body", "data"):
        try:
            value = getattr(request, name, None)
            if name == "get_data" and callable(value):
                value = value()
        except Exception as error:  # each framework has its own for a body that was read before
            raise WebhookBodyError(
                f"The request's body cannot be read: {error}; {RAW_BODY_ADVICE}"
            ) from error
        if isinstance(value, Body):
            return value
    kind = type(request).__name__
    raise WebhookBodyError(f"A {kind} has no body to read: pass body=...; {RAW_BODY_ADVICE}")
