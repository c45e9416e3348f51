"""Models of the sandbox and their schemas."""

import json
import re
from pathlib import Path

import httpx
import pytest
from support.places import cases
from support.sandboxes import HELLO, STORY, client_of, double, interactions

from replicate_ext.sandbox import Sandbox


class TestModels:
    def test_schema_from_type_hints(self, everything: httpx.Client) -> None:
        model = everything.get("/models/me/everything").json()
        assert (model["owner"], model["name"]) == ("me", "everything")
        assert model["description"] == "Take everything."
        schemas = model["latest_version"]["openapi_schema"]["components"]["schemas"]
        assert schemas["size"] == {
            "enum": ["small", "large"],
            "type": "string",
            "title": "size",
            "description": "An enumeration.",
        }
        assert schemas["Input"] == {
            "type": "object",
            "title": "Input",
            "required": ["number"],
            "properties": {
                "number": {
                    "type": "integer",
                    "title": "Number",
                    "minimum": 1,
                    "x-order": 0,
                    "description": "How many",
                },
                "text": {"type": "string", "title": "Text", "default": "none", "x-order": 1},
                "size": {
                    "allOf": [{"$ref": "#/components/schemas/size"}],
                    "default": "small",
                    "x-order": 2,
                },
                "ratio": {"type": "number", "title": "Ratio", "x-order": 3},
                "words": {
                    "type": "array",
                    "items": {"type": "string"},
                    "title": "Words",
                    "x-order": 4,
                },
                "file": {"type": "string", "title": "File", "format": "uri", "x-order": 5},
                "flag": {"type": "boolean", "title": "Flag", "default": False, "x-order": 6},
            },
        }
        assert schemas["Output"] == {
            "type": "object",
            "title": "Output",
            "properties": {
                "text": {"type": "string", "title": "Text"},
                "picture": {"type": "string", "format": "uri", "title": "Picture"},
            },
        }

    def test_schema_of_a_streaming_model(self, client: httpx.Client) -> None:
        version = client.get(f"/models/{STORY}").json()["latest_version"]
        assert version["openapi_schema"]["components"]["schemas"]["Output"] == {
            "type": "array",
            "items": {"type": "string"},
            "title": "Output",
            "x-cog-array-type": "iterator",
            "x-cog-array-display": "concatenate",
        }

    @pytest.mark.parametrize("version", cases("schemas/replicate__hello-world.json"))
    def test_hello_world_has_the_schema_of_the_real_one(
        self, client: httpx.Client, version: Path
    ) -> None:
        recorded = json.loads(version.read_text(encoding="utf-8"))
        real = recorded["openapi_schema"]["components"]["schemas"]
        mine = client.get(f"/models/{HELLO}").json()["latest_version"]
        shown = mine["openapi_schema"]["components"]["schemas"]
        for schema in (real, shown):
            del schema["Input"]["properties"]["text"]["description"]
        assert shown["Input"] == real["Input"]
        assert shown["Output"] == real["Output"]

    @pytest.mark.parametrize("cassette", cases("recordings/predictions-cancel.yaml"))
    def test_a_model_has_the_fields_of_a_real_one(
        self, client: httpx.Client, cassette: Path
    ) -> None:
        bodies = [item["response"] for item in interactions(cassette)]
        [real] = [
            json.loads(body["content"])
            for body in bodies
            if '"cover_image_url"' in body.get("content", "")
        ]
        mine = client.get(f"/models/{HELLO}").json()
        assert real.keys() - mine.keys() == set()
        assert mine["latest_version"].keys() == real["latest_version"].keys()

    def test_versions(self, client: httpx.Client) -> None:
        latest = client.get(f"/models/{HELLO}").json()["latest_version"]
        assert re.fullmatch("[0-9a-f]{64}", latest["id"])
        assert client.get(f"/models/{HELLO}/versions").json() == {
            "next": None,
            "previous": None,
            "results": [latest],
        }
        assert client.get(f"/models/{HELLO}/versions/{latest['id']}").json() == latest

    def test_version_ids_are_stable(self, client: httpx.Client) -> None:
        with Sandbox() as sandbox, client_of(sandbox) as other:
            ids = [
                connected.get(f"/models/{HELLO}").json()["latest_version"]["id"]
                for connected in (client, other)
            ]
        assert ids[0] == ids[1]

    def test_models_are_listed_in_pages(self) -> None:
        names = [f"me/model-{number}" for number in range(60)]
        with (
            Sandbox(dict.fromkeys(names, double)) as sandbox,
            client_of(sandbox) as client,
        ):
            page = client.get("/models").json()
            assert page["previous"] is None
            seen = [page["results"]]
            while page["next"] is not None:
                page = client.get(page["next"]).json()
                seen.append(page["results"])
            assert [len(results) for results in seen] == [25, 25, 13]
            listed = [f"{model['owner']}/{model['name']}" for results in seen for model in results]
            assert listed == sandbox.models[::-1]
            middle = client.get(page["previous"]).json()
            assert middle["results"] == seen[1]
            assert client.get(middle["previous"]).json()["results"] == seen[0]
            assert client.get(middle["next"]).json()["results"] == seen[2]

    @pytest.mark.parametrize("name", ["plain", "a/b/c", "a/", "a b/c"])
    def test_an_invalid_name_is_rejected(self, name: str) -> None:
        with pytest.raises(ValueError, match="owner/name"):
            Sandbox({name: double})

    def test_a_parameter_without_a_json_schema_is_rejected(self) -> None:
        sandbox = Sandbox()
        with pytest.raises(TypeError, match="add a type annotation"):
            sandbox.model("me/untyped")(lambda text: text)

        def odd(number: complex) -> str:
            return str(number)

        with pytest.raises(TypeError, match="complex"):
            sandbox.model("me/odd")(odd)

        def positional(text: str, /) -> str:
            return text

        with pytest.raises(TypeError, match="keyword argument"):
            sandbox.model("me/positional")(positional)
