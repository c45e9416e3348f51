"""Collections, hardware, search and account of the sandbox."""

import hashlib
import hmac
import json
import time
from base64 import b64decode, b64encode
from pathlib import Path

import httpx
import pytest
from support.places import cases
from support.sandboxes import HELLO, STORY, Local, client_of, double, fetch, interactions

from replicate_ext.sandbox import Sandbox


class TestCollections:
    def test_collections_are_listed(self, client: httpx.Client) -> None:
        page = client.get("/collections").json()
        assert (page["next"], page["previous"]) == (None, None)
        slugs = {collection["slug"] for collection in page["results"]}
        assert slugs == {"official", "streaming-language-models"}

    def test_a_collection_shows_its_models(self, local: Local) -> None:
        local.sandbox.model("me/community", official=False)(double)
        for listed in local.client.get("/collections").json()["results"]:
            body = local.client.get(f"/collections/{listed['slug']}").json()
            assert body.items() >= listed.items()
            names = {f"{model['owner']}/{model['name']}" for model in body["models"]}
            assert (
                names
                == {
                    "official": {HELLO, "sandbox/posterize", STORY},
                    "streaming-language-models": {HELLO, STORY},
                }[listed["slug"]]
            )
            for name, model in zip(sorted(names), body["models"], strict=True):
                assert local.client.get(f"/models/{name}").json() == model

    def test_an_unknown_collection_is_not_found(self, client: httpx.Client) -> None:
        assert client.get("/collections/none").status_code == 404


class TestHardware:
    @pytest.mark.parametrize("cassette", cases("recordings/hardware-list.yaml"))
    def test_the_response_is_an_array_like_the_recorded_one(
        self, client: httpx.Client, cassette: Path
    ) -> None:
        [item] = interactions(cassette)
        real = json.loads(item["response"]["content"])
        mine = client.get("/hardware").json()
        assert mine[0] == real[0] == {"sku": "cpu", "name": "CPU"}
        assert {frozenset(each) for each in mine} == {frozenset(each) for each in real}
        assert [each["sku"] for each in mine[1:]] == [
            "gpu-a100-large",
            "gpu-a100-large-2x",
            "gpu-h100",
            "gpu-l40s",
            "gpu-l40s-2x",
        ]


class TestSearch:
    def test_models_are_found_with_metadata(self, client: httpx.Client) -> None:
        body = client.get("/search", params={"query": "story"}).json()
        assert body["query"] == "story"
        [found] = body["models"]
        assert found["model"] == client.get(f"/models/{STORY}").json()
        assert found["metadata"]["tags"] == ["official", "streaming-language-models"]
        assert found["metadata"]["score"] > 0

    def test_collections_and_pages_are_found(self, client: httpx.Client) -> None:
        body = client.get("/search", params={"query": "streaming"}).json()
        assert [each["slug"] for each in body["collections"]] == ["streaming-language-models"]
        assert body["pages"] == [
            {"name": "Streaming output", "href": "/docs/topics/predictions/streaming"}
        ]

    def test_no_match_gives_empty_lists(self, client: httpx.Client) -> None:
        assert client.get("/search", params={"query": "unheard-of"}).json() == {
            "query": "unheard-of",
            "models": [],
            "collections": [],
            "pages": [],
        }

    def test_the_number_of_models_is_limited(self) -> None:
        many = [f"me/model-{number:02}" for number in range(60)]
        with Sandbox(dict.fromkeys(many, double)) as sandbox, client_of(sandbox) as client:

            def found(**query: str) -> int:
                body = client.get("/search", params={"query": "model", **query}).json()
                return len(body["models"])

            assert (found(), found(limit="1"), found(limit="50")) == (20, 1, 50)

    def test_no_token_is_needed(self, sandbox: Sandbox) -> None:
        response = fetch(f"{sandbox.base_url}/search?query=story")
        assert (response.status_code, len(response.json()["models"])) == (200, 1)

    def test_an_empty_query_is_rejected(self, client: httpx.Client) -> None:
        response = client.get("/search", params={"query": ""})
        assert response.status_code == 400
        assert response.json() == {"detail": 'Query parameter "query" is required'}


class TestAccount:
    def test_the_account_is_shown(self, client: httpx.Client) -> None:
        account = client.get("/account").json()
        assert (account["type"], account["username"]) == ("user", "sandbox")

    def test_the_webhook_secret_is_shown(self, local: Local) -> None:
        responses = [local.client.get("/webhooks/default/secret").json() for _ in range(2)]
        assert responses == [{"key": local.sandbox.webhook_secret}] * 2
        prefix, _, rest = local.sandbox.webhook_secret.partition("_")
        assert prefix == "whsec"
        assert len(b64decode(rest, validate=True)) == 24
        assert Sandbox().webhook_secret != local.sandbox.webhook_secret


class TestFileLinks:
    @staticmethod
    def link(sandbox: Sandbox, id_: str, seconds: float) -> dict[str, str]:
        expiry = str(int(time.time() + seconds))
        text = f"sandbox {id_} {expiry}".encode()
        signature = hmac.digest(sandbox.files_secret.encode(), text, hashlib.sha256)
        return {
            "owner": "sandbox",
            "expiry": expiry,
            "signature": b64encode(signature).decode(),
        }

    @pytest.fixture
    def id_(self, local: Local) -> str:
        content = {"content": ("a story.txt", b"once upon a time")}
        id_: str = local.client.post("/files", files=content).json()["id"]
        return id_

    def test_a_signed_link_downloads(self, local: Local, id_: str) -> None:
        query = self.link(local.sandbox, id_, 60)
        response = local.client.get(f"/files/{id_}/download", params=query)
        assert (response.status_code, response.content) == (200, b"once upon a time")
        assert response.headers["content-type"] == "application/octet-stream"

    @pytest.mark.parametrize(
        "change",
        [{"owner": "other"}, {"signature": "x"}, {"signature": "é"}, {"expiry": "9999999999"}],
    )
    def test_an_invalid_link_is_not_found(
        self, local: Local, id_: str, change: dict[str, str]
    ) -> None:
        query = self.link(local.sandbox, id_, 60) | change
        response = local.client.get(f"/files/{id_}/download", params=query)
        assert (response.status_code, response.json()) == (404, {"detail": "File not found"})

    def test_a_link_expires(self, local: Local, id_: str) -> None:
        query = self.link(local.sandbox, id_, -1)
        assert local.client.get(f"/files/{id_}/download", params=query).status_code == 404

    def test_files_are_listed_in_pages(self, local: Local) -> None:
        ids = [
            local.client.post("/files", files={"content": ("x", b"")}).json()["id"]
            for _ in range(101)
        ]
        first = local.client.get("/files").json()
        last = local.client.get(first["next"]).json()
        assert [file["id"] for file in first["results"] + last["results"]] == ids[::-1]
        assert last["next"] is None
        assert local.client.get(last["previous"]).json() == first
