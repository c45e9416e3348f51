"""Dates and times in the forms that people write, converted to UTC."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.zones import local_time

from replicate_ext import InvalidInputError
from replicate_ext._messages import shown
from replicate_ext._runs.times import in_utc

NOW = datetime(2026, 11, 3, 12, 30, 15, 123456, tzinfo=UTC)
BERLIN = "CET-1CEST,M3.5.0,M10.5.0/3"
FIVE_EAST = timezone(timedelta(hours=5, minutes=30))

pytestmark = pytest.mark.skipif(
    not hasattr(time, "tzset"), reason="local time cannot be set on this system"
)


@pytest.fixture(autouse=True, scope="module")
def _in_berlin() -> Iterator[None]:
    with local_time(BERLIN):
        yield


def instant(value: Any, now: datetime = NOW) -> datetime:
    moment = in_utc("created_after", value, now)
    assert isinstance(moment, datetime)
    assert moment.tzinfo is UTC
    return moment


def refusal(value: Any) -> str:
    with pytest.raises(InvalidInputError) as caught:
        in_utc("created_before", value, NOW)
    return str(caught.value)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc] # the parts are numbers


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (utc(2026, 1, 2, 3, 4, 5, 6), utc(2026, 1, 2, 3, 4, 5, 6)),
        (datetime(2026, 1, 2, 3, 4, tzinfo=FIVE_EAST), utc(2026, 1, 1, 21, 34)),
        # Without a zone it is local, an hour ahead in winter and two in summer.
        (datetime(2026, 1, 2, 3, 4), utc(2026, 1, 2, 2, 4)),  # noqa: DTZ001 - a local time
        (datetime(2026, 7, 2, 3, 4), utc(2026, 7, 2, 1, 4)),  # noqa: DTZ001 - a local time
        (date(2026, 1, 2), utc(2026, 1, 1, 23)),
        (date(2026, 7, 2), utc(2026, 7, 1, 22)),
        (timedelta(0), NOW),
        (timedelta(days=1, seconds=15), utc(2026, 11, 2, 12, 30, 0, 123456)),
    ],
)
def test_datetimes_dates_and_timedeltas_are_converted(value: object, expected: datetime) -> None:
    assert instant(value) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-03T17:00:00Z", utc(2026, 11, 3, 17)),
        ("2026-11-03 17:00 UTC", utc(2026, 11, 3, 17)),
        ("2026-11-03 17:00 GMT", utc(2026, 11, 3, 17)),
        ("2026-11-03T17:00:00.250+01:00", utc(2026, 11, 3, 16, 0, 0, 250000)),
        ("2026-11-03T17:00:00-0530", utc(2026, 11, 3, 22, 30)),
        ("Tue, 03 Nov 2026 17:00:00 +0000", utc(2026, 11, 3, 17)),
        # Local.
        ("3 Nov 2026 17:00", utc(2026, 11, 3, 16)),
        ("3 Jul 2026 17:00", utc(2026, 7, 3, 15)),
        ("2026-11-03", utc(2026, 11, 2, 23)),
        ("2026-11-03 17:00 CET", utc(2026, 11, 3, 16)),
        ("2026-07-03 17:00 CEST", utc(2026, 7, 3, 15)),
        # Today's.
        ("17:00", utc(2026, 11, 3, 16)),
        ("17:00 UTC", utc(2026, 11, 3, 17)),
    ],
)
def test_a_text_is_read_as_people_mean_it(text: str, expected: datetime) -> None:
    assert instant(text) == expected


def test_today_is_the_local_one() -> None:
    assert instant("08:00", now=utc(2026, 11, 3, 23, 30)) == utc(2026, 11, 4, 7)


@pytest.mark.parametrize("sign", ["+", "-"])
@pytest.mark.parametrize("name", ["UTC", "GMT"])
def test_an_offset_from_utc_is_not_turned_round(name: str, sign: str) -> None:
    """Python-dateutil reads UTC+3 as POSIX does, three hours behind; nobody who writes it does."""
    expected = instant(f"2026-11-03 17:00 {sign}03:00")
    try:
        read = instant(f"2026-11-03 17:00 {name}{sign}3")
    except InvalidInputError:
        return
    assert read == expected


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("yesterday", "yesterday"),
        ("", "does not contain a date"),
        ("2026-02-30", "day is out of range"),
        ("2026-11-03 17:00 EST", "time zone 'EST' is unknown; write an offset, such as +01:00"),
        ("9" * 40 + "m", ""),
        ("1762189200", "out of range"),
        (timedelta(seconds=-1), "in the future"),
        (timedelta.max, ""),
        (date.min, ""),
        (datetime.min, ""),  # noqa: DTZ901 - a local time
        (datetime.max.replace(tzinfo=timezone(timedelta(hours=-1))), ""),
        (1762189200, "the type int is not supported"),
        (1762189200.5, "the type float is not supported"),
        (b"2026-11-03", "the type bytes is not supported"),
        (["2026-11-03"], "the type list is not supported"),
        (True, "the type bool is not supported"),
    ],
    ids=repr,
)
def test_an_invalid_time_is_rejected_with_advice(value: object, said: str) -> None:
    message = refusal(value)

    assert message.startswith(f"invalid created_before {shown(value)}: ")
    assert "Expected a datetime, a date, a timedelta" in message
    assert said in message


def test_none_stays_none() -> None:
    assert in_utc("created_after", None, NOW) is None


def test_the_default_for_now_is_the_time_of_the_system() -> None:
    earliest = datetime.now(UTC)

    moment = in_utc("created_after", timedelta(hours=1))

    assert moment is not None
    assert earliest <= moment + timedelta(hours=1) <= datetime.now(UTC)


PIECES = st.sampled_from(
    [
        *("0", "1", "12", "31", "59", "2026", "9" * 20, "1e9", "inf", "nan", "0.5", "é", "\x00"),
        *("Feb", "Nov", "Monday", "am", "PM", "UTC", "GMT", "Z", "EST", "CET", "h", "m", "s", "T"),
        *("+", "-", ":", " ", ",", "/", ".", "(", "'", "+01:00", "-9999", "24:00", "of", "th"),
    ]
)
TEXTS = st.one_of(
    st.text(max_size=30),
    st.lists(PIECES, max_size=10).map("".join),
    st.lists(PIECES, max_size=8).map(" ".join),
    st.datetimes().map(str),
)


@given(TEXTS)
@example("9999999999999999999999999999999999999999m")
def test_any_text_is_parsed_or_rejected(text: str) -> None:
    with suppress(InvalidInputError):
        assert instant(text).tzinfo is UTC


class NoOffset(tzinfo):
    """A zone that does not say how far it is from UTC, so that a time in it is local."""

    def utcoffset(self, _: datetime | None) -> None:
        return None

    def dst(self, _: datetime | None) -> None:
        return None

    def tzname(self, _: datetime | None) -> None:
        return None


ZONES = st.one_of(st.none(), st.timezones(), st.just(FIVE_EAST), st.just(NoOffset()))
TIMES = st.one_of(st.datetimes(timezones=ZONES), st.dates(), st.timedeltas())


@given(TIMES, st.datetimes(timezones=st.just(UTC)))
def test_any_datetime_is_converted_or_rejected(value: object, now: datetime) -> None:
    try:
        moment = instant(value, now)
    except InvalidInputError:
        return
    if isinstance(value, timedelta):
        assert moment + value == now
    elif isinstance(value, datetime) and (offset := value.utcoffset()) is not None:
        # An hour that a zone has twice equals nothing in another zone, so without them.
        assert moment.replace(tzinfo=None) == value.replace(tzinfo=None) - offset
    elif not isinstance(value, datetime):
        assert moment.astimezone().date() == value


@pytest.mark.parametrize("text", ["2026", "Nov 2026", "5", "Monday", "3 Nov", "Nov 3 17:00"])
def test_a_part_of_a_date_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError, match="the year, the month or the day is missing"):
        instant(text)


@pytest.mark.parametrize("text", ["1h", "2 hours", "30m", "10s", "2 hours 30 minutes"])
def test_a_duration_as_text_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError, match="pass a timedelta"):
        instant(text)


@pytest.mark.parametrize("text", ["03/04/2026", "1.2.2026", "26-11-21", "10 11 12"])
def test_an_ambiguous_date_is_rejected(text: str) -> None:
    with pytest.raises(InvalidInputError, match="day, month and year is ambiguous"):
        instant(text)
