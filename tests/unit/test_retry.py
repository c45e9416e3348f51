"""Guarantees 3 and 18: which requests are retried, and after what delay."""

from __future__ import annotations

import json
import math
import ssl
import string
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

import httpx
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from support.clients import answer
from support.outcomes import MAYBE_TAKEN, name_of

from replicate_ext._http.policy import delay_before_retry, is_repeatable, is_transient
from replicate_ext._problem import retry_after

if TYPE_CHECKING:
    from replicate_ext._http.policy import Outcome

REPEATABLE = ["GET", "HEAD", "OPTIONS", "QUERY", "DELETE"]
ONCE_ONLY = ["POST", "PATCH", "PUT"]

FINAL = [httpx.Response(status) for status in (200, 302, 400, 401, 402, 404, 409, 422, 451)]
NOT_TAKEN = [
    *[httpx.Response(status) for status in (408, 425, 429)],
    httpx.ConnectError("refused"),
    httpx.ConnectTimeout("slow"),
    httpx.PoolTimeout("full"),
    httpx.ProxyError("407 Proxy Authentication Required"),
]

WITHOUT_HURRY = settings(deadline=None)  # other tests may be running beside them


# What is sent again


@pytest.mark.parametrize(
    ("method", "repeatable"),
    [(method, True) for method in REPEATABLE] + [(method, False) for method in ONCE_ONLY],
)
def test_which_methods_are_safe_to_repeat(method: str, repeatable: bool) -> None:
    assert is_repeatable(method) is repeatable


def is_sent_again(outcome: Outcome, *, repeatable: bool) -> bool:
    return delay_before_retry(outcome, 1, 0.5, repeatable=repeatable) is not None


@pytest.mark.parametrize("repeatable", [True, False])
@pytest.mark.parametrize("outcome", FINAL, ids=name_of)
def test_a_final_response_is_not_retried(outcome: Outcome, repeatable: bool) -> None:
    assert not is_sent_again(outcome, repeatable=repeatable)


@pytest.mark.parametrize("repeatable", [True, False])
@pytest.mark.parametrize("outcome", NOT_TAKEN, ids=name_of)
def test_requests_that_the_api_did_not_accept_are_retried(
    outcome: Outcome, repeatable: bool
) -> None:
    assert is_sent_again(outcome, repeatable=repeatable)


@pytest.mark.parametrize("repeatable", [True, False])
@pytest.mark.parametrize("outcome", MAYBE_TAKEN, ids=name_of)
def test_requests_that_the_api_may_have_accepted_are_retried_if_repeatable(
    outcome: Outcome, repeatable: bool
) -> None:
    assert is_sent_again(outcome, repeatable=repeatable) is repeatable


def caused(error: httpx.ConnectError, cause: Exception) -> httpx.ConnectError:
    error.__cause__ = cause
    return error


UNTRUSTED = ssl.SSLCertVerificationError(1, "certificate verify failed")
PLAIN_HTTP = ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number")
PLAIN_HTTP.reason = "WRONG_VERSION_NUMBER"


@pytest.mark.parametrize(
    "outcome",
    [
        caused(httpx.ConnectError("tls"), UNTRUSTED),
        caused(httpx.ConnectError("tls"), caused(httpx.ConnectError("inner"), PLAIN_HTTP)),
        httpx.UnsupportedProtocol("ftp"),
        httpx.LocalProtocolError("illegal header"),
    ],
    ids=["certificate", "no TLS there", "scheme", "own mistake"],
)
def test_permanent_failures_are_not_retried(outcome: Outcome) -> None:
    assert not is_transient(outcome)
    assert not is_sent_again(outcome, repeatable=True)


def test_a_connection_lost_during_the_tls_handshake_is_tried_again() -> None:
    assert is_transient(caused(httpx.ConnectError("tls"), ssl.SSLEOFError(8, "EOF")))


# How long the API asks to wait


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0),
        ("7", 7),
        (" 7 ", 7),
        ("1.5", 1.5),
        ("-3", 0),
        ("86400", 86400),
        ("Tue, 15 Nov 1994 08:12:31 GMT", 0),
        ("", None),
        ("soon", None),
        ("7 seconds", None),
        ("Tue, 42 Nov 1994 08:12:31 GMT", None),
        ("Tue, 15 Nov 1994 08:12:31 +9999", None),
        ("Mon, 01 Jan 0001 00:00:00 +2359", 0),
        ("Fri, 31 Dec 9999 23:59:59 -2359", None),
    ],
)
def test_the_header_is_read(header: str, seconds: float | None) -> None:
    assert retry_after(answer(429, {}, Retry_After=header)) == seconds


def http_date(moment: datetime) -> str:
    return format_datetime(moment, usegmt=True)


@pytest.mark.parametrize("server_is_ahead_by", [-86400, 0, 86400])
def test_a_date_in_the_header_is_read_by_the_servers_clock(server_is_ahead_by: float) -> None:
    now = datetime.now(UTC) + timedelta(seconds=server_is_ahead_by)
    asking = answer(503, {}, Date=http_date(now), Retry_After=http_date(now + timedelta(seconds=9)))

    assert retry_after(asking) == 9


def test_a_date_in_the_header_is_read_by_our_clock_where_the_server_shows_none() -> None:
    until = http_date(datetime.now(UTC) + timedelta(seconds=30))

    assert retry_after(answer(503, {}, Retry_After=until)) == pytest.approx(29.5, abs=0.6)


@pytest.mark.parametrize(
    ("body", "seconds"),
    [
        ({"retry_after": 5}, 5),
        ({"retry_after": 2.5}, 2.5),
        ({"retry_after": 0}, 0),
        ({"retry_after": 5, "detail": "It resets in ~9s."}, 5),
        ({"retry_after": "5", "detail": "It resets in ~9s."}, 9),
        ({"retry_after": -5, "detail": "It resets in ~9s."}, 9),
        ({"retry_after": None, "detail": "It resets in ~9s."}, 9),
        ({"retry_after": [5]}, None),
        ({"retry_after": True}, None),
        ({"detail": "Request was throttled. Your rate limit resets in ~5s."}, 5),
        ({"detail": "Request was throttled. Expected available in 1 second."}, 1),
        ({"detail": "Expected available in 12.5 seconds."}, 12.5),
        ({"detail": "It resets in 500 ms."}, None),
        ({"detail": "Request was throttled."}, None),
        ({"detail": 5}, None),
        ({}, None),
        (["retry_after", 5], None),
        (5, None),
        (None, None),
        ("<html>Too many requests: resets in ~5s</html>", None),
        (b"\xff\xfe", None),
        (b"", None),
    ],
)
def test_the_body_is_read(body: object, seconds: float | None) -> None:
    assert retry_after(answer(429, body)) == seconds


@pytest.mark.parametrize(("header", "seconds"), [("3", 3), ("0", 0), ("-1", 0), ("soon", 50)])
def test_the_header_wins_over_the_body(header: str, seconds: float) -> None:
    assert retry_after(answer(429, {"retry_after": 50}, Retry_After=header)) == seconds


TEXTS = st.text(string.printable, max_size=40)
BODIES = st.binary(max_size=40) | st.fixed_dictionaries(
    {
        "retry_after": st.none() | st.integers(-9, 99) | st.floats(allow_infinity=False),
        "detail": st.none() | TEXTS | st.just("It resets in ~5s."),
    }
)


@WITHOUT_HURRY
@given(TEXTS, BODIES)
def test_any_response_can_be_read(header: str, body: object) -> None:
    assume(not is_infinite_or_nan(header))
    content = body if isinstance(body, bytes) else json.dumps(body)  # with NaN, unlike httpx
    asked = retry_after(answer(429, content, Retry_After=header))

    assert asked is None or 0 <= asked < math.inf


def is_infinite_or_nan(text: str) -> bool:
    try:
        return not math.isfinite(float(text))
    except ValueError:
        return False


# How long it takes until it is sent again


def delay(outcome: Outcome, attempt: int = 1, chance: float = 0.5) -> float:
    seconds = delay_before_retry(outcome, attempt, chance, repeatable=True)
    assert seconds is not None
    return seconds


FRACTIONS = st.floats(0, 1)
ATTEMPTS = st.integers(1, 1000)


@WITHOUT_HURRY
@given(st.integers(0, 60), ATTEMPTS, FRACTIONS)
def test_the_requested_delay_is_never_shortened(seconds: int, attempt: int, chance: float) -> None:
    waited = delay(answer(429, {}, Retry_After=str(seconds)), attempt, chance)

    assert seconds <= waited <= seconds * 1.1 + 1e-9


@WITHOUT_HURRY
@given(st.floats(60, 1e300), FRACTIONS)
def test_a_delay_is_at_most_a_minute_plus_jitter(seconds: float, chance: float) -> None:
    for asking in (
        answer(429, {}, Retry_After=str(seconds)),
        answer(429, {"retry_after": seconds}),
        answer(503, {}, Retry_After="Fri, 31 Dec 9999 23:59:59 GMT"),
    ):
        assert delay(asking, chance=0) == 60
        assert 60 <= delay(asking, chance=chance) <= 66


UNASKED = [httpx.Response(500), httpx.Response(429), httpx.ConnectError("refused")]


@WITHOUT_HURRY
@given(st.sampled_from(UNASKED), ATTEMPTS)
def test_back_off_grows_up_to_a_limit(outcome: Outcome, attempt: int) -> None:
    longest, after_it = delay(outcome, attempt, 1), delay(outcome, attempt + 1, 1)

    assert after_it == min(2 * longest, 8)


@WITHOUT_HURRY
@given(st.sampled_from(UNASKED), ATTEMPTS, FRACTIONS)
def test_jitter_takes_no_more_than_half(outcome: Outcome, attempt: int, chance: float) -> None:
    longest = delay(outcome, attempt, 1)

    assert longest / 2 <= delay(outcome, attempt, chance) <= longest


def test_the_first_retry_comes_within_half_a_second() -> None:
    assert delay(httpx.Response(500), 1, 1) == 0.5


@pytest.mark.parametrize("asked", [True, False, "7", None, [7], {"seconds": 7}, -1])
def test_an_invalid_retry_after_in_a_body_is_ignored(asked: object) -> None:
    assert retry_after(answer(429, {"retry_after": asked})) is None
