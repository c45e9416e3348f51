"""Models as typed functions, loaded from the sandbox."""

from __future__ import annotations

import asyncio
import inspect
import pickle
import pydoc
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import pytest

from replicate_ext import (
    AsyncReplicate,
    InvalidInputError,
    InvalidReferenceError,
    ModelReference,
    Replicate,
    set_default_client,
)
from replicate_ext.sandbox import Input, Sandbox
from replicate_ext.typed import ModelFunction, aload, load

NAMES = ["timeout", "input", "class", "self", "reference", "top-k", "args"]


def fox(
    prompt: Annotated[str, Input(description="What to <draw>.")],
    size: Literal["small", "large"] = "small",
    steps: Annotated[int, Input(ge=1, le=4)] = 1,
    image: Path | None = None,
) -> str:
    return f"{prompt} {size} {steps} {image}"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        running.model("official/fox")(fox)
        running.model("community/fox", official=False)(fox)
        yield running


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[Replicate]:
    with Replicate(sandbox.api_token, sandbox.base_url) as client:
        yield client


def test_a_loaded_function_runs_the_model(client: Replicate) -> None:
    draw = load("official/fox", client)

    assert draw(prompt="a fox", steps="2") == "a fox small 2 None"
    assert client.run(draw, {"prompt": "a fox"}, timeout=60) == "a fox small 1 None"


def test_an_async_client_loads_functions_whose_calls_are_awaited(sandbox: Sandbox) -> None:
    async def main() -> list[Any]:
        async with AsyncReplicate(sandbox.api_token, sandbox.base_url) as client:
            draw = await aload("official/fox", client)
            return [await draw(prompt="a"), await client.run(draw, {"prompt": "b"})]

    assert asyncio.run(main()) == ["a small 1 None", "b small 1 None"]


def test_the_default_client_is_used(client: Replicate) -> None:
    with set_default_client(client):
        assert load("official/fox")(prompt="a") == "a small 1 None"


def test_official_models_are_not_pinned_and_others_are(client: Replicate) -> None:
    version = client.models.get("community/fox").latest_version

    assert version is not None
    assert load("official/fox", client).reference == "official/fox"
    assert load("community/fox", client).reference == f"community/fox:{version.id}"
    assert load(f"community/fox:{version.id}", client)(prompt="a") == "a small 1 None"


@pytest.mark.parametrize("reference", ["deployments/a/b", "a" * 64])
def test_only_models_are_loaded(client: Replicate, reference: str) -> None:
    with pytest.raises(InvalidReferenceError, match="expected owner/name"):
        load(reference, client)


def test_an_invalid_input_is_refused(client: Replicate) -> None:
    draw = load("official/fox", client)

    with pytest.raises(InvalidInputError, match="did you mean prompt"):
        draw(promt="a fox")
    with pytest.raises(InvalidInputError, match="is above the maximum of 4"):
        draw.check({"prompt": "a fox", "steps": 5})


def test_check_returns_what_is_sent(client: Replicate) -> None:
    given = {"prompt": 5, "steps": "2", "size": None}

    assert load("official/fox", client).check(given) == {"prompt": "5", "steps": 2}


def test_inputs_are_keyword_arguments(client: Replicate) -> None:
    with pytest.raises(TypeError, match="keyword arguments"):
        load("official/fox", client)({"prompt": "a"})


def test_the_signature_has_the_inputs(client: Replicate) -> None:
    signature = load("official/fox", client).signature

    assert isinstance(signature, inspect.Signature)
    parameters = signature.parameters
    assert list(parameters) == ["prompt", "size", "steps", "image"]
    assert parameters["prompt"].default is inspect.Parameter.empty
    assert (parameters["steps"].annotation, parameters["steps"].default) == (int, 1)
    assert get_args(parameters["size"].annotation) == ("small", "large")
    assert inspect.signature(load("official/fox", client)) == signature


def test_help_and_notebooks_show_a_table(client: Replicate) -> None:
    draw = load("official/fox", client)

    text = re.sub(".\b", "", pydoc.render_doc(draw))  # bold text is typed twice
    assert "steps: int, default 1, 1 to 4" in text
    assert "prompt: str, required" in text
    assert "What to <draw>." in text
    html = draw.signature._repr_html_()
    assert "<td>What to &lt;draw&gt;.</td>" in html
    assert "A model as a function of its inputs" in str(ModelFunction.__doc__)
    assert "A model as a function of its inputs" in pydoc.render_doc(ModelFunction)


def test_a_function_of_a_missing_file_gets_its_schema_from_the_api(
    client: Replicate, tmp_path: Path
) -> None:
    draw: ModelFunction[Any, Any] = ModelFunction("official/fox", tmp_path / "none.json", client)

    with pytest.raises(InvalidInputError, match="did you mean prompt"):
        draw(promt="a fox")


def test_inputs_of_any_name_arrive(client: Replicate, sandbox: Sandbox) -> None:
    sandbox.model("official/dump")(lambda_of(NAMES))
    given = dict.fromkeys(NAMES, "x")
    properties = {name: {"type": "string"} for name in NAMES}
    schema = {"components": {"schemas": {"Input": {"properties": properties}}}}
    dump: ModelFunction[Any, Any] = ModelFunction("official/dump", schema, client)

    assert "others" in dump.signature.parameters
    assert dump.check(given) == given
    assert dump(**given) is not None


def lambda_of(names: list[str]) -> Any:
    def dump(prompt: str = "") -> str:
        return f"{prompt}{len(names)}"

    return dump


def test_functions_are_pickled_and_parsed_as_references() -> None:
    draw: ModelFunction[Any, Any] = ModelFunction("official/fox", {"components": {}})

    assert pickle.loads(pickle.dumps(draw)).reference == "official/fox"  # noqa: S301 - our own
    assert ModelReference.of(draw) == ModelReference("official", "fox")
    assert repr(draw) == "<ModelFunction official/fox>"
