"""Read problems (RFC 9457) and retry delays from error responses. No I/O."""

from __future__ import annotations

import json
import math
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from replicate_ext._messages import brief, shown
from replicate_ext._redaction import redacted, tokens_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

_MAX_SECONDS = 1e9
"""Maximum seconds; a longer delay in a body is limited to this."""
_RESETS_IN = re.compile(r"(?:resets in ~?|available in )(\d+(?:\.\d+)?) ?s")


def read_problem(content: bytes) -> dict[str, Any]:
    """Return the RFC 9457 problem in a body; an empty dict if the body is not a JSON object.

    Args:
        content: The body: JSON, HTML, empty or anything else.
    """
    try:
        problem = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return problem if isinstance(problem, dict) else {}


def text_or_none(value: object) -> str | None:
    """Return a value if it is text, else None."""
    return value if isinstance(value, str) else None


class InvalidField(NamedTuple):
    """A field that the API rejected.

    Args:
        field: Path of the field, such as ``input.width``; ``input`` if a field is missing.
        description: What is wrong with the field.
        type: The violated rule, such as ``required`` or ``number_lte``.
    """

    field: str
    description: str
    type: str


def invalid_fields(problem: Mapping[str, Any]) -> tuple[InvalidField, ...]:
    """Return the rejected fields of a problem.

    Args:
        problem: A problem in either form of the API: with ``invalid_fields`` or with ``errors``.
    """
    named, pointed = (
        [field for field in found if isinstance(field, dict)] if isinstance(found, list) else []
        for found in (problem.get("invalid_fields"), problem.get("errors"))
    )
    return tuple(
        InvalidField(*(_plain(field.get(name, "")) for name in InvalidField._fields))
        for field in named
    ) or tuple(
        InvalidField(
            type="",
            field=_plain(field["pointer"]).strip("/").replace("/", "."),
            description=_plain(field.get("detail", "")),
        )
        for field in pointed
        if "pointer" in field
    )


def _plain(value: object) -> str:
    return value if isinstance(value, str) else shown(value, 1000)


def describe(response: httpx.Response) -> str:
    """Return the status and the problem of a response as one text, without the token.

    Args:
        response: The response, already read.
    """
    # Redacted before the text is shortened, which could leave a part of the token.
    response = redacted(response, tokens_of(response.request, response))
    problem = read_problem(response.content)
    title, detail = text_or_none(problem.get("title")), text_or_none(problem.get("detail"))
    # The detail would only repeat the invalid fields, which are listed one per line.
    words = [title] if title and invalid_fields(problem) else [title, detail]
    text = ": ".join(brief(word) for word in words if word and word.strip())
    if not text:
        # Not response.text: the charset may name any codec of Python, and decoding may fail.
        start = response.content[:_READ].decode("utf-8", "replace")
        text = " ".join(start.split())[:200]
    text = text.removesuffix(".")
    reason = brief(response.reason_phrase, 100)
    return f"{response.status_code} {reason}" + (f": {text}" if text else "")


_READ = 4096
"""Bytes from the start of a page in which the text for the message is searched."""


def retry_after(response: httpx.Response) -> float | None:
    """Return the seconds after which a response allows a retry; None if it does not say.

    The first of these that is present is used: the ``Retry-After`` header (seconds or a date, RFC
    9110 section 10.2.3), ``retry_after`` in the JSON body, a text such as "resets in ~5s" in its
    ``detail``.

    Args:
        response: The response, already read.
    """
    header = response.headers.get("Retry-After")
    seconds = _from_header(header, response.headers.get("Date")) if header else None
    return seconds if seconds is not None else _from_body(response.content)


def _from_header(value: str, date: str | None) -> float | None:
    try:
        seconds = float(value)
    except ValueError:
        until = _http_date(value)
        # The server's clock, if the response has its time: ours may differ.
        now = (date and _http_date(date)) or datetime.now(UTC)
        return None if until is None else max((until - now).total_seconds(), 0.0)
    return max(seconds, 0.0) if math.isfinite(seconds) else None


def _http_date(text: str) -> datetime | None:
    """Return the time of an HTTP date (RFC 9110 section 5.6.7); None if the text is not one."""
    for read in (parsedate_to_datetime, _asctime):
        try:
            moment = read(text)
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        except (ValueError, TypeError, ArithmeticError):  # an offset of a day or more, the year 0
            continue
    return None


def _asctime(text: str) -> datetime:
    return datetime.strptime(text, "%a %b %d %H:%M:%S %Y").replace(tzinfo=UTC)


def _from_body(content: bytes) -> float | None:
    problem = read_problem(content)
    seconds = problem.get("retry_after")
    if isinstance(seconds, int | float) and not isinstance(seconds, bool) and seconds >= 0:
        return float(min(seconds, _MAX_SECONDS))
    detail = problem.get("detail")
    found = _RESETS_IN.search(detail) if isinstance(detail, str) else None
    return float(found[1]) if found else None
