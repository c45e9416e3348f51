"""Traffic that was recorded with another client, replayed through ours.

vcrpy replaces httpx's transports, the lowest layer of the client. Everything above them runs as in
production, and nothing reaches the network.
"""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import vcr
from support.bodies import same_json, unparse
from support.clients import Kind, make_client
from support.clock import VirtualClock
from support.places import cases
from support.recordings import (
    Exchange,
    as_cassette,
    ask,
    exchanges,
    method_of,
    replaying,
)

from replicate_ext import (
    FileOutput,
    InvalidInputError,
    NotFoundError,
    Progress,
    parse_progress,
)

REFUSED = "trainings-create__invalid-destination.yaml"
"""The destination in it is not owner/name; our client refuses to send it."""

CREATE = "POST /v1/predictions"


@pytest.fixture
def client(kind: Kind, clock: VirtualClock) -> Any:
    return make_client(kind, clock=clock.clock, base_url=None)


def requests(cassette: Any, *, replayed: bool = True) -> list[str]:
    """The requests that were replayed, or that were not, as ``METHOD path``."""
    return [
        f"{request.method} {request.path}"
        for index, request in enumerate(cassette.requests)
        if bool(cassette.play_counts[index]) is replayed
    ]


# Every exchange of every recording is replayed with the method of its operation. The recordings
# contain no downloads and no event streams.
@pytest.mark.parametrize(
    "path", [case for case in cases("recordings/**/*") if REFUSED not in str(case.id)]
)
def test_every_recorded_exchange_is_replayed(
    client: Any, clock: VirtualClock, path: Path, tmp_path: Path
) -> None:
    with replaying(as_cassette(path, tmp_path)) as cassette:
        for exchange in exchanges(cassette):
            assert exchange.status < 300
            made = ask(client, exchange)
            assert same_json(unparse(made), exchange.answer), method_of(exchange)

    assert cassette.all_played
    if path.suffix == ".yaml":
        written = re.findall(r"^ *- request:", path.read_text(encoding="utf-8"), re.MULTILINE)
        assert len(cassette) == len(written)
    assert clock.sleeps == []


@pytest.mark.parametrize("path", cases(f"recordings/{REFUSED}"))
def test_the_recorded_refusal_of_a_destination_is_an_error_either_way(
    client: Any, path: Path
) -> None:
    with replaying(path) as cassette:
        [exchange] = exchanges(cassette)
        destination = exchange.asked["destination"]
        with pytest.raises(InvalidInputError, match=f"{destination!r}: the training"):
            ask(client, exchange)
        assert cassette.play_count == 0
        with pytest.raises(NotFoundError) as caught:
            client.request(
                exchange.method, exchange.url.path.removeprefix("/v1"), json=exchange.asked
            )

    assert cassette.all_played
    assert (caught.value.status, caught.value.detail) == (404, exchange.answer["detail"])


class Run(NamedTuple):
    """A recorded run: the exchange that created it, and its polls."""

    created: Exchange
    polls: list[Exchange]

    @property
    def place(self) -> str:
        return f"GET /v1/predictions/{self.created.answer['id']}"

    @property
    def progress(self) -> list[tuple[str, int]]:
        """Each status with the step that the progress bar at the end of the logs shows."""
        found = [
            (poll.answer["status"], re.findall(r"\| *(\d+)/\d+ \[", poll.answer["logs"]))
            for poll in self.polls
        ]
        # A poll that shows nothing new is not reported.
        return list(dict.fromkeys((status, int(steps[-1])) for status, steps in found if steps))


def run_in(cassette: Any) -> Run:
    created, *others = exchanges(cassette)
    return Run(created, [each for each in others if "/predictions/" in each.url.path])


@pytest.mark.parametrize("path", cases("recordings/run.yaml"))
def test_a_run_gives_its_files_and_reports_progress(client: Any, path: Path) -> None:
    reported: list[tuple[str, Progress | None]] = []

    with replaying(path) as cassette:
        run = run_in(cassette)
        [output] = client.run(
            run.created.answer["version"],
            run.created.asked["input"],
            on_progress=lambda seen: reported.append((seen.status, parse_progress(seen))),
        )

    assert isinstance(output, FileOutput)
    assert [output.url] == run.polls[-1].answer["output"]
    assert requests(cassette) == [CREATE, *[run.place] * len(run.polls)]
    # The client that was recorded requested the version as well.
    looked_up = requests(cassette, replayed=False)
    assert [run.created.answer["version"] in request for request in looked_up] == [True]
    assert reported[:2] == [("starting", None), ("processing", None)]
    assert [(status, bar.current) for status, bar in reported if bar] == run.progress
    assert len(run.progress) >= 5


@pytest.mark.parametrize("path", cases("recordings/run.yaml"))
def test_a_finished_prediction_has_logs_metrics_and_times(client: Any, path: Path) -> None:
    with replaying(path) as cassette:
        run = run_in(cassette)
        prediction = client.predictions.run(
            run.created.answer["version"], run.created.asked["input"]
        )

    assert requests(cassette) == [CREATE, *[run.place] * len(run.polls)]
    assert prediction.to_dict()["output"] == run.polls[-1].answer["output"]
    steps = run.progress[-1][1]
    assert parse_progress(prediction) == (1.0, steps, steps)
    took = (prediction.completed_at - prediction.started_at).total_seconds()
    assert took == pytest.approx(prediction.metrics["predict_time"], abs=1e-6)


@pytest.mark.parametrize("path", cases("recordings/predictions-get.yaml"))
def test_a_prediction_reads_alike_from_two_generations_of_the_api(client: Any, path: Path) -> None:
    with replaying(path) as cassette:
        [id_] = {exchange.answer["id"] for exchange in exchanges(cassette)}
        earlier = client.predictions.get(id_)
        later = client.predictions.get(id_)

    assert cassette.all_played
    for field in ("id", "status", "input", "output", "metrics", "started_at", "completed_at"):
        assert getattr(earlier, field) == getattr(later, field) is not None, field
    assert earlier.to_dict() != later.to_dict()


@pytest.mark.parametrize("path", cases("recordings/predictions-create.yaml"))
def test_a_prediction_is_created_from_a_version(client: Any, path: Path) -> None:
    with replaying(path) as cassette:
        recorded = [each for each in exchanges(cassette) if each.url.path == "/v1/predictions"]
        created = [client.predictions.create(**each.asked) for each in recorded]

    assert requests(cassette) == [CREATE] * 2
    for prediction, exchange in zip(created, recorded, strict=True):
        assert prediction.id == exchange.answer["id"]
        assert (prediction.status, prediction.input) == ("starting", exchange.asked["input"])
        # The API sends nanoseconds; a datetime holds microseconds.
        seconds, _, fraction = exchange.answer["created_at"].removesuffix("Z").partition(".")
        expected = datetime.fromisoformat(f"{seconds}.{fraction[:6]:0<6}+00:00")
        assert prediction.created_at == expected


@pytest.mark.parametrize("path", cases("recordings/models-predictions-create.yaml"))
def test_a_prediction_is_created_from_an_official_model(client: Any, path: Path) -> None:
    with replaying(path) as cassette:
        [exchange] = exchanges(cassette)
        prediction = client.predictions.create(model_in(exchange), exchange.asked["input"])

    assert cassette.all_played
    assert (prediction.id, prediction.status) == (exchange.answer["id"], "starting")
    assert prediction.version == exchange.answer["version"]


@pytest.mark.parametrize("path", cases("recordings/predictions-cancel.yaml"))
def test_a_prediction_is_canceled(client: Any, path: Path) -> None:
    with replaying(path) as cassette:
        *_, recorded, _ = exchanges(cassette)
        created = client.predictions.create(**recorded.asked)
        canceled = client.predictions.cancel(created.id)

    assert requests(cassette) == [CREATE, f"POST /v1/predictions/{created.id}/cancel"]
    assert (created.status, canceled.status) == ("starting", "canceled")
    assert (canceled.id, canceled.logs, canceled.output) == (created.id, None, None)


@pytest.mark.parametrize("other", ["model", "input"])
@pytest.mark.parametrize("path", cases("recordings/models-predictions-create.yaml"))
def test_a_request_that_was_not_recorded_is_refused(client: Any, path: Path, other: str) -> None:
    with replaying(path) as cassette:
        [exchange] = exchanges(cassette)
        asked = {"model": model_in(exchange), "input": exchange.asked["input"]}
        asked[other] = {"model": "owner/other", "input": {"prompt": "Another one."}}[other]
        with pytest.raises(vcr.errors.CannotOverwriteExistingCassetteException):
            client.predictions.create(asked["model"], asked["input"])


def model_in(exchange: Exchange) -> str:
    """Return the model in the path, as ``owner/name``."""
    return "/".join(method_of(exchange)[1])
