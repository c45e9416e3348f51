"""Options of a call are checked when it is made, by their names, before anything is sent."""

from __future__ import annotations

import functools
import math
from typing import Any

import pytest
from support.clients import Kind, answer, created, looked, start
from support.clock import VirtualClock

from replicate_ext import InvalidInputError, NotFoundError, PredictionCanceled

BIG = {"file": b"x" * 300_000}


async def async_function(_: object) -> bool:
    return True


class Watcher:
    """A callback with a state, as people write them."""

    async def __call__(self, _: object) -> bool:
        """Be awaited."""
        return True


WRONG = [
    *(("poll_interval", value) for value in (-3, 0, "x", math.nan, math.inf, True)),
    *(("timeout", value) for value in (0, -1, "5", math.nan, True)),
    ("on_progress", "print"),
    ("stop", True),
]
WRONG_FOR_CREATE = [
    *(("wait", value) for value in (0, -1, "5", math.nan)),
    *(("file_encoding", value) for value in ("bogus", "")),
    ("cancel_after", 1),
    ("webhook", "no URL"),
    ("webhook_events_filter", 5),
]


@pytest.mark.parametrize(("name", "value"), WRONG + WRONG_FOR_CREATE)
def test_a_run_with_a_wrong_option_sends_nothing(
    kind: Kind, clock: VirtualClock, name: str, value: Any
) -> None:
    client, script = start(kind, clock, created())

    for run in (client.run, client.predictions.run):
        with pytest.raises(InvalidInputError, match=f"{name}|webhook URL"):
            run("owner/name", BIG, **{name: value})

    assert script.seen == []


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wait_with_a_wrong_option_sends_nothing(
    kind: Kind, clock: VirtualClock, name: str, value: Any
) -> None:
    client, script = start(kind, clock, looked("succeeded"))

    with pytest.raises(InvalidInputError, match=name):
        client.wait("p1", **{name: value})

    assert script.seen == []


@pytest.mark.parametrize(("name", "value"), WRONG_FOR_CREATE)
def test_a_create_with_a_wrong_option_uploads_nothing(
    kind: Kind, clock: VirtualClock, name: str, value: Any
) -> None:
    client, script = start(kind, clock, created())

    with pytest.raises(InvalidInputError, match=f"{name}|webhook URL"):
        client.predictions.create("owner/name", BIG, **{name: value})

    assert script.seen == []


@pytest.mark.parametrize("given", ["a prompt", [], "", 0, [("prompt", "x")], b"x"])
def test_an_input_that_is_no_dict_is_refused(kind: Kind, clock: VirtualClock, given: Any) -> None:
    client, script = start(kind, clock, created())

    for call in (client.run, client.predictions.run, client.predictions.create):
        with pytest.raises(InvalidInputError, match="input must be a dict"):
            call("owner/name", given)
    with pytest.raises(InvalidInputError, match="input must be a dict"):
        client.trainings.create("owner", "name", "v", destination="me/new", input=given)

    assert script.seen == []


@pytest.mark.parametrize("name", ["on_progress", "stop"])
@pytest.mark.parametrize(
    "function", [async_function, functools.partial(async_function), Watcher(), Watcher().__call__]
)
def test_an_async_callback_is_awaited_or_refused(
    kind: Kind, clock: VirtualClock, name: str, function: Any
) -> None:
    client, script = start(kind, clock, created(), answer(200, {"id": "p1", "status": "canceled"}))

    if kind == "sync":
        with pytest.raises(InvalidInputError, match=f"{name} .* got an async function"):
            client.run("owner/name", {}, **{name: function})
        assert script.seen == []
    else:
        with pytest.raises(PredictionCanceled):
            client.run("owner/name", {}, **{name: function})


@pytest.mark.parametrize("name", ["on_progress", "stop"])
def test_a_result_to_await_cancels_no_run_in_silence(clock: VirtualClock, name: str) -> None:
    """A function that is not async by its looks is found out by what it returns."""
    client, script = start("sync", clock, created(), looked("canceled"))

    with pytest.raises(InvalidInputError, match=f"{name} .* returned an awaitable"):
        client.run("owner/name", {}, **{name: lambda run: async_function(run)})  # noqa: PLW0108 - that is the test

    assert script.seen[-1] == "POST /v1/predictions/p1/cancel"


@pytest.mark.parametrize("interval", [-1, 0, None, math.nan, "x"])
def test_an_interval_that_a_function_returned_must_be_one(
    kind: Kind, clock: VirtualClock, interval: Any
) -> None:
    client, script = start(kind, clock, created(), looked("canceled"))

    with pytest.raises(InvalidInputError, match="poll_interval"):
        client.run("owner/name", {}, wait=False, poll_interval=lambda _: interval)

    assert script.seen == [
        "POST /v1/models/owner/name/predictions",
        "POST /v1/predictions/p1/cancel",
    ]


def test_an_infinite_deadline_is_none(kind: Kind, clock: VirtualClock) -> None:
    client, script = start(kind, clock, created(), looked("succeeded", output=1))

    assert client.run("owner/name", {}, timeout=math.inf, wait=False) == 1

    assert "Cancel-After" not in script.requests[0].headers


@pytest.mark.parametrize("path", ["/api", "/v1/predictions"])
def test_a_404_behind_a_wrong_base_url_says_so_before_all_else(
    kind: Kind, clock: VirtualClock, path: str
) -> None:
    client, _ = start(kind, clock, answer(404, {}), base_url=f"https://gateway.test{path}")

    with pytest.raises(NotFoundError, match="Check base_url") as raised:
        client.run("owner/name", {})
    assert "Only official" not in str(raised.value)


def test_a_404_behind_a_right_base_url_advises_to_pin_a_version(
    kind: Kind, clock: VirtualClock
) -> None:
    client, _ = start(kind, clock, answer(404, {}))

    with pytest.raises(NotFoundError, match="Use owner/name:version") as raised:
        client.run("owner/name", {})
    assert "base_url" not in str(raised.value)
