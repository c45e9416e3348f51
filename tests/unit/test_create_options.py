"""Options of a create: webhooks and their events, Cancel-After, and how long a response is held."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from replicate_ext import InvalidInputError
from replicate_ext._http.checks import (
    cancel_after_header,
    check_webhook,
    hold_seconds,
)

WITHOUT_HURRY = settings(deadline=None)  # other tests may be running beside them


@pytest.mark.parametrize(
    "url",
    [
        "https://test.host/webhook",
        "https://test.host",
        "https://test.host:8443/?a=b#c",
        "https://user:password@test.host/",
        "https://93.184.216.34/",
        "https://[2606:2800:220:1::1]/",
        "https://localhost/",
        "HTTPS://TEST.HOST/",
        "http://localhost",
        "http://localhost:8000/webhook",
        "http://LocalHost:8000/",
        "http://127.0.0.1:8000/",
        "http://127.9.9.9/",
        "http://[::1]:8000/",
        "http://[::1]",
    ],
)
def test_webhooks_are_https_or_on_loopback(url: str) -> None:
    assert check_webhook(url, None) is None


@pytest.mark.parametrize(
    "url",
    [
        "invalid-url",  # rows 27, 38 and 61 of the JavaScript client's tests
        "",
        "/webhook",
        "//test.host/webhook",
        "test.host/webhook",
        "https:",
        "https://",
        "https:///webhook",
        "https://:443/",
        "https://[::1",
        "https:test.host",
        "ftp://test.host/",
        "ws://localhost/",
        "file://localhost/etc/passwd",
        "javascript:alert(1)",
        "http://test.host/webhook",
        "http://localhost.test.host/",
        "http://127.0.0.1.test.host/",
        "http://test.host/localhost",
        "http://test.host#@localhost/",
        "http://10.0.0.1/",
        "http://0.0.0.0/",
        "http://[::2]/",
        5,
        b"https://test.host/webhook",
    ],
)
def test_other_webhooks_are_refused(url: Any) -> None:
    with pytest.raises(InvalidInputError, match="Invalid webhook URL") as caught:
        check_webhook(url, None)

    assert repr(url) in str(caught.value)


@pytest.mark.parametrize("userinfo", ["hidden", "user:hidden", ":hidden", "user:hidden@hidden"])
def test_a_refused_webhook_is_shown_without_its_password(userinfo: str) -> None:
    with pytest.raises(InvalidInputError, match=r"test\.host") as caught:
        check_webhook(f"http://{userinfo}@test.host/webhook", None)

    assert "hidden" not in str(caught.value).replace("[hidden]@", "")


@pytest.mark.parametrize(
    ("events", "chosen"),
    [
        (None, None),
        ([], []),
        ("completed", ["completed"]),
        (["output", "completed"], ["output", "completed"]),
        (("start", "logs"), ["start", "logs"]),
        ({"output": 1}, ["output"]),
        (iter(["start", "output", "logs", "completed"]), ["start", "output", "logs", "completed"]),
    ],
)
@pytest.mark.parametrize("url", ["https://test.host/webhook", None])
def test_the_events_become_a_list(
    url: str | None, events: Iterable[str] | None, chosen: list[str] | None
) -> None:
    events = iter(chosen or ()) if hasattr(events, "__next__") else events

    assert check_webhook(url, events) == chosen


@pytest.mark.parametrize(
    "events", ["done", "", "Completed", ["output", "finished"], ("start", ""), [None], [["output"]]]
)
def test_unknown_events_are_refused(events: Any) -> None:
    with pytest.raises(InvalidInputError, match="start, output, logs, completed"):
        check_webhook("https://test.host/webhook", events)


def test_events_that_are_no_list_are_refused() -> None:
    with pytest.raises(InvalidInputError, match="webhook_events_filter"):
        check_webhook("https://test.host/webhook", 5)  # type: ignore[arg-type] # that is the test


@pytest.mark.parametrize(
    ("value", "header"),
    [
        (5, "5s"),
        (5.0, "5s"),
        (5.1, "6s"),
        (86400, "86400s"),
        (timedelta(seconds=5), "5s"),
        (timedelta(minutes=1, milliseconds=1), "61s"),
        (timedelta(days=1), "86400s"),
        ("5", "5s"),
        ("90s", "90s"),
        ("5m", "300s"),
        ("1h", "3600s"),
        ("24h", "86400s"),
        ("1h30m45s", "5445s"),
        ("1h30m", "5400s"),
        ("1h5", "3605s"),
        ("0h0m5s", "5s"),
        ("90m", "5400s"),
        (" 5m ", "300s"),
    ],
)
def test_a_duration_becomes_whole_seconds(value: float | timedelta | str, header: str) -> None:
    assert cancel_after_header(value) == header


@pytest.mark.parametrize(
    "value",
    [
        4,
        4.999,
        0,
        -5,
        86401,
        86400.5,
        math.nan,
        math.inf,
        -math.inf,
        True,
        timedelta(seconds=4.999),
        timedelta(days=1, microseconds=1),
        timedelta(-1),
        timedelta.max,
        "4s",
        "24h1s",
        "",
        " ",
        "h",
        "s",
        "soon",
        "-5s",
        "5.5s",
        "5S",
        "5 s",
        "1h 30m",
        "30m1h",
        "5d",
        "5s5",
        "0x10",
        None,
        b"5m",
        [5],
    ],
)
def test_what_is_no_duration_or_out_of_bounds_is_refused(value: Any) -> None:
    with pytest.raises(InvalidInputError, match="5 seconds to 24 hours") as caught:
        cancel_after_header(value)

    assert repr(value) in str(caught.value)


@WITHOUT_HURRY
@given(st.floats(5, 86400))
def test_a_run_is_given_at_least_the_time_that_was_asked_for(seconds: float) -> None:
    given_time = int(cancel_after_header(seconds).removesuffix("s"))

    assert seconds <= given_time < seconds + 1
    assert cancel_after_header(f"{given_time}s") == f"{given_time}s"


@WITHOUT_HURRY
@given(st.integers(0, 23), st.integers(0, 59), st.integers(5, 59))
def test_a_text_means_what_a_timedelta_means(hours: int, minutes: int, seconds: int) -> None:
    text = f"{hours}h{minutes}m{seconds}s"
    same = timedelta(hours=hours, minutes=minutes, seconds=seconds)

    assert cancel_after_header(text) == cancel_after_header(same)


@pytest.mark.parametrize(
    ("wait", "left", "seconds"),
    [
        (False, None, 0),
        (False, 100, 0),
        (True, None, 60),
        (True, 100, 60),
        (True, 12.9, 12),
        (True, 0.9, 0),
        (True, 0, 0),
        (True, -5, 0),
        (1, None, 1),
        (0.2, None, 1),
        (7.5, None, 8),
        (60, None, 60),
        (60.1, None, 60),
        (1e300, None, 60),
        (math.inf, None, 60),
        (7.5, 100, 8),
        (7.5, 5, 5),
        (7.5, math.nextafter(5, 0), 4),
    ],
)
def test_an_answer_is_held(wait: float, left: float | None, seconds: int) -> None:
    assert hold_seconds(wait, left) == seconds


@pytest.mark.parametrize("wait", [0, 0.0, -1, -math.inf, math.nan, "5", None, [1], 1j])
@pytest.mark.parametrize("left", [None, 100.0, 0.0])
def test_a_hold_that_is_no_time_is_refused(wait: Any, left: float | None) -> None:
    with pytest.raises(InvalidInputError, match="wait must be True, False or a number of seconds"):
        hold_seconds(wait, left)


POSITIVE = st.floats(min_value=0, exclude_min=True)


@WITHOUT_HURRY
@given(st.booleans() | POSITIVE, st.none() | st.floats(allow_nan=False, allow_infinity=False))
def test_no_hold_outlasts_the_api_or_the_deadline(wait: float, left: float | None) -> None:
    held = hold_seconds(wait, left)

    assert 0 <= held <= 60
    assert left is None or held <= max(left, 0)


@WITHOUT_HURRY
@given(POSITIVE)
def test_a_number_holds_as_long_as_it_says_if_it_may(wait: float) -> None:
    held = hold_seconds(wait, None)

    assert held == 60 or max(wait, 1) <= held <= wait + 1
