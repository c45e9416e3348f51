"""Models created, changed, searched and deleted through the API of the sandbox."""

import json
from pathlib import Path

import httpx
import pytest
from support.places import cases
from support.sandboxes import (
    HELLO,
    JSON,
    STORY,
    WAIT,
    Local,
    client_of,
    create,
    double,
    interactions,
)

from replicate_ext.sandbox import Sandbox

NEW = {
    "owner": "test",
    "name": "python-example",
    "visibility": "private",
    "hardware": "cpu",
    "description": "An example model",
}
PATH = "/models/test/python-example"


def names(page: JSON) -> list[str]:
    return [f"{model['owner']}/{model['name']}" for model in page["results"]]


def search(client: httpx.Client, query: str) -> httpx.Response:
    headers = {"Content-Type": "text/plain"}
    return client.request("QUERY", "/models", content=query, headers=headers)


def train(local: Local, destination: str = "test/python-example") -> str:
    """Add a version to a model, and return its id."""
    local.sandbox.script("me/trainer", ["succeeded"])
    base = local.client.get("/models/me/trainer").json()["latest_version"]["id"]
    url = f"/models/me/trainer/versions/{base}/trainings"
    id_ = local.client.post(url, json={"destination": destination, "input": {}}).json()["id"]
    reference: str = local.client.get(f"/trainings/{id_}").json()["output"]["version"]
    return reference.partition(":")[2]


class TestCreate:
    @pytest.mark.parametrize("cassette", cases("recordings/models-create.yaml"))
    def test_the_response_has_the_fields_of_the_recorded_one(
        self, local: Local, cassette: Path
    ) -> None:
        [item] = interactions(cassette)
        response = local.client.post("/models", json=json.loads(item["request"]["body"]))
        real = json.loads(item["response"]["content"])
        assert response.status_code == item["response"]["status_code"]
        assert {name: response.json()[name] for name in real} == real

    def test_a_created_model_is_shown_but_has_no_version(self, local: Local) -> None:
        created = local.client.post("/models", json=NEW).json()
        assert created["latest_version"] is None
        assert local.client.get(PATH).json() == created
        assert local.client.get(f"{PATH}/versions").json()["results"] == []
        by_name = local.client.post(f"{PATH}/predictions", json={"input": {}})
        assert by_name.status_code == 404
        assert create(local.client, "test/python-example").json()["title"] == (
            "Invalid version or not permitted"
        )

    def test_only_public_models_are_listed_and_found(self, local: Local) -> None:
        local.client.post("/models", json=NEW)
        local.client.post("/models", json={**NEW, "name": "open", "visibility": "public"})
        listed = names(local.client.get("/models").json())
        assert "test/open" in listed
        assert "test/python-example" not in listed
        assert names(search(local.client, "example").json()) == ["test/open"]

    def test_unknown_hardware_is_rejected(self, local: Local) -> None:
        response = local.client.post("/models", json={**NEW, "hardware": "gpu-t4"})
        text = (
            "gpu-t4 is not a valid hardware SKU. Your options are: cpu, gpu-a100-large, "
            "gpu-a100-large-2x, gpu-h100, gpu-l40s, gpu-l40s-2x."
        )
        assert response.status_code == 400
        assert response.json() == {
            "status": 400,
            "title": "Validation failed",
            "detail": f"The following errors occurred:\n- hardware: {text}",
            "errors": [{"pointer": "/hardware", "detail": text}],
        }
        assert local.client.get(PATH).status_code == 404

    @pytest.mark.parametrize(
        ("change", "pointer"),
        [
            ({"name": "a b"}, "/name"),
            ({"owner": ""}, "/owner"),
            ({"name": "hello-world", "owner": "replicate"}, "/name"),
            ({"github_url": "not a link"}, "/github_url"),
            ({"paper_url": "javascript:alert(1)"}, "/paper_url"),
            ({"cover_image_url": "https://[::"}, "/cover_image_url"),
        ],
    )
    def test_an_invalid_model_is_rejected(self, local: Local, change: JSON, pointer: str) -> None:
        response = local.client.post("/models", json={**NEW, **change})
        assert response.status_code == 400
        assert [error["pointer"] for error in response.json()["errors"]] == [pointer]

    def test_the_body_is_validated(self, local: Local) -> None:
        response = local.client.post("/models", json={"owner": "test", "visibility": "secret"})
        fields = {(item["type"], item["field"]) for item in response.json()["invalid_fields"]}
        assert response.status_code == 422
        assert fields == {("required", ""), ("enum", "visibility")}

    def test_created_models_are_gone_after_a_restart(self) -> None:
        sandbox = Sandbox()
        with sandbox, client_of(sandbox) as client:
            client.post("/models", json=NEW)
            client.patch(f"/models/{HELLO}", json={"description": "changed"})
            assert "test/python-example" in sandbox.models
        with sandbox, client_of(sandbox) as client:
            assert client.get(PATH).status_code == 404
            assert client.get(f"/models/{HELLO}").json()["description"] == "Say hello."


class TestUpdate:
    def test_texts_and_links_can_be_changed(self, local: Local) -> None:
        before = local.client.post("/models", json=NEW).json()
        change = {
            "description": "Another",
            "github_url": "https://github.com/test/python-example",
            "license_url": "https://example.com/licence",
            "paper_url": "https://example.com/paper",
            "weights_url": "https://example.com/weights",
        }
        response = local.client.patch(PATH, json=change)
        assert response.status_code == 200
        assert response.json() == before | change
        assert local.client.get(PATH).json() == before | change

    def test_omitted_fields_do_not_change(self, local: Local) -> None:
        local.client.post("/models", json=NEW)
        local.client.patch(PATH, json={"paper_url": "https://example.com/paper"})
        after = local.client.patch(PATH, json={"readme": "# Read me"}).json()
        assert after["paper_url"] == "https://example.com/paper"
        assert after["description"] == NEW["description"]

    def test_an_invalid_link_changes_nothing(self, local: Local) -> None:
        before = local.client.post("/models", json=NEW).json()
        change = {"description": "Another", "github_url": "github.com/test"}
        response = local.client.patch(PATH, json=change)
        assert (response.status_code, response.json()["errors"]) == (
            400,
            [{"pointer": "/github_url", "detail": "Enter a valid URL."}],
        )
        assert local.client.get(PATH).json() == before

    def test_the_readme_can_be_changed_and_read(self, local: Local) -> None:
        assert local.client.get(f"/models/{HELLO}/readme").status_code == 404
        local.client.patch(f"/models/{HELLO}", json={"readme": "# Hällo\n\nworld"})
        response = local.client.get(f"/models/{HELLO}/readme")
        assert (response.status_code, response.text) == (200, "# Hällo\n\nworld")
        assert response.headers["content-type"] == "text/plain; charset=utf-8"

    @pytest.mark.parametrize("path", ["", "/readme", "/examples", "/versions"])
    def test_an_unknown_model_is_not_found(self, local: Local, path: str) -> None:
        assert local.client.get(f"/models/no/body{path}").status_code == 404
        assert local.client.patch("/models/no/body", json={}).status_code == 404


class TestDelete:
    def test_a_deleted_model_is_gone(self, local: Local) -> None:
        local.client.post("/models", json=NEW)
        response = local.client.delete(PATH)
        assert (response.status_code, response.content) == (204, b"")
        assert local.client.get(PATH).status_code == 404
        assert local.client.delete(PATH).status_code == 404
        assert local.client.post("/models", json=NEW).status_code == 201

    def test_a_public_model_is_not_deleted(self, local: Local) -> None:
        response = local.client.delete(f"/models/{HELLO}")
        assert (response.status_code, response.json()["detail"]) == (
            403,
            "Only private models can be deleted.",
        )
        assert local.client.get(f"/models/{HELLO}").status_code == 200

    def test_a_model_with_versions_is_not_deleted(self, local: Local) -> None:
        local.client.post("/models", json=NEW)
        version = train(local)
        refused = local.client.delete(PATH)
        assert refused.status_code == 403
        assert "versions" in refused.json()["detail"]
        deleted = local.client.delete(f"{PATH}/versions/{version}")
        assert (deleted.status_code, deleted.content) == (202, b"")
        assert local.client.get(f"{PATH}/versions/{version}").status_code == 404
        assert local.client.get(PATH).json()["latest_version"] is None
        assert local.client.delete(PATH).status_code == 204

    def test_a_deleted_version_takes_its_predictions_with_it(self, local: Local) -> None:
        local.client.post("/models", json=NEW)
        version = train(local)
        gone = create(local.client, version).json()["id"]
        kept = create(local.client, HELLO, text="x").json()["id"]
        local.client.delete(f"{PATH}/versions/{version}")
        assert local.client.get(f"/predictions/{gone}").status_code == 404
        listed = local.client.get("/predictions").json()["results"]
        assert [prediction["id"] for prediction in listed] == [kept]

    def test_a_version_of_a_public_model_is_not_deleted(self, local: Local) -> None:
        version = local.client.get(f"/models/{HELLO}").json()["latest_version"]["id"]
        response = local.client.delete(f"/models/{HELLO}/versions/{version}")
        assert response.status_code == 403
        assert response.json()["detail"] == "Only versions of private models can be deleted."
        assert local.client.get(f"/models/{HELLO}/versions/{version}").status_code == 200

    def test_a_version_with_a_training_is_not_deleted(self, local: Local) -> None:
        local.client.post("/models", json=NEW)
        version = train(local)
        body = {"destination": "test/python-example", "input": {}}
        trained = local.client.post(f"{PATH}/versions/{version}/trainings", json=body)
        assert trained.status_code == 201
        response = local.client.delete(f"{PATH}/versions/{version}")
        assert response.status_code == 403
        assert "training" in response.json()["detail"]

    def test_an_unknown_version_is_not_found(self, local: Local) -> None:
        response = local.client.delete(f"/models/{HELLO}/versions/{'0' * 64}")
        assert (response.status_code, response.json()) == (404, {"detail": "Not found."})


class TestOrder:
    def test_models_are_sorted(self, local: Local) -> None:
        for name in ("first", "second"):
            body = {**NEW, "name": name, "visibility": "public"}
            assert local.client.post("/models", json=body).status_code == 201
        train(local, "test/first")

        def listed(**query: str) -> list[str]:
            found = names(local.client.get("/models", params=query).json())
            return [name for name in found if name.startswith("test/")]

        by_creation = {"sort_by": "model_created_at"}
        assert listed() == ["test/first", "test/second"]
        assert listed(sort_by="latest_version_created_at") == ["test/first", "test/second"]
        assert listed(sort_direction="asc") == ["test/second", "test/first"]
        assert listed(**by_creation) == ["test/second", "test/first"]
        assert listed(**by_creation, sort_direction="asc") == ["test/first", "test/second"]

    def test_pages_keep_their_order(self) -> None:
        many = [f"me/model-{number:02}" for number in range(60)]
        with (
            Sandbox(dict.fromkeys(many, double)) as sandbox,
            client_of(sandbox) as client,
        ):
            query = {"sort_by": "model_created_at", "sort_direction": "asc"}
            pages = [client.get("/models", params=query).json()]
            while (link := pages[-1]["next"]) is not None:
                pages.append(client.get(link).json())
            assert [name for page in pages for name in names(page)] == sandbox.models
            assert client.get(pages[-1]["previous"]).json() == pages[-2]


class TestSearch:
    @pytest.mark.parametrize("cassette", cases("recordings/models-search.yaml"))
    def test_the_response_is_a_page(self, local: Local, cassette: Path) -> None:
        [item] = interactions(cassette)
        request = item["request"]
        assert request["method"] == "QUERY"
        response = search(local.client, request["body"])
        assert response.status_code == 200
        assert response.json() == {"next": None, "previous": None, "results": []}

    def test_matches_in_names_and_descriptions_add_up(self, local: Local) -> None:
        @local.sandbox.model("me/teller")
        def teller() -> str:
            """Unlike the story of others."""
            raise NotImplementedError

        assert names(search(local.client, "STORY").json()) == [STORY, "me/teller"]

    def test_the_result_has_at_most_one_page(self) -> None:
        many = [f"me/model-{number:02}" for number in range(30)]
        with (
            Sandbox(dict.fromkeys(many, double)) as sandbox,
            client_of(sandbox) as client,
        ):
            page = search(client, "model").json()
            assert names(page) == many[:4:-1]
            assert page["next"] is None


class TestExamples:
    def test_succeeded_predictions_are_examples(self, local: Local) -> None:
        local.sandbox.script("me/broken", ["failed"])
        assert local.client.get(f"/models/{HELLO}/examples").json()["results"] == []
        ids = [
            create(local.client, HELLO, WAIT, text=str(number)).json()["id"]
            for number in range(101)
        ]
        create(local.client, STORY, WAIT, prompt="x", delay=0)
        create(local.client, "me/broken")
        first = local.client.get(f"/models/{HELLO}/examples").json()
        assert [example["id"] for example in first["results"]] == ids[:0:-1]
        assert first["results"][0] == local.client.get(f"/predictions/{ids[-1]}").json()
        last = local.client.get(first["next"]).json()
        assert [example["id"] for example in last["results"]] == ids[:1]
        assert last["next"] is None
        assert local.client.get("/models/me/broken/examples").json()["results"] == []
