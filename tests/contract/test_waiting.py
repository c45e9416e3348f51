"""Waiting for runs: when to look, when to give up. Guarantees 1, 4, 5 and 6."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from replicate_api.models import Training
from support.clients import Kind, answer, created, looked, start
from support.clock import VirtualClock

from replicate_ext import (
    InvalidInputError,
    OutcomeUnknownError,
    PredictionTimeout,
)

VERSION = "5c7d5dc6dd8bf75c1acaa8565735e7986bc5b66206b55cca93cb72c9bf15ccaa"


def test_check_false_returns_the_run_as_it_ended(kind: Kind, clock: VirtualClock) -> None:
    client, _ = start(kind, clock, looked("failed", error="no"))

    assert client.wait("p1", check=False).error == "no"


def test_unknown_statuses_go_on(kind: Kind, clock: VirtualClock) -> None:
    client, script = start(
        kind, clock, created("queued"), looked("warming-up"), looked("succeeded", output=1)
    )

    assert client.run("owner/name", {}) == 1
    assert len(script.seen) == 3


@pytest.mark.parametrize("run_time", [0.05, 0.2, 1.3, 3.0, 17.0, 120.0, 600.0, 3600.0])
def test_polling_is_prompt_and_sparing(kind: Kind, clock: VirtualClock, run_time: float) -> None:
    def look(_: httpx.Request) -> httpx.Response:
        return looked("succeeded", output=1) if clock.elapsed >= run_time else looked("processing")

    client, script = start(kind, clock, created(), look)

    client.run("owner/name", {}, wait=False)

    late = clock.elapsed - run_time
    assert late <= max(0.1, 0.15 * run_time)
    assert late <= 5
    assert sum(1 for time in script.times if time - 1000 <= 3) <= 20
    assert sum(1 for time in script.times if time - 1000 <= 600) <= 200


@pytest.mark.parametrize("interval", [0.5, lambda elapsed: 0.25 if elapsed < 1 else 2.0])
def test_the_poll_interval_is_the_callers(kind: Kind, clock: VirtualClock, interval: Any) -> None:
    client, _ = start(
        kind, clock, created(), *[looked("processing")] * 5, looked("succeeded"), poll_interval=9
    )

    client.run("owner/name", {}, wait=False, poll_interval=interval)

    expected = [0.5] * 6 if interval == 0.5 else [0.25] * 4 + [2.0] * 2
    assert clock.sleeps == expected


def test_transient_errors_while_polling_do_not_end_the_wait(
    kind: Kind, clock: VirtualClock
) -> None:
    client, script = start(
        kind,
        clock,
        created(),
        answer(500, "oops"),
        answer(502, "<html>"),
        httpx.ReadTimeout("slow"),
        httpx.ConnectError("gone"),
        answer(429, {"detail": "slow down", "retry_after": 7}),
        answer(200, "<html>not the API</html>"),
        looked("succeeded", output="hi"),
    )

    assert client.run("owner/name", {}, wait=False) == "hi"

    assert len(script.seen) == 8
    assert any(7 <= seconds < 8 for seconds in clock.sleeps)


def test_an_api_that_stays_away_ends_the_wait_after_minutes(
    kind: Kind, clock: VirtualClock
) -> None:
    client, _ = start(kind, clock, created(), httpx.ConnectError("gone"))

    with pytest.raises(Exception, match="ConnectError"):
        client.run("owner/name", {}, wait=False)

    assert 300 < clock.elapsed < 400


def test_a_run_without_end_times_out_at_the_deadline_and_is_canceled(
    kind: Kind, clock: VirtualClock
) -> None:
    def respond(request: httpx.Request) -> httpx.Response:
        return looked("canceled" if request.method == "POST" else "processing")

    client, script = start(kind, clock, created(), respond)

    with pytest.raises(PredictionTimeout) as caught:
        client.run("owner/name", {}, wait=False, timeout=30)

    assert isinstance(caught.value, TimeoutError)
    assert caught.value.prediction.id == "p1"
    assert clock.elapsed == pytest.approx(30, abs=0.1)
    assert script.seen[-1] == "POST /v1/predictions/p1/cancel"
    assert script.requests[0].headers["Cancel-After"] == "31s"


def test_a_result_just_before_the_deadline_is_not_missed(kind: Kind, clock: VirtualClock) -> None:
    def look(_: httpx.Request) -> httpx.Response:
        return looked("succeeded", output=1) if clock.elapsed >= 29.5 else looked("processing")

    client, _ = start(kind, clock, created(), look)

    assert client.run("owner/name", {}, wait=False, timeout=30) == 1


def test_cancel_on_exit_false_leaves_the_run_alone(kind: Kind, clock: VirtualClock) -> None:
    client, script = start(kind, clock, created(), looked("processing"))

    with pytest.raises(PredictionTimeout):
        client.run("owner/name", {}, wait=False, timeout=8, cancel_on_exit=False)

    assert not any("cancel" in seen for seen in script.seen)
    assert "Cancel-After" not in script.requests[0].headers


def test_a_hold_ends_before_the_deadline(kind: Kind, clock: VirtualClock) -> None:
    client, script = start(kind, clock, created("processing", output=1))

    client.run("owner/name", {}, timeout=12.7)

    assert script.requests[0].headers["Prefer"] == "wait=12"
    assert script.requests[0].extensions["timeout"]["read"] > 12


@pytest.mark.parametrize("timeout", [0, -1, float("nan")])
def test_a_timeout_that_is_no_time_is_refused(
    kind: Kind, clock: VirtualClock, timeout: float
) -> None:
    client, script = start(kind, clock, created())

    with pytest.raises(InvalidInputError, match="timeout"):
        client.run("owner/name", {}, timeout=timeout)

    assert script.seen == []


def test_without_a_hold_an_output_of_a_run_that_goes_on_is_only_a_part(
    kind: Kind, clock: VirtualClock
) -> None:
    client, _ = start(
        kind, clock, created("processing", output=["a"]), looked("succeeded", output=["a", "b"])
    )

    assert client.run("owner/name", {}, wait=False) == ["a", "b"]


def test_a_training_is_waited_for_at_its_own_path(kind: Kind, clock: VirtualClock) -> None:
    client, script = start(kind, clock, looked("succeeded", id="t1", output={"version": "a/b:c"}))

    done = client.wait(Training.from_dict({"id": "t1", "status": "processing"}))

    assert isinstance(done, Training)
    assert done.output is not None
    assert done.output.version == "a/b:c"
    assert script.seen == ["GET /v1/trainings/t1"]


def garbled(_: httpx.Request) -> httpx.Response:
    raise httpx.DecodingError("not gzip")


def test_an_answer_that_cannot_be_decoded_is_a_documented_error(
    kind: Kind, clock: VirtualClock
) -> None:
    client, script = start(kind, clock, garbled)
    with pytest.raises(OutcomeUnknownError):
        client.run("owner/name", {})
    assert len(script.seen) == 1

    client, script = start(kind, clock, created(), garbled, looked("succeeded", output=1))
    assert client.run("owner/name", {}, wait=False) == 1


def test_a_retried_create_holds_for_the_time_that_is_left(kind: Kind, clock: VirtualClock) -> None:
    busy = answer(429, {"retry_after": 10})
    client, script = start(kind, clock, busy, created("processing", output=1))

    client.run("owner/name", {}, timeout=30)

    held = [request.headers["Prefer"] for request in script.requests]
    assert held == ["wait=30", "wait=19"]


def test_the_wait_for_a_held_response_ends_soon_after_the_deadline(
    kind: Kind, clock: VirtualClock
) -> None:
    client, script = start(kind, clock, created("processing", output=1))

    client.run("owner/name", {}, timeout=2)

    assert script.requests[0].extensions["timeout"]["read"] <= 4


@pytest.mark.parametrize("watching", ["on_progress", "stop"])
def test_a_run_with_callbacks_is_polled_from_the_start(
    kind: Kind, clock: VirtualClock, watching: str
) -> None:
    seen: list[Any] = []
    client, script = start(kind, clock, created(), looked("processing"), looked("succeeded"))

    client.run("owner/name", {}, **{watching: lambda run: seen.append(run.status)})

    assert "Prefer" not in script.requests[0].headers
    assert seen[:2] == ["starting", "processing"]
