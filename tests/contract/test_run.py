"""Running models: guarantees 1 to 7, for every kind of client from one body."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from support.clients import (
    BASE_URL,
    TOKEN,
    Kind,
    answer,
    created,
    looked,
    start,
)
from support.clock import VirtualClock

from replicate_ext import (
    InvalidInputError,
    InvalidReferenceError,
    NotFoundError,
    OutcomeUnknownError,
    PredictionAborted,
    PredictionCanceled,
    PredictionFailed,
)

VERSION = "5c7d5dc6dd8bf75c1acaa8565735e7986bc5b66206b55cca93cb72c9bf15ccaa"


@pytest.mark.parametrize(
    ("reference", "path", "version"),
    [
        ("owner/name", "/v1/models/owner/name/predictions", None),
        (f"owner/name:{VERSION}", "/v1/predictions", VERSION),
        ("a/b-1.0:abc123", "/v1/predictions", "abc123"),
        (VERSION, "/v1/predictions", VERSION),
        ("deployments/owner/name", "/v1/deployments/owner/name/predictions", None),
    ],
)
def test_a_held_run_is_one_request_whatever_the_reference(
    kind: Kind, clock: VirtualClock, reference: str, path: str, version: str | None
) -> None:
    client, script = start(kind, clock, created("processing", output="hi"))

    assert client.run(reference, {"text": "Ada"}) == "hi"

    assert script.seen == [f"POST {path}"]
    body = json.loads(script.requests[0].content)
    assert body == {"input": {"text": "Ada"}} | ({"version": version} if version else {})
    assert script.requests[0].headers["Prefer"] == "wait=60"


@pytest.mark.parametrize(
    "reference", ["owner:abc123", "/model:abc123", ":abc123", "", "  ", "a b/c", "a/b/c", "a/b:"]
)
def test_what_is_no_reference_is_refused_before_anything_is_sent(
    kind: Kind, clock: VirtualClock, reference: str
) -> None:
    client, script = start(kind, clock, created())

    with pytest.raises(InvalidReferenceError, match="owner/name:version"):
        client.run(reference, {})

    assert script.seen == []


@pytest.mark.parametrize("output", [None, "", [], {}])
def test_processing_without_an_output_is_not_complete(
    kind: Kind, clock: VirtualClock, output: object
) -> None:
    client, script = start(
        kind, clock, created("processing", output=output), looked("succeeded", output="hi")
    )

    assert client.run("owner/name", {}) == "hi"

    assert script.seen[1:] == ["GET /v1/predictions/p1"]


@pytest.mark.parametrize("output", [0, False, "x", [None]])
def test_an_output_that_is_false_but_there_is_complete(
    kind: Kind, clock: VirtualClock, output: object
) -> None:
    client, script = start(kind, clock, created("processing", output=output))

    assert client.run("owner/name", {}) == output

    assert len(script.seen) == 1


def test_a_202_and_a_reason_header_are_not_complete(kind: Kind, clock: VirtualClock) -> None:
    done = looked("succeeded", output="whole")
    for first in (
        created("processing", 202, output="part"),
        answer(201, json.loads(created("processing", output="part").content), Reason="wait time"),
    ):
        client, script = start(kind, clock, first, done)
        assert client.run("owner/name", {}) == "whole"
        assert len(script.seen) == 2


def test_a_polled_run_never_holds_and_takes_no_part_of_an_output(
    kind: Kind, clock: VirtualClock
) -> None:
    client, script = start(
        kind,
        clock,
        created("starting"),
        looked("processing", output=["a"]),
        looked("succeeded", output=["a", "b"]),
    )

    assert client.run("owner/name", {}, wait=False) == ["a", "b"]

    assert "Prefer" not in script.requests[0].headers


@pytest.mark.parametrize("wait", [1, 0.2, 7.5, 60, 61, 1e9, float("inf")])
def test_a_hold_is_from_1_to_60_seconds(kind: Kind, clock: VirtualClock, wait: float) -> None:
    client, script = start(kind, clock, created("processing", output="hi"))

    client.run("owner/name", {}, wait=wait)

    held = int(script.requests[0].headers["Prefer"].removeprefix("wait="))
    assert 1 <= held <= 60
    assert held >= min(wait, 60)


@pytest.mark.parametrize("wait", [0, -1, float("nan")])
def test_a_hold_that_is_no_time_is_refused(kind: Kind, clock: VirtualClock, wait: float) -> None:
    client, script = start(kind, clock, created())

    with pytest.raises(InvalidInputError, match="wait"):
        client.run("owner/name", {}, wait=wait)

    assert script.seen == []


@pytest.mark.parametrize(
    ("status", "error"),
    [
        ("failed", PredictionFailed),
        ("canceled", PredictionCanceled),
        ("aborted", PredictionAborted),
    ],
)
@pytest.mark.parametrize("wait", [True, False])
def test_a_run_without_success_raises_with_its_prediction(
    kind: Kind, clock: VirtualClock, status: str, error: type[Exception], wait: bool
) -> None:
    client, script = start(kind, clock, created(), looked(status, error="out of memory"))

    with pytest.raises(error, match="out of memory") as caught:
        client.run("owner/name", {}, wait=wait)

    assert caught.value.prediction.status == status  # type: ignore[attr-defined] # each has one
    assert script.seen == ["POST /v1/models/owner/name/predictions", "GET /v1/predictions/p1"]


def test_the_finished_prediction_has_logs_and_metrics(kind: Kind, clock: VirtualClock) -> None:
    client, script = start(
        kind,
        clock,
        created("processing", output="hi"),
        looked("succeeded", output="hi", logs="l", metrics={"predict_time": 1.5}),
    )

    prediction = client.predictions.run("owner/name", {})

    assert (prediction.id, prediction.logs, prediction.metrics) == (
        "p1",
        "l",
        {"predict_time": 1.5},
    )
    assert len(script.seen) == 2


@pytest.mark.parametrize(
    ("value", "header"),
    [(30, "30s"), (90.2, "91s"), ("5m", "300s"), ("1h30m45s", "5445s"), ("45", "45s")],
)
def test_cancel_after_takes_seconds_or_text(
    kind: Kind, clock: VirtualClock, value: Any, header: str
) -> None:
    client, script = start(kind, clock, created("processing", output=1))

    client.run("owner/name", {}, cancel_after=value)

    assert script.requests[0].headers["Cancel-After"] == header


@pytest.mark.parametrize("value", [4, 86401, "soon", "", "-5s", True, float("nan")])
def test_a_cancel_after_out_of_bounds_is_refused(
    kind: Kind, clock: VirtualClock, value: Any
) -> None:
    client, script = start(kind, clock, created())

    with pytest.raises(InvalidInputError, match="5 seconds to 24 hours"):
        client.run("owner/name", {}, cancel_after=value)

    assert script.seen == []


@pytest.mark.parametrize(
    "outcome", [answer(500, {"detail": "Internal server error"}), httpx.ReadTimeout("slow")]
)
def test_a_create_that_may_have_been_taken_is_never_sent_again(
    kind: Kind, clock: VirtualClock, outcome: Any
) -> None:
    client, script = start(kind, clock, outcome)

    with pytest.raises(OutcomeUnknownError, match=r"predictions\.list"):
        client.run("owner/name", {})

    assert len(script.seen) == 1


@pytest.mark.parametrize(
    "outcome",
    [
        answer(429, {"detail": "throttled"}),
        httpx.ConnectError("refused"),
        httpx.ConnectTimeout("slow"),
        httpx.PoolTimeout("full"),
    ],
)
def test_a_create_that_was_certainly_not_taken_is_sent_again(
    kind: Kind, clock: VirtualClock, outcome: Any
) -> None:
    client, script = start(kind, clock, outcome, outcome, created("processing", output="hi"))

    assert client.run("owner/name", {}) == "hi"

    assert len(script.seen) == 3
    assert clock.sleeps == [pytest.approx(0.375), pytest.approx(0.75)]


def test_the_token_goes_to_the_api_alone_and_polls_go_by_id(
    kind: Kind, clock: VirtualClock
) -> None:
    elsewhere = {"get": "https://evil.test/get", "cancel": "https://evil.test/cancel"}
    client, script = start(
        kind, clock, created(urls=elsewhere), looked("succeeded", output=1, urls=elsewhere)
    )

    client.run("owner/name", {}, wait=False)

    assert {request.url.host for request in script.requests} == {"api.test"}
    assert all(request.headers["Authorization"] == f"Bearer {TOKEN}" for request in script.requests)
    assert str(script.requests[1].url) == f"{BASE_URL}/predictions/p1"


@pytest.mark.parametrize(
    ("arguments", "path"),
    [
        ({"version": VERSION}, "/v1/predictions"),
        ({"model": "owner/name"}, "/v1/models/owner/name/predictions"),
        ({"deployment": "owner/name"}, "/v1/deployments/owner/name/predictions"),
        ({"reference": "owner/name"}, "/v1/models/owner/name/predictions"),
    ],
)
def test_create_names_what_it_runs_in_one_of_four_ways(
    kind: Kind, clock: VirtualClock, arguments: dict[str, str], path: str
) -> None:
    client, script = start(kind, clock, created())

    assert client.predictions.create(input={}, **arguments).status == "starting"

    assert script.seen == [f"POST {path}"]
    assert "Prefer" not in script.requests[0].headers


@pytest.mark.parametrize(
    "arguments", [{}, {"model": "a/b", "version": VERSION}, {"reference": "a/b", "model": "a/b"}]
)
def test_create_takes_exactly_one_of_them(
    kind: Kind, clock: VirtualClock, arguments: dict[str, str]
) -> None:
    client, script = start(kind, clock, created())

    with pytest.raises(TypeError, match="exactly one of reference, version=, model= and depl"):
        client.predictions.create(input={}, **arguments)

    assert script.seen == []


def test_a_community_model_without_a_version_is_told_to_pin_one(
    kind: Kind, clock: VirtualClock
) -> None:
    detail = "The requested resource could not be found."
    client, _ = start(kind, clock, answer(404, {"detail": detail, "status": 404}))

    with pytest.raises(NotFoundError, match=r"could not be found\. Only official"):
        client.run("owner/name", {})
