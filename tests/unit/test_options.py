"""Options are checked before anything is sent."""

from __future__ import annotations

import functools
import math
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from typing import Any, cast
from unittest import mock

import httpx
import pytest

from replicate_ext import InvalidInputError
from replicate_ext._http.callbacks import check_callback, refuse_awaitable
from replicate_ext._http.checks import (
    check_exchange_timeout,
    check_file_encoding,
    check_input,
    check_max_retries,
    check_poll_interval,
    check_timeout,
    poll_seconds,
)
from replicate_ext._network.urls import wrong_base_url_hint

# Timeouts, intervals, retries

NOT_POSITIVE = [0, 0.0, -1, -0.001, math.nan, -math.inf, "5", b"5", True, False, [5], 1j]


@pytest.mark.parametrize(
    ("seconds", "deadline"),
    [(None, None), (5, 5.0), (0.5, 0.5), (math.inf, None), (1e300, None), (10**400, None)],
)
def test_a_deadline_is_a_positive_number_and_infinity_is_none(seconds: Any, deadline: Any) -> None:
    assert check_timeout(seconds) == deadline


@pytest.mark.parametrize("seconds", [*NOT_POSITIVE, timedelta(seconds=5), httpx.Timeout(5)])
def test_other_deadlines_are_refused(seconds: Any) -> None:
    with pytest.raises(InvalidInputError, match="timeout must be a positive number") as caught:
        check_timeout(seconds)

    assert repr(seconds) in str(caught.value)


@pytest.mark.parametrize(
    ("timeout", "expected"),
    [
        (5, httpx.Timeout(5)),
        (None, httpx.Timeout(None)),
        (math.inf, httpx.Timeout(None)),
        (httpx.Timeout(3, read=None), httpx.Timeout(3, read=None)),
        (httpx.Timeout(3, read=math.inf), httpx.Timeout(3, read=None)),
    ],
)
def test_a_timeout_is_for_each_step(timeout: Any, expected: httpx.Timeout) -> None:
    assert check_exchange_timeout(timeout) == expected


@pytest.mark.parametrize(
    "timeout",
    [*NOT_POSITIVE, httpx.Timeout(5, read=-1), httpx.Timeout(cast("float", "5")), (1, 2, 3, 4)],
)
def test_other_timeouts_are_refused(timeout: Any) -> None:
    with pytest.raises(InvalidInputError, match="timeout must be a positive number"):
        check_exchange_timeout(timeout)


def in_a_while(elapsed: float) -> float:
    return elapsed


async def async_function(_: object) -> float:
    return 1.0


async def async_generator(_: object) -> AsyncIterator[bool]:
    yield True


def generator(_: object) -> Iterator[bool]:
    yield True


class WithAsyncCall:
    async def __call__(self, _: object) -> None:
        """Be awaited."""

    def method(self, _: object) -> None:
        """Return at once."""

    async def async_method(self, _: object) -> None:
        """Be awaited."""


@pytest.mark.parametrize("interval", [None, 1, 0.001, in_a_while, mock.Mock()])
def test_a_poll_interval_is_a_positive_number_or_a_function(interval: Any) -> None:
    check_poll_interval(interval)


@pytest.mark.parametrize(
    "interval", [*NOT_POSITIVE, math.inf, 1e300, async_function, WithAsyncCall(), generator]
)
def test_other_poll_intervals_are_refused(interval: Any) -> None:
    with pytest.raises(InvalidInputError, match="poll_interval must be a positive number"):
        check_poll_interval(interval)


@pytest.mark.parametrize("interval", [*NOT_POSITIVE, None, math.inf, in_a_while])
def test_a_poll_interval_that_a_function_returned_must_be_a_number(interval: Any) -> None:
    with pytest.raises(InvalidInputError, match="poll_interval must be a positive number"):
        poll_seconds(interval)


@pytest.mark.parametrize("retries", [0, 1, 5, 10**9])
def test_retries_are_a_whole_number(retries: int) -> None:
    check_max_retries(retries)


@pytest.mark.parametrize("retries", [-1, 1.5, 1.0, True, False, None, "5", math.nan])
def test_other_retries_are_refused(retries: Any) -> None:
    with pytest.raises(InvalidInputError, match="max_retries must be a whole number") as caught:
        check_max_retries(retries)

    assert repr(retries) in str(caught.value)


@pytest.mark.parametrize("encoding", ["bogus", "", "Auto", None, 5, ["auto"]])
def test_other_file_encodings_are_refused(encoding: Any) -> None:
    with pytest.raises(InvalidInputError, match="file_encoding must be one of auto"):
        check_file_encoding(encoding)


# Inputs and callbacks


def test_an_input_is_a_dict() -> None:
    given = {"prompt": "x"}

    assert check_input(given) is given
    assert check_input({}) == check_input(None) == {}


@pytest.mark.parametrize("value", ["a prompt", "", 0, False, [], [("prompt", "x")], b"", {"a"}, 5])
def test_other_inputs_are_refused_and_not_quoted(value: Any) -> None:
    with pytest.raises(InvalidInputError, match=f"input must be .* got {type(value).__name__}$"):
        check_input(value)


PLAIN = [None, print, WithAsyncCall().method, mock.Mock(), WithAsyncCall, lambda _: True]
ASYNC: list[Callable[..., Any]] = [
    async_function,
    functools.partial(async_function),
    functools.partial(functools.partial(async_function), 1),
    WithAsyncCall(),
    functools.partial(WithAsyncCall()),
    WithAsyncCall().async_method,
    mock.AsyncMock(),
]


@pytest.mark.parametrize("function", PLAIN)
@pytest.mark.parametrize("is_async", [True, False])
def test_a_plain_function_is_called_by_both_clients(
    function: Callable[..., Any] | None, *, is_async: bool
) -> None:
    check_callback("stop", function, is_async=is_async)


@pytest.mark.parametrize("function", ASYNC)
def test_an_async_function_is_for_the_async_client_alone(function: Callable[..., Any]) -> None:
    check_callback("stop", function, is_async=True)
    with pytest.raises(InvalidInputError, match=r"stop .* got an async function.*AsyncReplicate"):
        check_callback("stop", function, is_async=False)


@pytest.mark.parametrize("function", [generator, async_generator, functools.partial(generator)])
@pytest.mark.parametrize("is_async", [True, False])
def test_a_generator_is_no_callback(function: Callable[..., Any], *, is_async: bool) -> None:
    with pytest.raises(InvalidInputError, match=r"on_progress .* got a generator function"):
        check_callback("on_progress", function, is_async=is_async)


@pytest.mark.parametrize("function", ["print", 5, True, {}])
def test_what_cannot_be_called_is_no_callback(function: Any) -> None:
    with pytest.raises(InvalidInputError, match="on_progress must be a function"):
        check_callback("on_progress", function, is_async=True)


def test_a_result_that_must_be_awaited_is_refused_and_closed() -> None:
    refuse_awaitable("stop", True)  # noqa: FBT003 - as a function returned it
    with pytest.raises(InvalidInputError, match=r"stop .* returned an awaitable"):
        refuse_awaitable("stop", async_function(1))


def test_a_long_value_is_cut_and_a_broken_repr_survived() -> None:
    class Broken:
        def __repr__(self) -> str:
            raise OSError

    with pytest.raises(InvalidInputError) as caught:
        check_file_encoding("x" * 10**6)
    assert len(str(caught.value)) < 200
    with pytest.raises(InvalidInputError, match=r"got <.*Broken"):
        check_timeout(Broken())  # type: ignore[arg-type] # that is the test


# The base URL behind a 404


@pytest.mark.parametrize(
    "base_url",
    ["https://api.replicate.com/v1", "https://gateway.test/replicate/v1/", "http://127.0.0.1:1/v1"],
)
def test_a_base_url_with_the_apis_path_gets_no_hint(base_url: str) -> None:
    assert wrong_base_url_hint(base_url) == ""


@pytest.mark.parametrize(
    ("base_url", "path"),
    [
        ("http://127.0.0.1:1/api", "the path '/api'"),
        ("http://127.0.0.1:1/v1/predictions/", "the path '/v1/predictions'"),
        ("http://127.0.0.1:1/v2", "the path '/v2'"),
    ],
)
def test_another_base_url_is_named_in_a_hint(base_url: str, path: str) -> None:
    hint = wrong_base_url_hint(base_url)

    assert hint.startswith(f"Check base_url: it has {path}")
    assert "https://api.replicate.com/v1" in hint
