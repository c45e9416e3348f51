"""Trainings in the sandbox, and the versions that they create."""

import json
from pathlib import Path

import httpx
import pytest
from support.places import cases
from support.sandboxes import HELLO, JSON, STAMP, Local, create, fetch, finish, interactions, until

from replicate_ext import parse_progress

DESTINATION = "acme/fine-tuned"
MODEL = {"owner": "acme", "name": "fine-tuned", "visibility": "private", "hardware": "cpu"}
TERMINAL = {"succeeded", "failed", "canceled"}


def begin(
    client: httpx.Client, base: str = HELLO, destination: str = DESTINATION, **values: object
) -> httpx.Response:
    version = client.get(f"/models/{base}").json()["latest_version"]["id"]
    body = {"destination": destination, "input": values}
    return client.post(f"/models/{base}/versions/{version}/trainings", json=body)


def ended(client: httpx.Client, id_: str) -> JSON:
    def probe() -> JSON:
        body = client.get(f"/trainings/{id_}").json()
        return body if body["status"] in TERMINAL else None

    return until(probe)


@pytest.fixture
def studio(local: Local) -> Local:
    """A sandbox with a model that has no version yet."""
    assert local.client.post("/models", json=MODEL).status_code == 201
    return local


class TestTraining:
    def test_a_training_runs_from_start_to_end(self, studio: Local) -> None:
        client = studio.client
        created = begin(client, data="https://example.com/data.zip").json()
        assert (created["status"], created["output"], created["logs"]) == ("starting", None, "")
        working = until(
            lambda: (
                body if (body := client.get(f"/trainings/{created['id']}").json())["logs"] else None
            )
        )
        assert (working["status"], working["output"]) == ("processing", None)
        assert working["completed_at"] is None
        assert STAMP.fullmatch(working["started_at"])
        body = ended(client, created["id"])
        assert (body["status"], body["error"]) == ("succeeded", None)
        assert body["input"] == {"data": "https://example.com/data.zip"}
        assert 0 < body["metrics"]["predict_time"] <= body["metrics"]["total_time"] < 5
        progress = parse_progress(body["logs"])
        assert progress is not None
        assert progress.percentage == 1

    def test_a_training_adds_a_version_to_its_destination(self, studio: Local) -> None:
        client = studio.client
        body = ended(client, begin(client, data="x").json()["id"])
        reference = body["output"]["version"]
        name, _, version = reference.partition(":")
        assert name == DESTINATION
        model = client.get(f"/models/{DESTINATION}").json()
        assert model["latest_version"]["id"] == version
        [listed] = client.get(f"/models/{DESTINATION}/versions").json()["results"]
        assert listed == client.get(f"/models/{DESTINATION}/versions/{version}").json()
        prediction = finish(client, create(client, reference, text="you").json()["id"])
        assert (prediction["model"], prediction["version"]) == (DESTINATION, version)
        assert prediction["output"] == "hello you"
        assert json.loads(fetch(body["output"]["weights"]).content) == {"data": "x"}

    def test_versions_are_listed_newest_first(self, studio: Local) -> None:
        studio.sandbox.script("me/trainer", ["succeeded"])
        versions = [
            ended(studio.client, begin(studio.client, "me/trainer").json()["id"])["output"]
            for _ in range(2)
        ]
        listed = studio.client.get(f"/models/{DESTINATION}/versions").json()["results"]
        expected = [output["version"].partition(":")[2] for output in reversed(versions)]
        assert [version["id"] for version in listed] == expected

    @pytest.mark.parametrize("cassette", cases("recordings/trainings-create.yaml"))
    def test_the_response_has_the_fields_of_the_recorded_one(
        self, studio: Local, cassette: Path
    ) -> None:
        [item] = interactions(cassette)
        real = json.loads(item["response"]["content"])
        response = begin(studio.client, **json.loads(item["request"]["body"])["input"])
        mine = response.json()
        assert response.status_code == item["response"]["status_code"] == 201
        assert real.keys() - mine.keys() == set()
        # Fields that were added to predictions since the recording.
        assert mine.keys() - real.keys() == {"output", "source"}
        for name in ("input", "logs", "error", "status"):
            assert mine[name] == real[name]
        assert real["urls"]["get"].endswith(f"/v1/predictions/{real['id']}")
        assert mine["urls"]["get"] == f"{studio.sandbox.base_url}/predictions/{mine['id']}"
        assert mine["urls"]["cancel"] == f"{mine['urls']['get']}/cancel"

    def test_both_urls_of_a_training_work(self, studio: Local) -> None:
        created = begin(studio.client).json()
        body = studio.client.get(f"/trainings/{created['id']}").json()
        assert body["urls"]["get"] == f"{studio.sandbox.base_url}/trainings/{created['id']}"
        for urls in (created["urls"], body["urls"]):
            assert studio.client.get(urls["get"]).json()["id"] == created["id"]
        prediction = create(studio.client, HELLO, text="x").json()["id"]
        assert studio.client.get(f"/trainings/{prediction}").status_code == 404

    @pytest.mark.parametrize(
        "cassette", cases("recordings/trainings-create__invalid-destination.yaml")
    )
    def test_an_unknown_destination_is_not_found(self, studio: Local, cassette: Path) -> None:
        [item] = interactions(cassette)
        destination = json.loads(item["request"]["body"])["destination"]
        for unknown in (destination, "acme/other", f"{DESTINATION}:{'0' * 64}"):
            response = begin(studio.client, destination=unknown)
            assert response.status_code == item["response"]["status_code"] == 404
            assert response.json() == json.loads(item["response"]["content"])
            assert response.headers["content-type"] == "application/problem+json"

    @pytest.mark.parametrize("model", [HELLO, "no/body"])
    def test_an_unknown_base_is_not_found(self, studio: Local, model: str) -> None:
        body = {"destination": DESTINATION, "input": {}}
        url = f"/models/{model}/versions/{'0' * 64}/trainings"
        assert studio.client.post(url, json=body).status_code == 404

    def test_the_body_is_validated(self, studio: Local) -> None:
        version = studio.client.get(f"/models/{HELLO}").json()["latest_version"]["id"]
        url = f"/models/{HELLO}/versions/{version}/trainings"
        response = studio.client.post(url, json={"input": []})
        assert response.status_code == 422
        assert {field["field"] for field in response.json()["invalid_fields"]} == {"", "input"}


class TestCancel:
    def test_a_training_stops(self, studio: Local) -> None:
        studio.sandbox.script("me/trainer", [("starting", 0), ("processing", 60), "succeeded"])
        id_ = begin(studio.client, "me/trainer").json()["id"]
        until(lambda: studio.client.get(f"/trainings/{id_}").json()["started_at"])
        response = studio.client.post(f"/trainings/{id_}/cancel")
        body = response.json()
        assert response.status_code == 200
        assert (body["status"], body["output"], body["logs"]) == ("canceled", None, None)
        assert body["metrics"]["predict_time"] >= 0
        assert body["urls"]["get"] == f"{studio.sandbox.base_url}/predictions/{id_}"
        after = studio.client.get(f"/trainings/{id_}").json()
        assert (after["status"], after["completed_at"]) == ("canceled", body["completed_at"])
        assert studio.client.get(f"/models/{DESTINATION}").json()["latest_version"] is None

    def test_the_logs_are_kept(self, studio: Local) -> None:
        id_ = begin(studio.client).json()["id"]
        until(lambda: studio.client.get(f"/trainings/{id_}").json()["logs"])
        studio.client.post(f"/trainings/{id_}/cancel")
        body = studio.client.get(f"/trainings/{id_}").json()
        assert body["status"] == "canceled"
        assert body["logs"].startswith(" 10%|")

    def test_a_training_can_be_canceled_before_it_starts(self, studio: Local) -> None:
        @studio.sandbox.model("me/cold", boot_time=60)
        def cold() -> str:
            raise NotImplementedError

        created = begin(studio.client, "me/cold").json()
        body = studio.client.post(created["urls"]["cancel"]).json()
        assert (body["status"], body["started_at"]) == ("canceled", None)

    def test_a_finished_training_does_not_change(self, studio: Local) -> None:
        studio.sandbox.script("me/trainer", ["succeeded"])
        before = ended(studio.client, begin(studio.client, "me/trainer").json()["id"])
        after = studio.client.post(f"/trainings/{before['id']}/cancel").json()
        assert after | {"urls": before["urls"]} == before

    def test_an_unknown_training_is_not_found(self, studio: Local) -> None:
        prediction = create(studio.client, HELLO, text="x").json()["id"]
        for id_ in ("none", prediction):
            assert studio.client.get(f"/trainings/{id_}").status_code == 404
            assert studio.client.post(f"/trainings/{id_}/cancel").status_code == 404


class TestScripts:
    def test_a_training_follows_the_script_of_its_model(self, studio: Local) -> None:
        steps = ["running", "processing", "failed"]
        studio.sandbox.script("me/trainer", steps, error="the data is no zip file")
        created = begin(studio.client, "me/trainer").json()
        bodies = [created]
        bodies += [studio.client.get(f"/trainings/{created['id']}").json() for _ in range(2)]
        assert [body["status"] for body in bodies] == steps
        assert (bodies[-1]["error"], bodies[-1]["output"]) == ("the data is no zip file", None)
        assert studio.client.get(f"/models/{DESTINATION}").json()["latest_version"] is None


class TestList:
    def test_trainings_are_listed_in_pages(self, studio: Local) -> None:
        studio.sandbox.script("me/trainer", ["succeeded"])
        ids = [begin(studio.client, "me/trainer").json()["id"] for _ in range(101)]
        create(studio.client, HELLO, text="x")
        first = studio.client.get("/trainings").json()
        assert [training["id"] for training in first["results"]] == ids[:0:-1]
        assert first["previous"] is None
        last = studio.client.get(first["next"]).json()
        assert [training["id"] for training in last["results"]] == ids[:1]
        assert last["next"] is None
        assert studio.client.get(last["previous"]).json()["results"] == first["results"]

    def test_items_have_the_fields_of_a_training_except_logs(self, studio: Local) -> None:
        body = ended(studio.client, begin(studio.client).json()["id"])
        [listed] = studio.client.get("/trainings").json()["results"]
        assert body.pop("logs")
        assert listed == body

    def test_trainings_are_not_listed_as_predictions(self, studio: Local) -> None:
        begin(studio.client)
        assert studio.client.get("/predictions").json()["results"] == []
        assert studio.client.get(f"/models/{HELLO}").json()["run_count"] == 0
