"""Predictions and trainings act through the client that returned them."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import anyio
import pytest
from replicate_api import models
from support.clients import Kind, answer, created, looked, prediction, start
from support.clock import VirtualClock

from replicate_ext import FileOutput, PredictionFailed, ReplicateError

URL = "https://files.test/a.png"


def finish(kind: Kind, call: Any) -> Any:
    """Return the result of a method of an object, which is awaited for async clients."""
    if kind == "sync":
        return call()

    async def main() -> Any:
        return await call()

    return anyio.run(main, backend=kind)


def test_a_created_prediction_waits_and_is_updated(kind: Kind, clock: VirtualClock) -> None:
    client, script = start(
        kind, clock, created(), looked("processing"), looked("succeeded", output=URL)
    )

    run = client.predictions.create("owner/name", {})
    assert run.status == "starting"

    assert finish(kind, run.wait) is run
    assert run.status == "succeeded"
    assert isinstance(run.output, FileOutput)
    assert run.output is run.output
    assert str(run.output) == URL == run.to_dict()["output"]
    assert script.seen[-1] == "GET /v1/predictions/p1"


def test_a_wait_that_fails_updates_the_object_too(kind: Kind, clock: VirtualClock) -> None:
    client, _ = start(kind, clock, created(), looked("failed", error="no"))
    run = client.predictions.create("owner/name", {})

    with pytest.raises(PredictionFailed):
        finish(kind, run.wait)

    assert (run.status, run.error) == ("failed", "no")


@pytest.mark.parametrize(
    ("method", "request_line"),
    [("reload", "GET /v1/predictions/p1"), ("cancel", "POST /v1/predictions/p1/cancel")],
)
def test_reload_and_cancel_update_the_object(
    kind: Kind, clock: VirtualClock, method: str, request_line: str
) -> None:
    client, script = start(kind, clock, created(), looked("canceled", logs="12%|# | 1/8"))
    run = client.predictions.create("owner/name", {})

    assert finish(kind, getattr(run, method)) is run

    assert run.status == "canceled"
    assert script.seen[-1] == request_line
    assert run.progress is not None
    assert run.progress.total == 8


def test_a_page_a_callback_and_an_error_hand_over_bound_objects(
    kind: Kind, clock: VirtualClock
) -> None:
    client, _ = start(
        kind,
        clock,
        answer(
            200, {"next": None, "previous": None, "results": [prediction("succeeded", output=URL)]}
        ),
        created(),
        looked("failed", output=URL),
    )
    seen: list[Any] = []

    [listed] = client.predictions.list()
    with pytest.raises(PredictionFailed) as caught:
        client.run("owner/name", {}, on_progress=seen.append)

    for run in (listed, seen[-1], caught.value.prediction):
        assert isinstance(run.output, FileOutput)


def test_use_file_output_false_leaves_the_urls(kind: Kind, clock: VirtualClock) -> None:
    client, _ = start(kind, clock, looked("succeeded", output=URL), use_file_output=False)
    assert client.predictions.get("p1").output == URL

    client, _ = start(kind, clock, created("succeeded", output=URL))
    assert client.predictions.run("owner/name", {}, use_file_output=False).output == URL
    assert isinstance(client.predictions.run("owner/name", {}).output, FileOutput)


def test_equality_copies_and_pickles_use_the_json(kind: Kind, clock: VirtualClock) -> None:
    client, _ = start(kind, clock, looked("succeeded", output=[URL]), looked("succeeded"))
    run = client.predictions.get("p1")
    plain = models.Prediction.from_dict(run.to_dict())

    assert run == plain
    assert plain == run
    assert run != models.Prediction.from_dict({**run.to_dict(), "status": "failed"})
    for again in (copy.copy(run), copy.deepcopy(run)):
        assert again == run
        assert isinstance(again.output[0], FileOutput)
        finish(kind, again.reload)
        assert again.output is None
        assert run.output is not None

    unpickled = pickle.loads(pickle.dumps(run))  # noqa: S301 - pickled here
    assert unpickled == run
    assert unpickled.output == [URL]
    with pytest.raises(ReplicateError, match=r"client\.bind"):
        finish(kind, unpickled.reload)
    finish(kind, client.bind(unpickled).reload)


def test_an_object_is_accepted_in_place_of_its_id(kind: Kind, clock: VirtualClock) -> None:
    client, script = start(kind, clock, looked("succeeded"))
    run = client.predictions.get("p1")

    assert client.predictions.get(run) == run
    assert client.predictions.cancel(run) == run
    assert client.wait(run).status == "succeeded"

    assert script.seen[1:3] == ["GET /v1/predictions/p1", "POST /v1/predictions/p1/cancel"]


def test_a_training_acts_as_well(kind: Kind, clock: VirtualClock) -> None:
    training = {**prediction("starting"), "id": "t1", "output": None}
    done = {**training, "status": "succeeded", "output": {"version": "me/new:v", "weights": URL}}
    client, script = start(kind, clock, answer(200, training), answer(200, done))
    run = client.trainings.get("t1")

    assert finish(kind, run.wait).status == "succeeded"

    assert run.output.version == "me/new:v"
    assert script.seen[-1] == "GET /v1/trainings/t1"
    assert client.wait(run).id == "t1"


def test_a_repr_fits_a_line(kind: Kind, clock: VirtualClock) -> None:
    client, _ = start(
        kind, clock, looked("succeeded", output="data:image/png;base64," + "A" * 10_000)
    )

    shown = repr(client.predictions.get("p1"))

    assert len(shown) < 200
    assert "succeeded" in shown
