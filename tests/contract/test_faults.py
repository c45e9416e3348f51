"""What goes wrong on the way, over real HTTP: guarantees 1 to 4 and 6, for every kind of client."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from support.clients import Kind, make_client
from support.clock import VirtualClock
from support.sandboxes import HELLO, Local

from replicate_ext import (
    OutcomeUnknownError,
    PaymentRequiredError,
    PredictionAborted,
    PredictionCanceled,
    PredictionFailed,
    PredictionTimeout,
    RateLimitError,
)
from replicate_ext.sandbox import Fault

CREATE = "POST **/predictions"
LOOK = "GET /predictions/*"

# After each of these nobody can know from the answer how many predictions there are.
UNCLEAR: dict[str, tuple[Fault, int]] = {
    "500": (Fault.error(500, taken=True), 1),
    "500, not taken": (Fault.error(500), 0),
    "a page": (Fault.error(502, html=True, taken=True), 1),
    "a page, not taken": (Fault.error(502, html=True), 0),
    "dropped": (Fault.drop(taken=True), 1),
    "dropped before": (Fault.drop(), 0),
    "late": (Fault.delay(60), 1),
    "cut": (Fault.cut(10), 1),
    "garbage": (Fault.answer(201, "<html>Welcome to our network</html>", taken=True), 1),
    "empty": (Fault.answer(201, b"", taken=True), 1),
}


@pytest.fixture
def local() -> Iterator[Local]:
    with Local.running() as running:
        yield running


@pytest.fixture
def client(kind: Kind, clock: VirtualClock, local: Local, request: pytest.FixtureRequest) -> Any:
    is_late = "late" in request.node.callspec.params.values()
    return make_client(
        kind,
        api_token=local.sandbox.api_token,
        base_url=local.sandbox.base_url,
        clock=clock.clock,
        max_retries=3,
        # In seconds of the real clock, unlike all other times here.
        timeout=0.2 if is_late else 10,
    )


def seen(local: Local) -> list[str]:
    """The requests, of a prediction without its id."""
    return [f"{request.method} {request.path.split('/')[2]}" for request in local.sandbox.requests]


def statuses(local: Local) -> list[str]:
    """The status of each prediction there is, the newest first."""
    return [item["status"] for item in local.client.get("/predictions").json()["results"]]


@pytest.mark.parametrize(
    "fault",
    [
        Fault.throttle(2, said_in="header"),
        Fault.throttle(2, said_in="body"),
        Fault.throttle(2, said_in="text"),
        Fault.answer(429, {"detail": "Request was throttled.", "status": 429, "retry_after": 2}),
    ],
    ids=["header", "body", "text", "body alone"],
)
def test_a_burst_of_429_is_waited_for_as_long_as_it_says(
    clock: VirtualClock, local: Local, client: Any, fault: Fault
) -> None:
    local.sandbox.faults.add(fault, on=CREATE, times=3)

    assert client.run(HELLO, {"text": "Ada"}) == "hello Ada"

    assert seen(local) == ["POST models"] * 4
    assert clock.sleeps == [pytest.approx(2.1)] * 3
    assert len(statuses(local)) == 1


def test_a_burst_that_does_not_pass_ends_in_its_error(local: Local, client: Any) -> None:
    local.sandbox.faults.add(Fault.throttle(7), times=4)

    with pytest.raises(RateLimitError) as caught:
        client.run(HELLO, {"text": "Ada"})

    assert caught.value.retry_after == 7
    assert statuses(local) == []


def test_an_account_without_credit_is_told_so_at_once(local: Local, client: Any) -> None:
    local.sandbox.faults.add(Fault.error(402))

    with pytest.raises(PaymentRequiredError, match="insufficient credit"):
        client.run(HELLO, {"text": "Ada"})

    assert seen(local) == ["POST models"]


@pytest.mark.parametrize("name", UNCLEAR)
def test_a_create_of_unknown_outcome_is_sent_once(
    clock: VirtualClock, local: Local, client: Any, name: str
) -> None:
    fault, predictions = UNCLEAR[name]
    local.sandbox.faults.add(fault, on=CREATE)

    with pytest.raises(OutcomeUnknownError, match=r"predictions\.list"):
        # Not held: while it is, an answer may be a minute late.
        client.run(HELLO, {"text": "Ada"}, wait=False)

    assert seen(local) == ["POST models"]
    assert clock.sleeps == []
    assert len(statuses(local)) == predictions


def test_a_held_create_that_is_dropped_is_sent_once(local: Local, client: Any) -> None:
    local.sandbox.faults.add(Fault.drop(taken=True))

    with pytest.raises(OutcomeUnknownError):
        client.run(HELLO, {"text": "Ada"})

    assert statuses(local) == ["succeeded"]


@pytest.mark.parametrize("name", UNCLEAR)
def test_a_look_goes_on_whatever_happens_to_it(local: Local, client: Any, name: str) -> None:
    fault, _ = UNCLEAR[name]
    local.sandbox.faults.add(fault, on=LOOK, times=2)

    assert client.run(HELLO, {"text": "Ada"}, wait=False) == "hello Ada"

    assert seen(local)[:4] == ["POST models", *["GET predictions"] * 3]
    assert local.sandbox.faults.pending == []


@pytest.mark.parametrize("name", ["500", "dropped", "dropped before"])
def test_a_cancel_is_sent_again(local: Local, client: Any, name: str) -> None:
    local.sandbox.script("me/endless", ["starting", "processing"])
    id_ = client.predictions.create("me/endless", {}).id
    local.sandbox.faults.add(UNCLEAR[name][0], on="POST **/cancel")

    assert client.predictions.cancel(id_).status == "canceled"

    assert seen(local) == ["POST models", *["POST predictions"] * 2]


@pytest.mark.parametrize("wait", [True, False])
@pytest.mark.parametrize(
    ("end", "error"),
    [
        ("failed", PredictionFailed),
        ("canceled", PredictionCanceled),
        ("aborted", PredictionAborted),
    ],
)
@pytest.mark.parametrize("before", [[], ["starting"]])
def test_a_run_without_success_raises(
    local: Local, client: Any, end: str, error: type[Exception], wait: bool, before: list[str]
) -> None:
    local.sandbox.script("me/ill", [*before, end], error="out of memory (E1001)")

    with pytest.raises(error, match="E1001") as caught:
        client.run("me/ill", {}, wait=wait)

    assert caught.value.prediction.status == end  # type: ignore[attr-defined] # each has one
    assert len(seen(local)) == (1 if wait and not before else 2)


def test_what_outlasts_the_hold_is_polled(local: Local, client: Any) -> None:
    local.sandbox.script("me/slow", ["starting", "processing", "succeeded"], output=["a", "b"])

    assert client.run("me/slow", {}) == ["a", "b"]

    assert seen(local) == ["POST models", *["GET predictions"] * 2]


@pytest.mark.parametrize("wait", [True, False])
def test_statuses_nobody_knows_are_waited_through(local: Local, client: Any, wait: bool) -> None:
    script = ["queued", "warming", "queued", "processing", "succeeded"]
    local.sandbox.script("me/new", script, output="done")
    told: list[str] = []

    output = client.run("me/new", {}, wait=wait, on_progress=lambda run: told.append(run.status))

    assert output == "done"
    assert told == script


def test_a_run_without_end_is_canceled_at_the_deadline(local: Local, client: Any) -> None:
    local.sandbox.script("me/endless", ["starting", "warming"])

    with pytest.raises(PredictionTimeout):
        client.run("me/endless", {}, timeout=30)

    assert statuses(local) == ["canceled"]


def test_everything_at_once_still_pays_once(local: Local, client: Any) -> None:
    local.sandbox.script("me/slow", ["queued", "processing", "succeeded"], output="done")
    faults = local.sandbox.faults
    faults.add(Fault.throttle(1, said_in="text"), on=CREATE, times=2)
    for fault in (Fault.drop(), Fault.error(503, html=True), Fault.throttle(), Fault.cut(5)):
        faults.add(fault, on=LOOK)

    assert client.run("me/slow", {}) == "done"

    assert faults.pending == []
    assert statuses(local) == ["succeeded"]
