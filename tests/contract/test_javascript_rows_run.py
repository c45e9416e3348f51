"""What the tests of the JavaScript client pin down, row by row: ``run``.

The rows are those of replicate-javascript's index.test.ts in version 1.4.0. Where our rules differ,
they win, and a comment says so.
"""

from __future__ import annotations

import json

import pytest
from support.clients import Kind, created, looked, start
from support.clock import VirtualClock

from replicate_ext import (
    InvalidInputError,
    InvalidReferenceError,
    PredictionCanceled,
    Progress,
    parse_progress,
)

VERSION = "5c7d5dc6dd8bf75c1acaa8565735e7986bc5b66206b55cca93cb72c9bf15ccaa"
INPUT = {"text": "Hello, world!"}
LOOK = "GET /v1/predictions/p1"


def bar(current: int) -> str:
    """What tqdm has written when it comes to a step out of five."""
    steps = [f"{step * 20:3}%|{'█' * step:5}| {step}/5 [00:0{step}<?]" for step in range(current)]
    return "\n".join(["Using seed: 1", *steps, f"{current * 20:3}%|{'█' * current}| {current}/5"])


@pytest.mark.parametrize(
    ("reference", "path", "version"),
    [
        pytest.param(
            f"owner/model:{VERSION}", "/v1/predictions", {"version": VERSION}, id="row 57"
        ),
        pytest.param(
            "replicate/hello-world", "/v1/models/replicate/hello-world/predictions", {}, id="row 58"
        ),
    ],
)
def test_a_polled_run_tells_how_far_it_is(
    kind: Kind, clock: VirtualClock, reference: str, path: str, version: dict[str, str]
) -> None:
    client, script = start(
        kind,
        clock,
        created("starting", logs=None),
        looked("processing", logs=bar(2)),
        looked("processing", logs=bar(4)),
        looked("succeeded", logs=bar(5), output="Goodbye!"),
    )
    told: list[tuple[str, Progress | None]] = []

    output = client.run(
        reference,
        INPUT,
        wait=False,
        poll_interval=1,
        on_progress=lambda seen: told.append((seen.status, parse_progress(seen))),
    )

    assert output == "Goodbye!"
    assert script.seen == [f"POST {path}", LOOK, LOOK, LOOK]
    assert json.loads(script.requests[0].content) == {"input": INPUT, **version}
    assert clock.sleeps == [1, 1, 1]
    assert told == [
        ("starting", None),
        ("processing", (0.4, 2, 5)),
        ("processing", (0.8, 4, 5)),
        ("succeeded", (1.0, 5, 5)),
    ]


def test_row_59_names_have_hyphens_and_full_stops(kind: Kind, clock: VirtualClock) -> None:
    client, script = start(
        kind, clock, created("processing", code=200), looked("succeeded", output="foobar")
    )

    assert client.run("a/b-1.0:abc123", INPUT, wait=False) == "foobar"

    assert script.seen == ["POST /v1/predictions", LOOK]
    assert json.loads(script.requests[0].content) == {"version": "abc123", "input": INPUT}


@pytest.mark.parametrize("reference", ["owner:abc123", "/model:abc123", ":abc123"])
def test_row_60_what_names_no_model_is_refused(
    kind: Kind, clock: VirtualClock, reference: str
) -> None:
    client, script = start(kind, clock, created("succeeded"))

    with pytest.raises(InvalidReferenceError):
        client.run(reference, INPUT)

    assert script.seen == []


def test_row_61_an_invalid_webhook_is_refused(kind: Kind, clock: VirtualClock) -> None:
    client, script = start(kind, clock, created("succeeded"))

    with pytest.raises(InvalidInputError, match="Invalid webhook URL"):
        client.run(f"owner/model:{VERSION}", INPUT, webhook="invalid-url")

    assert script.seen == []


@pytest.mark.parametrize(
    ("at", "looks"),
    [
        # `stop` stands for the signal; a run that is stopped at once is not looked at first.
        pytest.param("starting", [], id="row 62, at once"),
        pytest.param("processing", [LOOK], id="row 62, after a look"),
    ],
)
def test_a_run_is_stopped_and_canceled(
    kind: Kind, clock: VirtualClock, at: str, looks: list[str]
) -> None:
    client, script = start(
        kind,
        clock,
        created("starting"),
        *[looked("processing") for _ in looks],
        looked("canceled"),
    )
    told: list[str] = []

    # Differs: JavaScript returns undefined; here a canceled run raises.
    with pytest.raises(PredictionCanceled) as caught:
        client.run(
            f"owner/model:{VERSION}",
            INPUT,
            wait=False,
            on_progress=lambda seen: told.append(seen.status),
            stop=lambda seen: seen.status == at,
        )

    assert script.seen == ["POST /v1/predictions", *looks, "POST /v1/predictions/p1/cancel"]
    assert json.loads(script.requests[0].content) == {"version": VERSION, "input": INPUT}
    assert told == ["starting", *["processing" for _ in looks], "canceled"]
    prediction = caught.value.prediction
    assert (prediction.status, prediction.output) == ("canceled", None)
