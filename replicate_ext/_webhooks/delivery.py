"""Read the headers and raw body of a webhook delivery from a request of any web framework."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol, TypeAlias, TypeGuard

from replicate_ext.errors import WebhookBodyError, WebhookHeaderError


class HeaderMapping(Protocol):
    """A mapping of header names to values; also a WSGI environ or an ASGI scope."""

    def items(self) -> Iterable[tuple[str | bytes, object]]:
        """Return the names and their values."""
        ...


Headers: TypeAlias = HeaderMapping | Iterable[tuple[str | bytes, str | bytes]]
Body: TypeAlias = bytes | bytearray | memoryview | str


class Request(Protocol):
    """A request with headers, and with a body in one of the attributes that frameworks use."""

    @property
    def headers(self) -> object:
        """Headers of the request."""
        ...


ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
# Keys: the lower-case name, and the lower-case name in a WSGI environ.
_NAMES = {
    spelling: name
    for name in (ID, TIMESTAMP, SIGNATURE)
    for spelling in (name, f"http_{name.replace('-', '_')}")
}

RAW_BODY_ADVICE = (
    "pass the raw request body: request.get_data() in Flask, request.body in Django, "
    "await request.body() in Starlette and FastAPI, await request.read() in aiohttp"
)


def signed_headers(headers: Headers) -> tuple[str, str, str]:
    """Return the values of webhook-id, webhook-timestamp and webhook-signature.

    Args:
        headers: The headers of the request, in any form.

    Raises:
        WebhookHeaderError: A header is missing, repeated, or not ASCII text.
        TypeError: The value is not a mapping or a list of headers.
    """
    try:
        found = headers if _is_exact(headers) else _find(headers)
    except (TypeError, ValueError):
        raise TypeError(
            f"headers must be a mapping or (name, value) pairs, got {type(headers).__name__}"
        ) from None
    return _value(found, ID), _value(found, TIMESTAMP), _value(found, SIGNATURE)


def _is_exact(headers: object) -> TypeGuard[dict[str, object]]:
    """Return whether the headers are a dict with all three names in lower case.

    The dict may have other spellings of the names too; they are different keys and are ignored.
    """
    return type(headers) is dict and ID in headers and TIMESTAMP in headers and SIGNATURE in headers


def _find(headers: Any) -> dict[str, object]:
    # In httpx, items joins the values of a repeated header; multi_items lists them separately.
    items = getattr(headers, "multi_items", None) or getattr(headers, "items", None)
    pairs: Iterable[tuple[Any, object]] = items() if items else headers
    found: dict[str, object] = {}
    for spelling, value in pairs:
        text = spelling if isinstance(spelling, str) else str(spelling, "latin-1")
        name = _NAMES.get(text.lower())
        if name is not None:
            # With a repeated header, other code could use a value that was not verified.
            if name in found:
                raise WebhookHeaderError(f"The header {name} is repeated")
            found[name] = value
    if not found and isinstance(headers, Mapping):
        inner = headers.get("headers", "")
        # A string is the value of a header named "headers"; other values are from an ASGI scope.
        return found if isinstance(inner, str | bytes) else _find(inner)
    return found


def _value(found: dict[str, object], name: str) -> str:
    value = found.get(name)
    if not value:
        raise WebhookHeaderError(
            f"The header {name} is missing or empty: the request is not a webhook delivery, or a "
            "proxy or framework has removed the header"
        )
    if isinstance(value, str) and value.isascii():
        return value
    if isinstance(value, bytes) and value.isascii():
        return value.decode()
    raise WebhookHeaderError(f"The header {name} is malformed: expected ASCII text")


def raw_body(body: Body) -> bytes:
    """Return a request body as bytes.

    Args:
        body: The raw body; text is encoded as UTF-8.

    Raises:
        WebhookBodyError: The text cannot be encoded as UTF-8.
        TypeError: The value is not a raw body.
    """
    if isinstance(body, bytes):
        return body
    if isinstance(body, bytearray | memoryview):
        return bytes(body)
    if not isinstance(body, str):
        kind = type(body).__name__
        raise TypeError(f"body must be the raw body (bytes or str), got {kind}: {RAW_BODY_ADVICE}")
    try:
        return body.encode()
    except UnicodeEncodeError as error:
        raise WebhookBodyError(f"The body cannot be encoded as UTF-8: {error.reason}") from None


def headers_of(request: Request) -> Headers:
    """Return the headers of a request.

    Args:
        request: The request.

    Raises:
        TypeError: The request has no attribute ``headers``.
    """
    headers: Headers | None = getattr(request, "headers", None)
    if headers is None:
        raise TypeError(
            f"A {type(request).__name__} has no headers: pass headers=... and body=... instead"
        )
    return headers


def body_of(request: Request) -> Body:
    """Return the raw body of a request.

    Args:
        request: The request.

    Raises:
        WebhookBodyError: The request has no body that can be read without waiting.
    """
    for name in ("get_data", "content", "body", "data"):
        try:
            value = getattr(request, name, None)
            if name == "get_data" and callable(value):
                value = value()
        except Exception as error:  # frameworks raise different errors if a body was already read
            raise WebhookBodyError(
                f"The body of the request cannot be read: {error}; {RAW_BODY_ADVICE}"
            ) from error
        if isinstance(value, Body):
            return value
    kind = type(request).__name__
    raise WebhookBodyError(f"A {kind} has no readable body: pass body=...; {RAW_BODY_ADVICE}")
