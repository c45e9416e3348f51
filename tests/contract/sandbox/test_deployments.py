"""The sandbox as a client meets it: deployments, their releases and their predictions."""

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
    def test_one_is_created(self, local: Local) -> None:
        answer = deploy(local.client)
        body = answer.json()
        release = body["current_release"]
        assert answer.status_code == 200
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

    def test_then_it_is_there(self, local: Local) -> None:
        assert local.client.get("/deployments").json()["results"] == []
        created = deploy(local.client).json()
        assert local.client.get(PATH).json() == created
        assert local.client.get("/deployments").json()["results"] == [created]

    def test_they_are_listed_in_pages(self, local: Local) -> None:
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
    def test_what_cannot_be_created(self, local: Local, change: JSON, status: int) -> None:
        deploy(local.client, name="taken")
        answer = deploy(local.client, **change)
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
        assert len(local.client.get("/deployments").json()["results"]) == 1

    @pytest.mark.parametrize("model", [STORY, "no/body", "plain"])
    def test_a_version_of_another_model(self, local: Local, model: str) -> None:
        body = deploy(local.client).json()["current_release"]["configuration"]
        body |= {"name": "other", "model": model, "version": latest(local.client, HELLO)}
        answer = local.client.post("/deployments", json=body)
        assert answer.json()["title"] == "Invalid version or not permitted"

    @pytest.mark.parametrize("path", ["/deployments/sandbox/other", "/deployments/acme/greeter"])
    def test_what_does_not_exist(self, local: Local, path: str) -> None:
        deploy(local.client)
        answers = [
            local.client.get(path),
            local.client.patch(path, json={"hardware": "cpu"}),
            local.client.delete(path),
            local.client.post(f"{path}/predictions", json={"input": {"text": "x"}}),
        ]
        assert [answer.status_code for answer in answers] == [404] * 4

    def test_each_update_is_a_release(self, local: Local) -> None:
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

    def test_a_bad_update_changes_nothing(self, local: Local) -> None:
        before = deploy(local.client).json()
        other = latest(local.client, STORY)
        for change in ({"version": other}, {"hardware": "abacus"}, {"min_instances": -1}):
            assert local.client.patch(PATH, json=change).status_code in (400, 422)
        assert local.client.get(PATH).json() == before

    def test_another_version(self, local: Local) -> None:
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

    def test_deleted_it_is_gone(self, local: Local) -> None:
        deploy(local.client)
        answer = local.client.delete(PATH)
        assert (answer.status_code, answer.content) == (204, b"")
        assert local.client.get(PATH).status_code == 404
        assert local.client.get("/deployments").json()["results"] == []
        assert predict(local.client, text="x").status_code == 404
        assert deploy(local.client).json()["current_release"]["number"] == 1

    def test_one_that_is_online_is_not_deleted(self, local: Local) -> None:
        deploy(local.client, min_instances=1)
        answer = local.client.delete(PATH)
        assert answer.status_code == 403
        assert "min_instances" in answer.json()["detail"]
        local.client.patch(PATH, json={"min_instances": 0})
        assert local.client.delete(PATH).status_code == 204


class TestPredictions:
    def test_one_runs(self, local: Local) -> None:
        deploy(local.client)
        answer = predict(local.client, text="you")
        created = answer.json()
        assert answer.status_code == 201
        assert answer.headers["ratelimit-remaining"] == "599"
        assert (created["model"], created["version"]) == (HELLO, latest(local.client, HELLO))
        assert created["deployment"] == "sandbox/greeter"
        body = finish(local.client, created["id"])
        assert (body["status"], body["output"]) == ("succeeded", "hello you")
        assert body["deployment"] == "sandbox/greeter"
        assert local.client.get("/predictions").json()["results"][0]["id"] == created["id"]

    def test_it_is_held(self, local: Local) -> None:
        deploy(local.client)
        answer = predict(local.client, WAIT, text="you")
        assert answer.status_code == 201
        assert answer.headers["preference-applied"] == "wait=60"
        assert (answer.json()["status"], answer.json()["output"]) == ("processing", "hello you")

    def test_held_too_short(self, local: Local) -> None:
        local.sandbox.script("me/odd", ["queued", "succeeded"])
        deploy(local.client, "me/odd")
        answer = predict(local.client, WAIT)
        assert answer.status_code == 202
        assert answer.headers["location"] == answer.json()["urls"]["get"]

    def test_it_has_a_deadline(self, local: Local) -> None:
        deploy(local.client)
        body = predict(local.client, {"Cancel-After": "30s"}, text="x").json()
        created, deadline = (
            datetime.fromisoformat(body[name]) for name in ("created_at", "deadline")
        )
        assert deadline - created == timedelta(seconds=30)

    def test_the_input_is_checked(self, local: Local) -> None:
        deploy(local.client)
        answer = predict(local.client, text=1)
        assert answer.status_code == 422
        assert answer.json()["invalid_fields"][0]["field"] == "input.text"
        version = {"version": "x", "input": {}}
        assert local.client.post(f"{PATH}/predictions", json=version).status_code == 422

    def test_a_community_model_runs_too(self, local: Local) -> None:
        local.sandbox.model("me/community", official=False)(double)
        deploy(local.client, "me/community")
        assert predict(local.client, WAIT, number=2).json()["output"] == 4
