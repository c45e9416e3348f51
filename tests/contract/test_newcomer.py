"""Mistakes of people who are new to the client: each error shows the right call in one line."""

from __future__ import annotations

import inspect
import logging
from pathlib import Path
from typing import Any

import anyio
import pytest
from support.clients import BASE_URL, Kind, answer, created, looked, make_client, prediction, start
from support.clock import VirtualClock

import replicate_ext
from replicate_ext import AsyncReplicate, InvalidInputError, InvalidTokenError, Replicate
from replicate_ext.sandbox import Sandbox

CLIENTS = pytest.mark.parametrize("client", [Replicate, AsyncReplicate])


def message_of(error: BaseException) -> str:
    """The text of an error, which has one line."""
    text = str(error)
    assert "\n" not in text
    assert not getattr(error, "__notes__", None)
    return text


@CLIENTS
@pytest.mark.parametrize("name", ["token", "api_key", "auth", "bearer_token", "api_tokn"])
def test_another_name_of_the_token_gets_the_name_here(client: type[Any], name: str) -> None:
    with pytest.raises(TypeError) as caught:
        client(**{name: "r8_secret_of_this_test"})

    assert message_of(caught.value) == (
        f"{client.__name__}() got an unexpected keyword argument {name!r}: "
        f"use {client.__name__}(api_token=...)"
    )


@CLIENTS
def test_an_unknown_argument_of_a_client_leaves_no_secret_in_a_traceback(
    client: type[Any],
) -> None:
    with pytest.raises(TypeError) as caught:
        client("r8_secret_of_this_test", token="r8_another_secret")

    traceback = caught.value.__traceback__
    assert traceback is not None
    traceback = traceback.tb_next  # the first frame is this test
    while traceback is not None:
        assert "secret" not in repr(traceback.tb_frame.f_locals)
        traceback = traceback.tb_next


@CLIENTS
def test_an_unknown_argument_that_resembles_no_other_is_an_ordinary_error(
    client: type[Any],
) -> None:
    with pytest.raises(TypeError, match=r"unexpected keyword argument 'color'$"):
        client(color="red")


@CLIENTS
def test_a_url_as_the_token_shows_base_url(client: type[Any]) -> None:
    with pytest.raises(InvalidTokenError) as caught:
        client("http://127.0.0.1:8000/v1")

    assert "Replicate(base_url=...)" in message_of(caught.value)


@pytest.mark.parametrize("value", [{"id": 1}, None, 3, object], ids=repr)
@pytest.mark.parametrize("path", ["wait", "predictions.wait", "predictions.stream"])
def test_something_else_than_a_run_shows_the_right_call(
    kind: Kind, value: object, path: str
) -> None:
    method: Any = make_client(kind)
    for name in path.split("."):
        method = getattr(method, name)

    with pytest.raises(InvalidInputError) as caught:
        method(value)

    assert "client.wait(prediction.id)" in message_of(caught.value)


@pytest.mark.parametrize("path", ["run", "stream", "predictions.run", "predictions.create"])
def test_inputs_as_keywords_show_the_dict(kind: Kind, path: str) -> None:
    method: Any = make_client(kind)
    for name in path.split("."):
        method = getattr(method, name)

    with pytest.raises(TypeError) as caught:
        method("owner/name", prompt="x", seed=1)

    call = path.rpartition(".")[2]
    assert f"{call}(reference, {{'prompt': ..., 'seed': ...}})" in message_of(caught.value)


def test_inputs_as_keywords_of_the_module_functions_show_the_dict() -> None:
    run: Any = replicate_ext.run
    async_run: Any = replicate_ext.async_run

    with pytest.raises(TypeError, match=r"use run\(reference, {'prompt': \.\.\.}\)"):
        run("owner/name", prompt="x")
    with pytest.raises(TypeError, match=r"use run\(reference, {'prompt': \.\.\.}\)"):
        anyio.run(lambda: async_run("owner/name", prompt="x"))


@pytest.mark.parametrize(
    ("name", "meant"),
    [("inputs", "input"), ("time_out", "timeout"), ("interval", "poll_interval")],
)
def test_a_misspelt_option_shows_the_option(kind: Kind, name: str, meant: str) -> None:
    with pytest.raises(TypeError, match=rf"use run\({meant}=\.\.\.\)"):
        make_client(kind).run("owner/name", **{name: 1})


def test_the_version_of_a_training_shows_its_place(kind: Kind) -> None:
    with pytest.raises(TypeError, match=r"use create\(model_owner=\.\.\.\)"):
        make_client(kind).trainings.create(version="o/n:v", destination="o/m", input={})


def test_a_string_that_names_a_file_is_sent_and_logged(
    kind: Kind, clock: VirtualClock, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    picture = tmp_path / "cat.png"
    picture.write_bytes(b"x")
    done = created("succeeded", output="x")
    client, script = start(kind, clock, done)

    client.run("owner/name", {"image": str(picture), "more": [str(picture)], "prompt": "a cat"})

    assert str(picture).encode() in script.requests[0].content
    warnings = [record.message for record in caplog.records if record.levelno == logging.WARNING]
    assert len(warnings) == 2
    assert f"pass pathlib.Path({str(picture)!r})" in warnings[0]


def test_a_string_that_names_no_file_is_not_logged(
    kind: Kind, clock: VirtualClock, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    client, _ = start(kind, clock, created("succeeded", output="x"))

    client.run(
        "owner/name",
        {"a": str(tmp_path / "no.png"), "b": "https://a.test/b.png", "c": str(tmp_path), "d": ""},
    )

    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


@pytest.mark.parametrize(
    ("name", "meant"), [("Client", "Replicate"), ("ModelError", "PredictionFailed")]
)
def test_a_name_of_another_client_shows_the_name_here(name: str, meant: str) -> None:
    with pytest.raises(ImportError) as caught:
        exec(f"from replicate_ext import {name}")  # noqa: S102 - a text of this test

    assert f"from replicate_ext import {meant}" in message_of(caught.value)
    assert not hasattr(replicate_ext, name)
    assert hasattr(replicate_ext, meant)


def test_urls_are_read_like_a_dict(kind: Kind, clock: VirtualClock) -> None:
    client, _ = start(kind, clock, answer(200, prediction()))

    urls = client.predictions.get("p1").urls

    assert urls["get"] == urls.get == f"{BASE_URL}/predictions/p1"
    assert "cancel" in urls
    assert "stream" not in urls
    with pytest.raises(KeyError):
        urls["stream"]


@pytest.mark.parametrize("stream", [True, False])
def test_the_deprecated_option_stream_is_accepted(
    kind: Kind, clock: VirtualClock, stream: bool
) -> None:
    client, script = start(kind, clock, created(), created(), created(), looked("succeeded"))

    client.predictions.create("owner/name", {}, stream=stream)
    client.models.predictions.create("owner/name", input={}, stream=stream)
    client.deployments.predictions.create("owner/name", input={}, stream=stream)

    assert [request.content for request in script.requests] == [b'{"input":{}}'] * 3


@CLIENTS
def test_a_model_is_created_by_its_owner_and_name(client: type[Any], sandbox: Sandbox) -> None:
    async def main() -> Any:
        made = client(sandbox.api_token, sandbox.base_url).models.create(
            "me", f"by-{client.__name__}".lower(), visibility="private", hardware="cpu"
        )
        return await made if inspect.isawaitable(made) else made

    assert anyio.run(main).owner == "me"
