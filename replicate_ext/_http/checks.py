"""Checks of single arguments. No I/O."""

from __future__ import annotations

import ipaddress
import math
import re
from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, TypeAlias, TypeGuard, cast
from urllib.parse import urlsplit

import httpx

from replicate_ext._http.callbacks import unusual_kind
from replicate_ext._messages import shown
from replicate_ext._network.urls import shown_url
from replicate_ext.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import AsyncIterable

    from replicate_api.types import FileContent, FilePart

    from replicate_ext.types import Input

MAX_HOLD = 60
"""Maximum seconds for which the API holds a response: https://replicate.com/docs/topics/predictions/create-a-prediction"""

MIN_CANCEL_AFTER, MAX_CANCEL_AFTER = 5, 24 * 3600
"""Seconds: https://replicate.com/docs/topics/predictions/lifecycle"""

WEBHOOK_EVENTS = ("start", "output", "logs", "completed")

Value: TypeAlias = "str | int | float | bool | None"
Part: TypeAlias = "FileContent | FilePart"
Content: TypeAlias = "str | bytes | Iterable[bytes]"
AsyncContent: TypeAlias = "str | bytes | Iterable[bytes] | AsyncIterable[bytes]"


_LONGEST = 4_000_000.0
"""Maximum timeout in seconds (46 days), near the limit of locks on Windows; above it, no limit."""

_FILE_ENCODINGS = ("auto", "data-uri", "upload")
_CANCEL_AFTER = re.compile(r"(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s?)?")


def cancel_after_header(value: float | timedelta | str) -> str:
    """Return a duration in the format of the ``Cancel-After`` header.

    Args:
        value: Seconds, a timedelta, or the API's own text.

    Raises:
        InvalidInputError: The value has another type or format, or is not between 5 seconds and 24
            hours.
    """
    seconds = _seconds(value)
    if seconds is None or not MIN_CANCEL_AFTER <= seconds <= MAX_CANCEL_AFTER:
        raise InvalidInputError(
            f"cancel_after is {shown(value)}: expected seconds, a timedelta or a text like '90s', "
            "'5m' or '1h30m', from 5 seconds to 24 hours"
        )
    return f"{math.ceil(seconds)}s"


def _seconds(value: object) -> float | None:
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value
    match = _CANCEL_AFTER.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None or not any(match.groups()):
        return None
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return float(hours * 3600 + minutes * 60 + seconds)


def hold_seconds(wait: bool | float, left: float | None) -> int:  # noqa: FBT001 - as run has it
    """Return the whole seconds for which the API should hold its response; 0 means no hold.

    Args:
        wait: The ``wait`` argument of ``run``. Numbers below 1 become 1, above 60 become 60.
        left: Seconds until the deadline, at which a hold ends; None for no deadline.

    Raises:
        InvalidInputError: ``wait`` is not True, False or a positive number.
    """
    check_wait(wait)
    if wait is False:
        return 0
    asked = MAX_HOLD if wait is True else math.ceil(min(wait, MAX_HOLD))
    return asked if left is None else max(min(asked, math.floor(left)), 0)


def check_wait(wait: object) -> None:
    """Check the option ``wait``.

    Raises:
        InvalidInputError: The value is not True, False or a positive number of seconds.
    """
    if not isinstance(wait, bool) and not _is_positive(wait):
        raise InvalidInputError(
            f"wait must be True, False or a number of seconds above 0, got {shown(wait)}"
        )


def check_timeout(seconds: float | None) -> float | None:
    """Check a deadline and return its seconds; None if there is no deadline.

    Args:
        seconds: A positive number; None and infinity mean no deadline.

    Raises:
        InvalidInputError: The value is not a positive number or None.
    """
    if seconds is None:
        return None
    if not _is_positive(seconds):
        raise InvalidInputError(
            f"timeout must be a positive number of seconds or None, got {shown(seconds)}"
        )
    return None if seconds >= _LONGEST else float(seconds)


def check_exchange_timeout(timeout: httpx.Timeout | float | None) -> httpx.Timeout:
    """Check a timeout for each step of one exchange and return it.

    Args:
        timeout: A positive number of seconds, an ``httpx.Timeout``, or None for no limit.

    Raises:
        InvalidInputError: The value has another type, or a number in it is not positive.
    """
    given = timeout if isinstance(timeout, httpx.Timeout) else None
    if given is None:
        return httpx.Timeout(check_timeout(cast("float | None", timeout)))
    return httpx.Timeout(
        connect=check_timeout(given.connect),
        read=check_timeout(given.read),
        write=check_timeout(given.write),
        pool=check_timeout(given.pool),
    )


def check_poll_interval(interval: object) -> None:
    """Check the time between polls.

    Args:
        interval: A positive number of seconds, a plain function that returns one, or None.

    Raises:
        InvalidInputError: The value is not a positive number, a plain function or None.
    """
    if interval is None or (callable(interval) and unusual_kind(interval) is None):
        return
    poll_seconds(interval)


def poll_seconds(interval: object) -> float:
    """Return the seconds until the next poll: a ``poll_interval``, or what its function returned.

    Raises:
        InvalidInputError: The value is not a positive number.
    """
    if not _is_positive(interval) or interval >= _LONGEST:
        raise InvalidInputError(
            "poll_interval must be a positive number of seconds, or a plain function that returns "
            f"one, got {shown(interval)}"
        )
    return interval


def check_max_retries(retries: object) -> None:
    """Check the maximum number of retries.

    Raises:
        InvalidInputError: The value is negative or not a whole number.
    """
    if not isinstance(retries, int) or isinstance(retries, bool) or retries < 0:
        raise InvalidInputError(
            f"max_retries must be a whole number, 0 or more, got {shown(retries)}"
        )


def check_seconds(name: str, seconds: object) -> None:
    """Check a length of time.

    Args:
        name: The option's name, for the message.
        seconds: A positive number of seconds.

    Raises:
        InvalidInputError: The value is not a positive number.
    """
    if not _is_positive(seconds):
        raise InvalidInputError(
            f"{name} must be a positive number of seconds, got {shown(seconds)}"
        )


def check_size(name: str, size: object) -> None:
    """Check a size limit.

    Args:
        name: The option's name, for the message.
        size: A number of bytes.

    Raises:
        InvalidInputError: The value is not a positive whole number.
    """
    if not isinstance(size, int) or isinstance(size, bool) or size <= 0:
        raise InvalidInputError(f"{name} must be a positive number of bytes, got {shown(size)}")


def check_input_check(value: object) -> None:
    """Check the option ``check_input``.

    Raises:
        InvalidInputError: The value is not True, False or "warn".
    """
    if not isinstance(value, bool) and value != "warn":
        raise InvalidInputError(f"check_input must be True, False or 'warn', got {shown(value)}")


def check_input(value: object) -> Input:
    """Check that a model's input is a dict and return it; None becomes an empty one.

    Raises:
        InvalidInputError: The value is not a dict or None.
    """
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise InvalidInputError(
            "input must be a dict with the model's inputs by name, such as "
            f'{{"prompt": "..."}}, got {type(value).__name__}'
        )
    return value


def _is_positive(value: object) -> TypeGuard[float]:
    # nan is not above 0 either.
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0


def check_file_encoding(value: str) -> None:
    """Check the option ``file_encoding``.

    Raises:
        InvalidInputError: The value is not a known encoding.
    """
    if value not in _FILE_ENCODINGS:
        choices = ", ".join(_FILE_ENCODINGS)
        raise InvalidInputError(f"file_encoding must be one of {choices}, got {shown(value)}")


def check_webhook(url: str | None, events: Iterable[str] | None) -> list[str] | None:
    """Check a webhook and return its events as a list.

    Args:
        url: The URL; None for no webhook.
        events: The events to send; None for the API's default.

    Raises:
        InvalidInputError: The URL is not https (or http on loopback), or an event is unknown.
    """
    if url is not None and not (isinstance(url, str) and _may_receive(url)):
        raise InvalidInputError(
            f"Invalid webhook URL {shown_url(url)}: expected an https URL (http only on loopback)"
        )
    if events is None:
        return None
    if not isinstance(events, Iterable):
        raise InvalidInputError(f"webhook_events_filter must be a list, got {shown(events)}")
    chosen = [events] if isinstance(events, str) else list(events)
    unknown = [event for event in chosen if event not in WEBHOOK_EVENTS]
    if unknown:
        raise InvalidInputError(
            f"webhook_events_filter has unknown events {shown(unknown)}: use "
            f"{', '.join(WEBHOOK_EVENTS)}"
        )
    return chosen


def _may_receive(url: str) -> bool:
    if re.search(r"[\s\x00-\x1f\x7f]", url):
        return False
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _ = parts.port  # raises for an invalid port
    except ValueError:
        return False
    return bool(host) and (
        parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(str(host)))
    )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
