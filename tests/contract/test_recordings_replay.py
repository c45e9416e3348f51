"""Traffic that was recorded with another client, replayed through ours.

vcrpy takes the place of httpx's own transports, the lowest layer of ours: all that is above them
runs as it does in production, and nothing reaches the network.
"""

from __future__ import annotations

import os
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
import vcr  # type: ignore[import-untyped, unused-ignore] # vcrpy has no types
from support.clients import Kind, make_client
from support.clock import VirtualClock

from replicate_ext import FileOutput, Progress, parse_progress

ROOT = Path(__file__).resolve().parents[2]
RECORDINGS = Path(os.environ.get("REPLICATE_RECORDINGS", ROOT.parent / "shared" / "recordings"))
pytestmark = pytest.mark.skipif(
    not RECORDINGS.is_dir(),
    reason=f"there are no recordings in {RECORDINGS}; REPLICATE_RECORDINGS says where",
)

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


def replaying(name: str) -> AbstractContextManager[Any]:
    """Answer from a recording, each answer once, and refuse what is not in it."""
    recorder = vcr.VCR(
        cassette_library_dir=str(RECORDINGS),
        record_mode=vcr.record_mode.RecordMode.NONE,
        match_on=("method", "scheme", "host", "port", "path", "query", "body"),
    )
    cassette: AbstractContextManager[Any] = recorder.use_cassette(f"{name}.yaml")
    return cassette


def requests(cassette: Any, *, replayed: bool = True) -> list[str]:
    """The requests that were replayed, or that were not, as ``METHOD path``."""
    return [
        f"{request.method} {request.path}"
        for index, request in enumerate(cassette.requests)
        if bool(cassette.play_counts[index]) is replayed
    ]


CREATE = "POST /v1/predictions"
RUN = "GET /v1/predictions/azaq55dbukgxg6kubr4k6g3pby"
OUTPUT = (
    "https://replicate.delivery/pbxt/gDoc64M9pRaQNdZb0evCRgm57WZJ5BKi0T5kzV6qm2tGmd8IA/out-0.png"
)


def test_a_run_gives_its_files_and_tells_how_far_it_is(client: Any) -> None:
    told: list[tuple[str, Progress | None]] = []

    with replaying("run") as cassette:
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
    with replaying("run") as cassette:
        prediction = client.predictions.run(f"stability-ai/sdxl:{SDXL}", CORGI)

    assert requests(cassette) == [CREATE, *[RUN] * 11]
    assert prediction.output == [OUTPUT]
    assert parse_progress(prediction) == (1.0, 50, 50)
    took = (prediction.completed_at - prediction.started_at).total_seconds()
    assert took == pytest.approx(prediction.metrics["predict_time"], abs=1e-6)


def test_a_prediction_reads_alike_from_two_generations_of_the_api(client: Any) -> None:
    with replaying("predictions-get") as cassette:
        earlier = client.predictions.get("vgcm4plb7tgzlyznry5d5jkgvu")
        later = client.predictions.get("vgcm4plb7tgzlyznry5d5jkgvu")

    assert cassette.all_played
    for field in ("id", "status", "input", "output", "metrics", "started_at", "completed_at"):
        assert getattr(earlier, field) == getattr(later, field) is not None, field
    assert earlier.to_dict() != later.to_dict()


def test_a_prediction_is_created_from_a_version(client: Any) -> None:
    with replaying("predictions-create") as cassette:
        created = [client.predictions.create(version=SDXL, input=CORGI) for _ in range(2)]

    assert requests(cassette) == [CREATE] * 2
    assert [prediction.id for prediction in created] == [
        "vgcm4plb7tgzlyznry5d5jkgvu",
        "vme6tftbgoggoxnjiwkzr6zrpa",
    ]
    assert created[0].created_at.isoformat() == "2023-08-16T18:57:08.360785+00:00"
    assert (created[0].status, created[0].input) == ("starting", CORGI)


def test_a_prediction_is_created_from_an_official_model(client: Any) -> None:
    with replaying("models-predictions-create") as cassette:
        prediction = client.predictions.create(LLAMA, HAIKU)

    assert cassette.all_played
    assert (prediction.id, prediction.status) == ("heat2o3bzn3ahtr6bjfftvbaci", "starting")
    assert prediction.version == "d-c6559c5791b50af57b69f4a73f8e021c"


def test_a_prediction_is_canceled(client: Any) -> None:
    with replaying("predictions-cancel") as cassette:
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
        replaying("models-predictions-create"),
        pytest.raises(vcr.errors.CannotOverwriteExistingCassetteException),
    ):
        client.predictions.create(reference, input)
