"""Polls go on through an outage, and only the run itself ends a wait. Guarantees 4 and 6."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from operator import methodcaller
from typing import Any

import httpx
import pytest
from support.clients import Kind, answer, created, looked, prediction, start
from support.clock import VirtualClock

from replicate_ext import (
    APIError,
    AuthenticationError,
    InvalidResponseError,
    NotFoundError,
    OutcomeUnknownError,
    PredictionTimeout,
)
from replicate_ext._runs.plan import prediction_of

OUTAGES: dict[str, Any] = {
    "408": answer(408, {}),
    "425": answer(425, {}),
    "429": answer(429, {"detail": "throttled"}),
    "500": answer(500, {}),
    "502": answer(502, "<html>Bad gateway</html>"),
    "503": answer(503, ""),
    "no connection": httpx.ConnectError("refused"),
    "no answer": httpx.ReadTimeout("late"),
    "cut": httpx.RemoteProtocolError("closed"),
    "a page": answer(200, "<html>Welcome</html>"),
    "empty": answer(200, {}),
    "another run": answer(200, prediction("succeeded", id="other", output="not ours")),
}

WAITS: dict[str, Callable[..., Any]] = {
    "wait by id": lambda client, **options: client.wait("p1", **options).output,
    "wait": lambda client, **options: (
        client.wait(prediction_of(prediction("processing")), **options).output
    ),
    "run": lambda client, **options: client.run("owner/name", {}, wait=False, **options),
    "run with progress": lambda client, **options: client.run(
        "owner/name", {}, on_progress=lambda _: None, **options
    ),
    "run with stop": lambda client, **options: client.run(
        "owner/name", {}, stop=lambda _: False, **options
    ),
}


class Out:
    """An API that creates, and is then out until some time has passed."""

    def __init__(self, clock: VirtualClock, seconds: float, *failures: Any) -> None:
        self._clock = clock
        self._seconds = seconds
        self._failures = itertools.cycle(failures or OUTAGES.values())

    def __call__(self, request: httpx.Request) -> Any:
        if request.method == "POST":
            return looked("canceled") if request.url.path.endswith("/cancel") else created()
        return (
            next(self._failures)
            if self._clock.elapsed < self._seconds
            else looked("succeeded", output="ours")
        )


@pytest.fixture(params=WAITS)
def wait(request: pytest.FixtureRequest) -> Callable[..., Any]:
    return WAITS[request.param]


def canceled(script: Any) -> list[str]:
    return [seen for seen in script.seen if seen.endswith("/cancel")]


def test_an_outage_of_minutes_ends_nothing(
    kind: Kind, clock: VirtualClock, wait: Callable[..., Any]
) -> None:
    client, script = start(kind, clock, Out(clock, 290))

    assert wait(client) == "ours"
    assert 290 <= clock.elapsed <= 300
    assert canceled(script) == []


@pytest.mark.parametrize("failure", OUTAGES.values(), ids=OUTAGES)
def test_an_outage_may_look_like_this(kind: Kind, clock: VirtualClock, failure: Any) -> None:
    client, script = start(kind, clock, Out(clock, 290, failure))

    assert client.run("owner/name", {}, wait=False) == "ours"
    assert canceled(script) == []


def test_an_outage_without_end_ends_the_wait_after_five_minutes(
    kind: Kind, clock: VirtualClock, wait: Callable[..., Any]
) -> None:
    client, script = start(kind, clock, Out(clock, math.inf))

    with pytest.raises(APIError) as caught:
        wait(client)

    assert not isinstance(caught.value, PredictionTimeout)
    assert 300 <= clock.elapsed <= 310
    # Whatever the answers said, no other run was touched.
    assert canceled(script) == ["POST /v1/predictions/p1/cancel"]


@pytest.mark.parametrize("timeout", [0.3, 10.0, 1000.0])
def test_with_a_deadline_an_outage_ends_the_wait_at_the_deadline_alone(
    kind: Kind, clock: VirtualClock, wait: Callable[..., Any], timeout: float
) -> None:
    client, script = start(kind, clock, Out(clock, math.inf))

    with pytest.raises(PredictionTimeout) as caught:
        wait(client, timeout=timeout)

    assert caught.value.prediction.id == "p1"
    assert clock.elapsed == pytest.approx(timeout)
    assert canceled(script) == ["POST /v1/predictions/p1/cancel"]


@pytest.mark.parametrize(("status", "error"), [(404, NotFoundError), (401, AuthenticationError)])
def test_what_does_not_pass_ends_the_wait_at_once(
    kind: Kind,
    clock: VirtualClock,
    wait: Callable[..., Any],
    status: int,
    error: type[APIError],
) -> None:
    client, _ = start(kind, clock, Out(clock, math.inf, answer(status, {"detail": "no"})))

    with pytest.raises(error) as caught:
        wait(client)

    assert clock.elapsed <= 1
    assert "version" not in str(caught.value)  # advice for creates, where a 404 has that reason


def test_an_outage_is_counted_from_its_own_beginning(kind: Kind, clock: VirtualClock) -> None:
    def respond(request: httpx.Request) -> Any:
        if request.method == "POST":
            return created()
        if clock.elapsed >= 1000:
            return looked("succeeded", output="ours")
        # Out for 200 s, back for a look, and out again.
        return answer(503, "") if clock.elapsed % 200 > 6 else looked("processing")

    client, _ = start(kind, clock, respond)

    assert client.run("owner/name", {}, wait=False) == "ours"


def test_an_infinite_timeout_is_no_deadline(kind: Kind, clock: VirtualClock) -> None:
    client, script = start(kind, clock, Out(clock, math.inf))

    with pytest.raises(APIError):
        client.run("owner/name", {}, timeout=math.inf)

    assert script.requests[0].headers["Prefer"] == "wait=60"
    assert "Cancel-After" not in script.requests[0].headers
    assert clock.elapsed <= 310  # the limit of a wait without a deadline


def test_a_run_that_has_ended_is_not_looked_at(kind: Kind, clock: VirtualClock) -> None:
    client, script = start(kind, clock, looked("succeeded"))

    client.wait(prediction_of(prediction("succeeded")))

    assert script.requests == []


def test_the_cancel_goes_to_the_run_that_was_created_whatever_the_looks_say(
    kind: Kind, clock: VirtualClock
) -> None:
    def fail(_: Any) -> None:
        if clock.elapsed > 1:
            raise ZeroDivisionError

    logs = iter(range(1000))

    def respond(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return created(id="mine")
        seen = next(logs)
        other = answer(200, prediction("processing", id="other"))
        mine = answer(200, prediction("processing", id="mine", logs=str(seen)))
        return other if seen % 2 else mine

    client, script = start(kind, clock, respond)

    with pytest.raises(ZeroDivisionError):
        client.run("owner/name", {}, on_progress=fail)

    assert canceled(script) == ["POST /v1/predictions/mine/cancel"]


CREATES: dict[str, Callable[[Any], Any]] = {
    "run": lambda client: client.run("owner/name", {}),
    "predictions.create": lambda client: client.predictions.create("owner/name", {}),
    "models.predictions.create": lambda client: client.predictions.create(model="o/n", input={}),
    "deployments.predictions.create": lambda client: client.predictions.create(
        deployment="o/n", input={}
    ),
    "trainings.create": lambda client: client.trainings.create(
        f"o/n:{'a' * 64}", input={}, destination="o/d"
    ),
    "models.create": lambda client: client.models.create(
        owner="o", name="n", hardware="cpu", visibility="private"
    ),
    "deployments.create": lambda client: client.deployments.create(
        name="d", model="o/n", version="a" * 64, hardware="cpu", min_instances=0, max_instances=1
    ),
}


@pytest.mark.parametrize("create", CREATES.values(), ids=CREATES)
@pytest.mark.parametrize("name", ["a page", "empty", "a list", "text", "no answer", "cut", "500"])
def test_a_create_that_is_answered_by_something_else_has_an_unknown_outcome(
    kind: Kind, clock: VirtualClock, create: Callable[[Any], Any], name: str
) -> None:
    others = {"a list": answer(201, ["x"]), "text": answer(201, '"created"')}
    client, script = start(kind, clock, {**OUTAGES, **others}[name])

    with pytest.raises(OutcomeUnknownError):
        create(client)

    assert len(script.requests) == 1


@pytest.mark.parametrize("name", ["408", "425", "429", "no connection"])
def test_a_create_that_was_not_taken_is_sent_again(
    kind: Kind, clock: VirtualClock, name: str
) -> None:
    client, script = start(kind, clock, OUTAGES[name], created("processing", output="ours"))

    assert client.run("owner/name", {}) == "ours"
    assert len(script.requests) == 2


def test_a_proxy_that_refuses_took_no_create(kind: Kind, clock: VirtualClock) -> None:
    client, script = start(
        kind, clock, httpx.ProxyError("502 Bad Gateway"), created("processing", output="ours")
    )

    assert client.run("owner/name", {}) == "ours"
    assert len(script.requests) == 2


def test_a_read_of_something_else_is_an_invalid_response(kind: Kind, clock: VirtualClock) -> None:
    client, _ = start(kind, clock, answer(200, "<html></html>"))

    with pytest.raises(InvalidResponseError):
        client.predictions.get("p1")


HOLD = 30


@pytest.mark.parametrize(
    ("timeout", "read"),
    [
        (None, 30 + HOLD),  # the usual 30 s, and as long as the API holds its answer
        (100.0, 30 + HOLD),
        (HOLD + 0.5, HOLD + 0.5 + 2),  # until the deadline, and a moment more
    ],
)
def test_a_held_answer_is_waited_for_as_long_as_it_may_take(
    kind: Kind, clock: VirtualClock, timeout: float | None, read: float
) -> None:
    client, script = start(kind, clock, created("processing", output="ours"))

    client.run("owner/name", {}, wait=HOLD, timeout=timeout)

    assert script.requests[0].headers["Prefer"] == f"wait={HOLD}"
    assert script.requests[0].extensions["timeout"]["read"] == pytest.approx(read)


def test_only_a_404_of_a_create_by_name_advises_to_pin_a_version(
    kind: Kind, clock: VirtualClock
) -> None:
    def message(status: int, call: Callable[[Any], Any]) -> str:
        client, _ = start(kind, clock, answer(status, {"detail": "no"}))
        with pytest.raises(APIError) as caught:
            call(client)
        return str(caught.value)

    assert "version" in message(404, lambda client: client.run("owner/name", {}))
    for status in (401, 402, 403, 422):
        assert "version" not in message(status, lambda client: client.run("owner/name", {}))
    for reference in ("a" * 64, f"owner/name:{'a' * 64}", "deployments/owner/name"):
        text = message(404, methodcaller("run", reference, {}))
        assert "pin" not in text.lower()
