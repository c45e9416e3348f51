"""What an error's body and headers say: a problem (RFC 9457), and how long to wait. No I/O."""

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

_NEVER = 1e9
"""Seconds that nobody means."""
_RESETS_IN = re.compile(r"(?:resets in ~?|available in )(\d+(?:\.\d+)?) ?s")


def read_problem(content: bytes) -> dict[str, Any]:
    """Return an error's body as an RFC 9457 problem; HTML and empty bodies have nothing to say.

    Args:
        content: The body, whatever it is.
    """
    try:
        problem = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return problem if isinstance(problem, dict) else {}


def text_or_none(value: object) -> str | None:
    """Return a value of a problem if it is text."""
    return value if isinstance(value, str) else None


class InvalidField(NamedTuple):
    """One field that the API refused.

    Args:
        field: Where it is, like ``input.width``; ``input`` where one is missing.
        description: What is wrong with it.
        type: The rule it broke, like ``required`` or ``number_lte``.
    """

    field: str
    description: str
    type: str


def invalid_fields(problem: Mapping[str, Any]) -> tuple[InvalidField, ...]:
    """Read both forms: one part of the API has ``invalid_fields``, another has ``errors``."""
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
    """Return an answer's status and problem in one text, without the token.

    Args:
        response: The answer, already read.
    """
    # Before anything is cut, which could leave a part of the token.
    response = redacted(response, tokens_of(response.request, response))
    problem = read_problem(response.content)
    title, detail = text_or_none(problem.get("title")), text_or_none(problem.get("detail"))
    # The detail only repeats the invalid fields, which are shown one a line.
    words = [title] if title and invalid_fields(problem) else [title, detail]
    said = ": ".join(brief(word) for word in words if word and word.strip())
    if not said:
        # Not response.text: its charset may be any codec that Python has, and fail.
        start = response.content[:_READ].decode("utf-8", "replace")
        said = " ".join(start.split())[:200]
    said = said.removesuffix(".")
    reason = brief(response.reason_phrase, 100)
    return f"{response.status_code} {reason}" + (f": {said}" if said else "")


_READ = 4096
"""Bytes of a page that are read for its first words."""


def retry_after(response: httpx.Response) -> float | None:
    """Return how many seconds an answer asks to wait, None where it does not say.

    Args:
        response: An answer with a ``Retry-After`` header (seconds or a date, RFC 9110 section
            10.2.3), else with ``retry_after`` in its JSON body, else with "resets in ~5s" in its
            ``detail``, as the API's rate limits are documented.
    """
    header = response.headers.get("Retry-After")
    asked = _from_header(header, response.headers.get("Date")) if header else None
    return asked if asked is not None else _from_body(response.content)


def _from_header(value: str, date: str | None) -> float | None:
    try:
        seconds = float(value)
    except ValueError:
        until = _moment(value)
        # By the server's own clock, where it says what that shows.
        now = (date and _moment(date)) or datetime.now(UTC)
        return None if until is None else max((until - now).total_seconds(), 0.0)
    return max(seconds, 0.0) if math.isfinite(seconds) else None


def _moment(text: str) -> datetime | None:
    """Read a date in any of the forms of RFC 9110 section 5.6.7."""
    for read in (parsedate_to_datetime, _asctime):
        try:
            moment = read(text)
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        except (ValueError, TypeError, ArithmeticError):  # a zone of a day or more, year 0
            continue
    return None


def _asctime(text: str) -> datetime:
    return datetime.strptime(text, "%a %b %d %H:%M:%S %Y").replace(tzinfo=UTC)


def _from_body(content: bytes) -> float | None:
    problem = read_problem(content)
    asked = problem.get("retry_after")
    if isinstance(asked, int | float) and not isinstance(asked, bool) and asked >= 0:
        return float(min(asked, _NEVER))
    detail = problem.get("detail")
    said = _RESETS_IN.search(detail) if isinstance(detail, str) else None
    return float(said[1]) if said else None
