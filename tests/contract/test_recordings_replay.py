"""Traffic that was recorded with another client, replayed through ours.

vcrpy takes the place of httpx's own transports, the lowest layer of ours: all that is above them
runs as it does in production, and nothing reaches the network.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import vcr
from support.bodies import same_json, unparse
from support.clients import Kind, make_client
from support.clock import VirtualClock
from support.places import RECORDINGS
from support.recordings import as_cassette, ask, exchanges, method_of, replaying

from replicate_ext import (
    FileOutput,
    InvalidInputError,
    NotFoundError,
    Progress,
    parse_progress,
)

RECORDED = sorted(path for path in RECORDINGS.rglob("*") if path.is_file())
pytestmark = pytest.mark.skipif(
    not RECORDED,
    reason=f"there are no recordings in {RECORDINGS}; REPLICATE_RECORDINGS says where",
)

REFUSED = "trainings-create__invalid-destination.yaml"
"""Its destination is no owner/name, which our client does not send."""

SDXL = "39ed52f2a78e934b3ba6e2a89f5b1c712de7dfea535525255b1aa35c5565e08b"
CORGI = {
    "prompt": "a studio photo of a rainbow colored corgi",
    "width": 512,
    "height": 512,
    "seed": 42069,
}
LLAMA = "meta/llama-2-70b-chat"
HAIKU = {"prompt": "Please write a haiku about llamas."}


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


# No exchange is left over: whatever file there is, everything in it is asked again, by the method
# of its operation. There are no downloads and no streams in them.
@pytest.mark.parametrize(
    "path", [path for path in RECORDED if path.name != REFUSED], ids=lambda path: path.name
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


def test_the_recorded_refusal_of_a_destination_is_an_error_either_way(client: Any) -> None:
    with replaying(REFUSED) as cassette:
        [exchange] = exchanges(cassette)
        with pytest.raises(InvalidInputError, match="'<invalid>': expected owner/name"):
            ask(client, exchange)
        assert cassette.play_count == 0
        with pytest.raises(NotFoundError) as caught:
            client.request(
                exchange.method, exchange.url.path.removeprefix("/v1"), json=exchange.asked
            )

    assert cassette.all_played
    assert (caught.value.status, caught.value.detail) == (404, exchange.answer["detail"])


CREATE = "POST /v1/predictions"
RUN = "GET /v1/predictions/azaq55dbukgxg6kubr4k6g3pby"
OUTPUT = (
    "https://replicate.delivery/pbxt/gDoc64M9pRaQNdZb0evCRgm57WZJ5BKi0T5kzV6qm2tGmd8IA/out-0.png"
)


def test_a_run_gives_its_files_and_tells_how_far_it_is(client: Any) -> None:
    told: list[tuple[str, Progress | None]] = []

    with replaying("run.yaml") as cassette:
        [output] = client.run(
            f"stability-ai/sdxl:{SDXL}",
            CORGI,
            on_progress=lambda seen: told.append((seen.status, parse_progress(seen))),
        )

    assert isinstance(output, FileOutput)
    assert output.url == OUTPUT
    assert requests(cassette) == [CREATE, *[RUN] * 11]
    # The client that was recorded looked the version up as well.
    assert requests(cassette, replayed=False) == [
        f"GET /v1/models/stability-ai/sdxl/versions/{SDXL}"
    ]
    assert told[:2] == [("starting", None), ("processing", None)]
    bars = [(status, bar.current) for status, bar in told if bar]
    assert bars == [
        *[("processing", step) for step in (0, 9, 19, 29, 39, 49)],
        ("succeeded", 50),
    ]


def test_a_finished_prediction_has_logs_metrics_and_times(client: Any) -> None:
    with replaying("run.yaml") as cassette:
        prediction = client.predictions.run(f"stability-ai/sdxl:{SDXL}", CORGI)

    assert requests(cassette) == [CREATE, *[RUN] * 11]
    assert prediction.output == [OUTPUT]
    assert parse_progress(prediction) == (1.0, 50, 50)
    took = (prediction.completed_at - prediction.started_at).total_seconds()
    assert took == pytest.approx(prediction.metrics["predict_time"], abs=1e-6)


def test_a_prediction_reads_alike_from_two_generations_of_the_api(client: Any) -> None:
    with replaying("predictions-get.yaml") as cassette:
        earlier = client.predictions.get("vgcm4plb7tgzlyznry5d5jkgvu")
        later = client.predictions.get("vgcm4plb7tgzlyznry5d5jkgvu")

    assert cassette.all_played
    for field in ("id", "status", "input", "output", "metrics", "started_at", "completed_at"):
        assert getattr(earlier, field) == getattr(later, field) is not None, field
    assert earlier.to_dict() != later.to_dict()


def test_a_prediction_is_created_from_a_version(client: Any) -> None:
    with replaying("predictions-create.yaml") as cassette:
        created = [client.predictions.create(version=SDXL, input=CORGI) for _ in range(2)]

    assert requests(cassette) == [CREATE] * 2
    assert [prediction.id for prediction in created] == [
        "vgcm4plb7tgzlyznry5d5jkgvu",
        "vme6tftbgoggoxnjiwkzr6zrpa",
    ]
    assert created[0].created_at.isoformat() == "2023-08-16T18:57:08.360785+00:00"
    assert (created[0].status, created[0].input) == ("starting", CORGI)


def test_a_prediction_is_created_from_an_official_model(client: Any) -> None:
    with replaying("models-predictions-create.yaml") as cassette:
        prediction = client.predictions.create(LLAMA, HAIKU)

    assert cassette.all_played
    assert (prediction.id, prediction.status) == ("heat2o3bzn3ahtr6bjfftvbaci", "starting")
    assert prediction.version == "d-c6559c5791b50af57b69f4a73f8e021c"


def test_a_prediction_is_canceled(client: Any) -> None:
    with replaying("predictions-cancel.yaml") as cassette:
        created = client.predictions.create(f"stability-ai/sdxl:{SDXL}", CORGI)
        canceled = client.predictions.cancel(created.id)

    assert requests(cassette) == [CREATE, f"POST /v1/predictions/{created.id}/cancel"]
    assert (created.status, canceled.status) == ("starting", "canceled")
    assert (canceled.id, canceled.logs, canceled.output) == (created.id, None, None)


@pytest.mark.parametrize(
    ("reference", "input"), [(LLAMA, {"prompt": "Another one."}), ("meta/llama-3", HAIKU)]
)
def test_what_was_not_recorded_is_refused(
    client: Any, reference: str, input: dict[str, Any]
) -> None:
    with (
        replaying("models-predictions-create.yaml"),
        pytest.raises(vcr.errors.CannotOverwriteExistingCassetteException),
    ):
        client.predictions.create(reference, input)
