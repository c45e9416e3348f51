"""Cog predictors as models, and their types of inputs and outputs: ``make test-clients``."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path as PlainPath
from typing import Annotated, Any, Optional

import cog
import pytest
from cog import (
    BaseModel,
    BasePredictor,
    ConcatenateIterator,
    File,
    Path,
    Secret,
)
from support.sandboxes import Local, create, data_uri, finish, output

from replicate_ext.sandbox import Input, Sandbox


class Report(BaseModel):  # type: ignore[misc] # it has no types
    text: str
    picture: Path


class Predictor(BasePredictor):  # type: ignore[misc] # it has no types
    def setup(self) -> None:
        print("loading weights")
        self.weights = "weights"
        self.loaded = getattr(self, "loaded", 0) + 1

    def predict(
        self,
        image: Path = cog.Input(description="The picture"),  # noqa: B008 - Cog's form
        prompt: str = cog.Input(default="a boat", max_length=20, regex="^[a-z ]+$"),
        steps: int = cog.Input(description="Steps", default=4, ge=1, le=8),
        size: str = cog.Input(choices=["small", "large"], default="small"),
        seed: Optional[int] = cog.Input(default=None),  # noqa: UP045 - as predictors write it
        key: Optional[Secret] = cog.Input(default=None),  # noqa: B008, UP045 - as above
    ) -> Report:
        assert isinstance(image, Path)
        secret = key.get_secret_value() if key else None
        text = f"{self.weights} {self.loaded} {prompt} {steps} {size} {seed} {secret}"
        return Report(text=text, picture=image)


class Talker(BasePredictor):  # type: ignore[misc] # it has no types
    def predict(
        self,
        file: File = cog.Input(description="Text"),  # noqa: B008 - Cog's form
    ) -> ConcatenateIterator[str]:
        yield from file.read().decode().split()


class Async(BasePredictor):  # type: ignore[misc] # it has no types
    async def setup(self) -> None:
        await asyncio.sleep(0)
        self.word = "ready"

    async def predict(self, count: int) -> AsyncIterator[str]:
        for _ in range(count):
            yield self.word


@pytest.fixture
def local() -> Iterator[Local]:
    with Local.running() as local:
        yield local


@pytest.fixture
def loaded(local: Local) -> Local:
    local.sandbox.model("acme/report")(Predictor)
    local.sandbox.model("acme/talker")(Talker)
    local.sandbox.model("acme/async")(Async)
    return local


def schemas(local: Local, model: str) -> dict[str, Any]:
    version = local.client.get(f"/models/{model}").json()["latest_version"]
    found: dict[str, Any] = version["openapi_schema"]["components"]["schemas"]
    return found


class TestPredictors:
    def test_a_predictor_runs_as_it_is(self, loaded: Local) -> None:
        image = data_uri(b"\x89PNG")
        for _ in range(2):
            body = finish(
                loaded.client,
                create(loaded.client, "acme/report", image=image, key="s").json()["id"],
            )
            assert body["output"]["text"] == "weights 1 a boat 4 small None s"
            assert body["output"]["picture"].startswith("http")

    def test_setup_prints_to_the_logs_of_the_first_prediction(self, loaded: Local) -> None:
        image = data_uri(b"\x89PNG")
        ids = [create(loaded.client, "acme/report", image=image).json()["id"] for _ in range(1)]
        assert finish(loaded.client, ids[0])["logs"] == "loading weights\n"

    def test_the_schema_is_that_of_cog(self, loaded: Local) -> None:
        found = schemas(loaded, "acme/report")
        assert found["Input"]["required"] == ["image"]
        properties = found["Input"]["properties"]
        assert properties["image"] == {
            "title": "Image",
            "type": "string",
            "format": "uri",
            "x-order": 0,
            "description": "The picture",
        }
        assert properties["prompt"]["maxLength"] == 20
        assert properties["prompt"]["pattern"] == "^[a-z ]+$"
        assert (properties["steps"]["minimum"], properties["steps"]["maximum"]) == (1, 8)
        assert found["size"]["enum"] == ["small", "large"]
        assert properties["size"]["default"] == "small"
        assert properties["key"]["x-cog-secret"] is True
        assert found["Output"]["properties"]["picture"]["format"] == "uri"
        talker = schemas(loaded, "acme/talker")["Output"]
        assert talker["x-cog-array-display"] == "concatenate"

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({}, "input"),
            ({"image": "data:,x", "steps": 9}, "input.steps"),
            ({"image": "data:,x", "size": "huge"}, "input.size"),
            ({"image": "data:,x", "prompt": "A"}, "input.prompt"),
        ],
    )
    def test_inputs_are_checked(self, loaded: Local, values: dict[str, object], field: str) -> None:
        response = create(loaded.client, "acme/report", **values)
        assert response.status_code == 422
        assert [one["field"] for one in response.json()["invalid_fields"]] == [field]

    def test_iterators_are_streamed(self, loaded: Local) -> None:
        assert output(loaded.client, "acme/talker", file=data_uri(b"a b c")) == ["a", "b", "c"]
        assert output(loaded.client, "acme/async", count=2) == ["ready", "ready"]

    def test_a_failed_setup_fails_the_prediction(self, local: Local) -> None:
        class Broken(BasePredictor):  # type: ignore[misc] # it has no types
            def setup(self) -> None:
                raise OSError("no weights")

            def predict(self) -> str:
                raise NotImplementedError

        local.sandbox.model("acme/broken")(Broken)
        body = finish(local.client, create(local.client, "acme/broken").json()["id"])
        assert (body["status"], body["error"]) == ("failed", "no weights")

    def test_a_class_without_predict_is_an_error(self) -> None:
        class Anything:
            pass

        with pytest.raises(TypeError, match="invalid model Anything: expected a function, or a C"):
            Sandbox({"acme/anything": Anything})


class Size(Enum):
    SMALL = "small"
    LARGE = "large"


@dataclass
class Found:
    size: Size
    file: PlainPath


class TestFunctions:
    def test_enums_dataclasses_and_whole_numbers(self, local: Local, tmp_path: PlainPath) -> None:
        (tmp_path / "x.txt").write_text("x")

        @local.sandbox.model("me/find")
        def find(
            count: int,
            size: Size = Size.SMALL,
            tag: Annotated[str, Input(choices=["a", "b"])] = "a",
        ) -> list[Found]:
            assert isinstance(size, Size)
            assert tag == "a"
            return [Found(size, tmp_path / "x.txt") for _ in range(count)]

        first, second = output(local.client, "me/find", count=2.0, size="large")
        assert first["size"] == "large"
        assert second["file"].endswith("/x.txt")
        assert output(local.client, "me/find", count=1)[0]["size"] == "small"
        found = schemas(local, "me/find")
        assert found["size"]["enum"] == ["small", "large"]
        assert found["Input"]["properties"]["size"]["default"] == "small"
        assert found["tag"]["enum"] == ["a", "b"]
        assert found["Output"]["items"]["properties"].keys() == {"size", "file"}
