"""Inputs are checked against the model's schema before anything is sent."""

from __future__ import annotations

import copy
import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from support.clients import Kind, answer, created, start
from support.clock import VirtualClock

from replicate_ext import InvalidInputError, NotFoundError, Replicate
from replicate_ext.typed import ModelFunction

VERSION = "a" * 64
PINNED = f"owner/name:{VERSION}"
CREATE = "POST /v1/models/owner/name/predictions"
GET = "GET /v1/models/owner/name"
GET_VERSION = f"GET /v1/models/owner/name/versions/{VERSION}"
DONE = created("succeeded", output="done")
BAD = {"promt": "a fox", "steps": 9, "size": "huge"}


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of this test."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "replicate-ext" / "schemas"


def schema(**more: Any) -> dict[str, Any]:
    properties = {
        "prompt": {"type": "string"},
        "steps": {"type": "integer", "minimum": 1, "maximum": 4},
        "size": {"type": "string", "enum": ["small", "large"]},
        **more,
    }
    model_input = {"type": "object", "required": ["prompt"], "properties": properties}
    return {"components": {"schemas": {"Input": model_input}}}


class API:
    """An API with one model, whose schema can change."""

    def __init__(self) -> None:
        self.schema = schema()
        self.sent: list[Any] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        version = {"id": VERSION, "openapi_schema": self.schema}
        if request.method == "POST":
            self.sent.append(json.loads(request.content)["input"])
            return DONE
        if path == "/v1/models/owner/name":
            return answer(200, {"owner": "owner", "name": "name", "latest_version": version})
        if path == f"/v1/models/owner/name/versions/{VERSION}":
            return answer(200, version)
        if path == "/v1/deployments/me/it":
            release = {"model": "owner/name", "version": VERSION}
            return answer(200, {"owner": "me", "name": "it", "current_release": release})
        return answer(404, {"detail": "The requested resource could not be found."})


def function(reference: str = "owner/name", own: Any = None) -> ModelFunction[Any, Any]:
    return ModelFunction(reference, own or schema())


def test_without_it_a_run_is_one_request(kind: Kind, clock: VirtualClock) -> None:
    client, script = start(kind, clock, API())

    client.run("owner/name", BAD)

    assert script.seen == [CREATE]


CALLS: dict[str, Callable[..., Any]] = {
    "run": lambda client, *args, **options: client.run(*args, **options),
    "predictions.run": lambda client, *args, **options: client.predictions.run(*args, **options),
    "predictions.create": lambda client, *args, **options: client.predictions.create(
        *args, **options
    ),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize(
    ("reference", "fetches"),
    [
        ("owner/name", [GET]),
        (PINNED, [GET_VERSION]),
        ("deployments/me/it", ["GET /v1/deployments/me/it", GET_VERSION]),
    ],
)
def test_an_invalid_input_is_refused_before_anything_is_sent(
    kind: Kind, clock: VirtualClock, call: Callable[..., Any], reference: str, fetches: list[str]
) -> None:
    client, script = start(kind, clock, API())

    with pytest.raises(InvalidInputError, match="nothing was sent") as caught:
        call(client, reference, BAD, check_input=True)

    assert script.seen == fetches
    assert {one.field: one.type for one in caught.value.invalid_fields} == {
        "input.promt": "additional_property_not_allowed",
        "input.prompt": "required",
        "input.steps": "number_lte",
        "input.size": "enum",
    }
    assert "did you mean prompt?" in str(caught.value)
    assert str(copy.copy(caught.value)) == str(caught.value)


def test_a_stream_is_checked_too(clock: VirtualClock) -> None:
    client, script = start("sync", clock, API())

    with pytest.raises(InvalidInputError), client.stream("owner/name", BAD, check_input=True) as it:
        list(it)

    assert script.seen == [GET]


def test_values_are_sent_in_the_types_of_the_model(kind: Kind, clock: VirtualClock) -> None:
    api = API()
    client, _ = start(kind, clock, api)

    client.run("owner/name", {"prompt": 5, "steps": "3", "size": None}, check_input=True)

    assert api.sent == [{"prompt": "5", "steps": 3}]


@pytest.mark.parametrize("reference", ["owner/name", PINNED])
def test_a_schema_is_fetched_once(kind: Kind, clock: VirtualClock, reference: str) -> None:
    first, script = start(kind, clock, API())
    first.run(reference, {"prompt": "x"}, check_input=True)
    first.run(reference, {"prompt": "x"}, check_input=True)
    second, later = start(kind, clock, API())
    second.run(reference, {"prompt": "x"}, check_input=True)

    assert [one.partition(" ")[0] for one in script.seen] == ["GET", "POST", "POST"]
    assert [one.partition(" ")[0] for one in later.seen] == ["POST"]


@pytest.mark.parametrize("value", ["off", "0", "False"])
def test_an_environment_variable_turns_the_files_off(
    clock: VirtualClock, cache: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("REPLICATE_SCHEMA_CACHE", value)
    for _ in range(2):
        client, script = start("sync", clock, API())
        client.run("owner/name", {"prompt": "x"}, check_input=True)
        client.run("owner/name", {"prompt": "x"}, check_input=True)
        assert script.seen == [GET, CREATE, CREATE]
    assert not cache.exists()


def test_a_kept_schema_is_fetched_again_before_an_input_is_refused(
    kind: Kind, clock: VirtualClock
) -> None:
    api = API()
    client, script = start(kind, clock, api)
    client.run("owner/name", {"prompt": "x"}, check_input=True)
    api.schema = schema(seed={"type": "integer"})

    client.run("owner/name", {"prompt": "x", "seed": 1}, check_input=True)
    client.run("owner/name", {"prompt": "x", "seed": 2}, check_input=True)
    with pytest.raises(InvalidInputError):
        client.run("owner/name", {"prompt": "x", "sed": 2}, check_input=True)

    assert script.seen == [GET, CREATE, GET, CREATE, CREATE, GET]


def test_a_kept_schema_of_a_version_is_not_fetched_again(kind: Kind, clock: VirtualClock) -> None:
    client, script = start(kind, clock, API())
    for _ in range(2):
        with pytest.raises(InvalidInputError):
            client.run(PINNED, BAD, check_input=True)

    assert script.seen == [GET_VERSION]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b'{"key": "another"}'])
def test_a_broken_file_counts_as_missing(clock: VirtualClock, cache: Path, content: bytes) -> None:
    start("sync", clock, API())[0].run(PINNED, {"prompt": "x"}, check_input=True)
    for file in cache.iterdir():
        file.write_bytes(content)
    client, script = start("sync", clock, API())

    client.run(PINNED, {"prompt": "x"}, check_input=True)

    assert script.seen[0] == GET_VERSION


def test_a_folder_that_cannot_be_written_is_no_error(clock: VirtualClock, cache: Path) -> None:
    cache.parent.write_text("a file")
    client, _ = start("sync", clock, API())

    assert client.run(PINNED, {"prompt": "x"}, check_input=True) == "done"


def test_the_oldest_files_are_deleted(
    clock: VirtualClock, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("replicate_ext._runs.schema_files._MOST_FILES", 2)
    cache.mkdir(parents=True)
    for number in range(5):
        (cache / f"{number}.json").write_text("{}")
    start("sync", clock, API())[0].run(PINNED, {"prompt": "x"}, check_input=True)

    assert len(list(cache.iterdir())) == 2
    client, script = start("sync", clock, API())
    client.run(PINNED, {"prompt": "x"}, check_input=True)
    assert GET_VERSION not in script.seen  # the newest file is the one that was written


def test_a_model_without_a_schema_accepts_everything(kind: Kind, clock: VirtualClock) -> None:
    api = API()
    api.schema = {}
    client, _ = start(kind, clock, api)

    assert client.run("owner/name", BAD, check_input=True) == "done"


def test_a_model_that_the_api_does_not_have_fails_in_the_run(
    kind: Kind, clock: VirtualClock
) -> None:
    client, script = start(kind, clock, answer(404, {"detail": "Not found"}))

    with pytest.raises(NotFoundError, match="Only official models"):
        client.run("owner/name", {}, check_input=True)

    assert script.seen == [GET, CREATE]


def test_the_id_of_a_version_alone_cannot_be_checked(kind: Kind, clock: VirtualClock) -> None:
    client, script = start(kind, clock, API())

    with pytest.raises(InvalidInputError, match="pass owner/name:version"):
        client.run(VERSION, {"prompt": "x"}, check_input=True)

    assert script.requests == []


def test_a_version_object_has_its_schema(kind: Kind, clock: VirtualClock) -> None:
    client, script = start(kind, clock, API())
    version = client.models.versions.get("owner", "name", VERSION)
    script.requests.clear()

    with pytest.raises(InvalidInputError):
        client.run(version, BAD, check_input=True)

    assert script.seen == []


def test_warn_sends_an_invalid_input(kind: Kind, clock: VirtualClock) -> None:
    api = API()
    client, _ = start(kind, clock, api)

    with pytest.warns(UserWarning, match="did you mean prompt?") as caught:
        client.run("owner/name", {"promt": "x", "steps": "3"}, check_input="warn")

    assert "nothing was sent" not in str(caught[0].message)
    assert api.sent == [{"promt": "x", "steps": 3}]


def test_a_client_has_a_default(kind: Kind, clock: VirtualClock) -> None:
    client, script = start(kind, clock, API(), check_input=True)

    with pytest.raises(InvalidInputError):
        client.run("owner/name", BAD)
    client.run("owner/name", BAD, check_input=False)

    assert script.seen == [GET, CREATE]


@pytest.mark.parametrize("wrong", [None, "yes", 2, "Warn"])
def test_a_wrong_option_is_refused(wrong: Any) -> None:
    with pytest.raises(InvalidInputError, match="check_input must be True, False or 'warn'"):
        Replicate("t", check_input=wrong)


def test_a_pickled_client_keeps_the_default() -> None:
    client = Replicate("t", check_input=True)

    assert client.__getstate__()["options"]["check_input"] is True


def test_the_input_of_a_function_is_checked_by_default(kind: Kind, clock: VirtualClock) -> None:
    client, script = start(kind, clock, API())

    assert client.run(function(), {"prompt": "x", "steps": "2"}) == "done"
    with pytest.raises(InvalidInputError):
        client.run(function(PINNED), BAD)

    assert script.seen == [CREATE]


def test_the_schema_of_a_function_is_fetched_before_an_input_is_refused(
    kind: Kind, clock: VirtualClock
) -> None:
    api = API()
    api.schema = schema(seed={"type": "integer"})
    client, script = start(kind, clock, api)

    client.run(function(), {"prompt": "x", "seed": 1})

    assert script.seen == [GET, CREATE]


def test_a_function_can_be_run_unchecked(kind: Kind, clock: VirtualClock) -> None:
    client, script = start(kind, clock, API())
    with warnings.catch_warnings():
        client.run(function(), BAD, check_input=False)

    assert script.seen == [CREATE]
