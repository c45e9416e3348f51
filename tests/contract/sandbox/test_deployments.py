"""Deployments of the sandbox, their releases and their predictions."""

from datetime import datetime, timedelta

import httpx
import pytest
from support.sandboxes import HELLO, JSON, STAMP, STORY, WAIT, Local, double, finish

PATH = "/deployments/sandbox/greeter"


def latest(client: httpx.Client, model: str) -> str:
    id_: str = client.get(f"/models/{model}").json()["latest_version"]["id"]
    return id_


def deploy(client: httpx.Client, model: str = HELLO, **change: object) -> httpx.Response:
    body = {
        "name": "greeter",
        "model": model,
        "version": latest(client, model),
        "hardware": "cpu",
        "min_instances": 0,
        "max_instances": 3,
    }
    return client.post("/deployments", json=body | change)


def predict(
    client: httpx.Client, headers: dict[str, str] | None = None, **values: object
) -> httpx.Response:
    return client.post(f"{PATH}/predictions", json={"input": values}, headers=headers)


class TestDeployments:
    def test_a_deployment_is_created(self, local: Local) -> None:
        response = deploy(local.client)
        body = response.json()
        release = body["current_release"]
        assert response.status_code == 200
        assert STAMP.fullmatch(release.pop("created_at"))
        assert body == {
            "owner": "sandbox",
            "name": "greeter",
            "current_release": {
                "number": 1,
                "model": HELLO,
                "version": latest(local.client, HELLO),
                "created_by": local.client.get("/account").json(),
                "configuration": {"hardware": "cpu", "min_instances": 0, "max_instances": 3},
            },
        }

    def test_a_created_deployment_is_shown_and_listed(self, local: Local) -> None:
        assert local.client.get("/deployments").json()["results"] == []
        created = deploy(local.client).json()
        assert local.client.get(PATH).json() == created
        assert local.client.get("/deployments").json()["results"] == [created]

    def test_deployments_are_listed_in_pages(self, local: Local) -> None:
        names = [f"d-{number:03}" for number in range(101)]
        for name in names:
            deploy(local.client, name=name)
        first = local.client.get("/deployments").json()
        last = local.client.get(first["next"]).json()
        pages = (first, last)
        listed = [deployment["name"] for page in pages for deployment in page["results"]]
        assert listed == names[::-1]
        assert (len(first["results"]), last["next"]) == (100, None)
        assert local.client.get(last["previous"]).json()["results"] == first["results"]

    @pytest.mark.parametrize(
        ("change", "status"),
        [
            ({"hardware": "gpu-t4"}, 400),
            ({"name": "a b"}, 400),
            ({"name": "taken"}, 400),
            ({"version": "0" * 64}, 422),
            ({"min_instances": 6}, 422),
            ({"max_instances": 21}, 422),
            ({"max_instances": "3"}, 422),
        ],
    )
    def test_an_invalid_deployment_is_rejected(
        self, local: Local, change: JSON, status: int
    ) -> None:
        deploy(local.client, name="taken")
        response = deploy(local.client, **change)
        assert response.status_code == status
        assert response.headers["content-type"] == "application/problem+json"
        assert len(local.client.get("/deployments").json()["results"]) == 1

    @pytest.mark.parametrize("model", [STORY, "no/body", "plain"])
    def test_a_version_of_another_model_is_rejected(self, local: Local, model: str) -> None:
        body = deploy(local.client).json()["current_release"]["configuration"]
        body |= {"name": "other", "model": model, "version": latest(local.client, HELLO)}
        response = local.client.post("/deployments", json=body)
        assert response.json()["title"] == "Invalid version or not permitted"

    @pytest.mark.parametrize("path", ["/deployments/sandbox/other", "/deployments/acme/greeter"])
    def test_an_unknown_deployment_is_not_found(self, local: Local, path: str) -> None:
        deploy(local.client)
        responses = [
            local.client.get(path),
            local.client.patch(path, json={"hardware": "cpu"}),
            local.client.delete(path),
            local.client.post(f"{path}/predictions", json={"input": {"text": "x"}}),
        ]
        assert [response.status_code for response in responses] == [404] * 4

    def test_each_update_creates_a_release(self, local: Local) -> None:
        before = deploy(local.client).json()["current_release"]
        first = local.client.patch(PATH, json={"min_instances": 3, "max_instances": 10})
        assert first.status_code == 200
        second = local.client.patch(PATH, json={"hardware": "gpu-h100"}).json()
        release = second["current_release"]
        assert first.json()["current_release"]["number"] == 2
        assert release["number"] == 3
        assert release["version"] == before["version"]
        assert release["configuration"] == {
            "hardware": "gpu-h100",
            "min_instances": 3,
            "max_instances": 10,
        }
        created, updated = (
            datetime.fromisoformat(stamp["created_at"]) for stamp in (before, release)
        )
        assert created < updated
        assert local.client.get(PATH).json() == second

    def test_an_invalid_update_changes_nothing(self, local: Local) -> None:
        before = deploy(local.client).json()
        other = latest(local.client, STORY)
        for change in ({"version": other}, {"hardware": "abacus"}, {"min_instances": -1}):
            assert local.client.patch(PATH, json=change).status_code in (400, 422)
        assert local.client.get(PATH).json() == before

    def test_the_version_can_be_changed(self, local: Local) -> None:
        model = {"owner": "acme", "name": "m", "visibility": "private", "hardware": "cpu"}
        local.client.post("/models", json=model)
        local.sandbox.script("me/trainer", ["succeeded"], output="trained")
        url = f"/models/me/trainer/versions/{latest(local.client, 'me/trainer')}/trainings"
        versions = []
        for _ in range(2):
            local.client.post(url, json={"destination": "acme/m", "input": {}})
            versions.append(latest(local.client, "acme/m"))
        deploy(local.client, "acme/m", version=versions[0])
        assert predict(local.client).json()["version"] == versions[0]
        local.client.patch(PATH, json={"version": versions[1]})
        assert predict(local.client).json()["version"] == versions[1]
        refused = local.client.delete(f"/models/acme/m/versions/{versions[1]}")
        assert refused.status_code == 403
        assert "deployment" in refused.json()["detail"]
        assert local.client.delete(f"/models/acme/m/versions/{versions[0]}").status_code == 202

    def test_a_deleted_deployment_is_gone(self, local: Local) -> None:
        deploy(local.client)
        response = local.client.delete(PATH)
        assert (response.status_code, response.content) == (204, b"")
        assert local.client.get(PATH).status_code == 404
        assert local.client.get("/deployments").json()["results"] == []
        assert predict(local.client, text="x").status_code == 404
        assert deploy(local.client).json()["current_release"]["number"] == 1

    def test_an_online_deployment_is_not_deleted(self, local: Local) -> None:
        deploy(local.client, min_instances=1)
        response = local.client.delete(PATH)
        assert response.status_code == 403
        assert "min_instances" in response.json()["detail"]
        local.client.patch(PATH, json={"min_instances": 0})
        assert local.client.delete(PATH).status_code == 204


class TestPredictions:
    def test_a_deployment_runs_a_prediction(self, local: Local) -> None:
        deploy(local.client)
        response = predict(local.client, text="you")
        created = response.json()
        assert response.status_code == 201
        assert response.headers["ratelimit-remaining"] == "599"
        assert (created["model"], created["version"]) == (HELLO, latest(local.client, HELLO))
        assert created["deployment"] == "sandbox/greeter"
        body = finish(local.client, created["id"])
        assert (body["status"], body["output"]) == ("succeeded", "hello you")
        assert body["deployment"] == "sandbox/greeter"
        assert local.client.get("/predictions").json()["results"][0]["id"] == created["id"]

    def test_the_response_can_be_held(self, local: Local) -> None:
        deploy(local.client)
        response = predict(local.client, WAIT, text="you")
        assert response.status_code == 201
        assert response.headers["preference-applied"] == "wait=60"
        assert (response.json()["status"], response.json()["output"]) == ("processing", "hello you")

    def test_a_hold_that_is_too_short_gets_a_202(self, local: Local) -> None:
        local.sandbox.script("me/odd", ["queued", "succeeded"])
        deploy(local.client, "me/odd")
        response = predict(local.client, WAIT)
        assert response.status_code == 202
        assert response.headers["location"] == response.json()["urls"]["get"]

    def test_cancel_after_sets_a_deadline(self, local: Local) -> None:
        deploy(local.client)
        body = predict(local.client, {"Cancel-After": "30s"}, text="x").json()
        created, deadline = (
            datetime.fromisoformat(body[name]) for name in ("created_at", "deadline")
        )
        assert deadline - created == timedelta(seconds=30)

    def test_the_input_is_validated(self, local: Local) -> None:
        deploy(local.client)
        response = predict(local.client, text=1)
        assert response.status_code == 422
        assert response.json()["invalid_fields"][0]["field"] == "input.text"
        version = {"version": "x", "input": {}}
        assert local.client.post(f"{PATH}/predictions", json=version).status_code == 422

    def test_a_community_model_can_be_deployed(self, local: Local) -> None:
        local.sandbox.model("me/community", official=False)(double)
        deploy(local.client, "me/community")
        assert predict(local.client, WAIT, number=2).json()["output"] == 4
