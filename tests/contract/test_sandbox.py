"""The sandbox as a client meets it: real HTTP, against what the real API was seen to answer."""

import asyncio
import hashlib
import io
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias, TypedDict, TypeVar

import httpx
import pytest
import yaml
from PIL import Image

from replicate_ext.sandbox import File, Input, Sandbox, _preferences, _stamps, _uploads

# JSON of the API, whose shape the tests themselves check.
JSON: TypeAlias = Any
T = TypeVar("T")

RECORDINGS = Path(os.environ.get("REPLICATE_RECORDINGS", "../shared/recordings"))
HELLO = "replicate/hello-world"
STORY = "sandbox/storyteller"
WAIT = {"Prefer": "wait"}
TERMINAL = {"succeeded", "failed", "canceled", "aborted"}
STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z")


def recording(name: str) -> str:
    path = RECORDINGS / name
    if not path.exists():
        pytest.skip(f"no recordings at {RECORDINGS}; REPLICATE_RECORDINGS names their folder")
    return path.read_text()


def until(probe: Callable[[], T | None], seconds: float = 5.0) -> T:
    deadline = time.monotonic() + seconds
    while (found := probe()) is None:
        assert time.monotonic() < deadline, f"nothing after {seconds} s"
    return found


def client_of(sandbox: Sandbox) -> httpx.Client:
    return httpx.Client(
        base_url=sandbox.base_url,
        headers={"Authorization": f"Bearer {sandbox.api_token}"},
        trust_env=False,
        timeout=10,
    )


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture(scope="module")
def client(sandbox: Sandbox) -> Iterator[httpx.Client]:
    with client_of(sandbox) as connected:
        yield connected


@dataclass
class Local:
    """A sandbox of the test's own, to add models to."""

    sandbox: Sandbox
    client: httpx.Client


@pytest.fixture
def local() -> Iterator[Local]:
    with Sandbox() as running, client_of(running) as connected:
        yield Local(running, connected)


def double(number: int) -> int:
    return 2 * number


def create(
    client: httpx.Client, version: str, headers: dict[str, str] | None = None, /, **values: object
) -> httpx.Response:
    body = {"version": version, "input": values}
    return client.post("/predictions", json=body, headers=headers)


def finish(client: httpx.Client, id_: str) -> JSON:
    def probe() -> JSON:
        body = client.get(f"/predictions/{id_}").json()
        return body if body["status"] in TERMINAL else None

    return until(probe)


def output(client: httpx.Client, version: str, **values: object) -> JSON:
    body = finish(client, create(client, version, **values).json()["id"])
    assert body["status"] == "succeeded", body["error"]
    return body["output"]


def elapsed(body: JSON, begin: str, end: str) -> timedelta:
    return datetime.fromisoformat(body[end]) - datetime.fromisoformat(body[begin])


def data_uri(content: bytes, kind: str = "application/octet-stream") -> str:
    return f"data:{kind};base64,{b64encode(content).decode()}"


def png(colour: tuple[int, int, int]) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (4, 3), colour).save(buffer, "png")
    return buffer.getvalue()


class TestServer:
    def test_serves_only_inside_its_context(self) -> None:
        sandbox = Sandbox()
        with pytest.raises(RuntimeError, match="not running"):
            _ = sandbox.base_url
        with sandbox, client_of(sandbox) as client:
            url = sandbox.base_url
            assert re.fullmatch(r"http://127\.0\.0\.1:\d+/v1", url)
            assert client.get("/account").json()["type"] in ("user", "organization")
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{url}/account", trust_env=False)

    def test_async_context(self) -> None:
        async def main() -> int:
            async with Sandbox() as sandbox, httpx.AsyncClient(trust_env=False) as client:
                headers = {"Authorization": f"Bearer {sandbox.api_token}"}
                return (
                    await client.get(f"{sandbox.base_url}/account", headers=headers)
                ).status_code

        assert asyncio.run(main()) == 200

    def test_leaves_nothing_behind(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
        before = set(threading.enumerate())
        with Sandbox() as sandbox, client_of(sandbox) as client:
            client.post("/files", files={"content": b"kept on disk"})
            create(client, HELLO, text="x")
            create(client, STORY, prompt="x", delay=60)
            assert list(tmp_path.iterdir())
        assert not list(tmp_path.iterdir())
        until(lambda: set(threading.enumerate()) <= before or None)

    def test_leaving_ends_a_held_request(self) -> None:
        answers: list[httpx.Response] = []

        def hold(sandbox: Sandbox) -> None:
            with client_of(sandbox) as client:
                answers.append(create(client, STORY, WAIT, prompt="x", delay=60))

        with Sandbox() as sandbox:
            holding = threading.Thread(target=hold, args=[sandbox])
            holding.start()
            until(lambda: sandbox.requests or None)
        holding.join(5)
        assert answers[0].json()["status"] == "canceled"

    def test_what_comes_while_it_ends_is_not_held(self) -> None:
        sandbox = Sandbox()
        ending, resume = threading.Event(), threading.Event()

        @sandbox.model("me/tidy")
        async def tidy() -> str:
            try:
                await asyncio.sleep(60)
            finally:
                ending.set()
                await asyncio.to_thread(resume.wait, 5)
            return "tidy"

        with sandbox, client_of(sandbox) as client:
            id_ = create(client, "me/tidy").json()["id"]
            until(lambda: client.get(f"/predictions/{id_}").json().get("started_at"))
            leaving = threading.Thread(target=sandbox.__exit__, args=(None, None, None))
            leaving.start()
            assert ending.wait(5)
            answer = create(client, STORY, WAIT, prompt="x", delay=60)
            assert answer.json()["status"] == "canceled"
            resume.set()
            leaving.join(5)

    def test_leaving_does_not_wait_for_a_plain_function(self, local: Local) -> None:
        running, resume = threading.Event(), threading.Event()

        @local.sandbox.model("me/slow")
        def slow() -> str:
            running.set()
            resume.wait(5)
            return "late"

        create(local.client, "me/slow")
        assert running.wait(5)
        leaving = threading.Thread(target=local.sandbox.__exit__, args=(None, None, None))
        leaving.start()
        leaving.join(3)
        assert not leaving.is_alive()
        resume.set()

    def test_several_at_once_share_nothing(self) -> None:
        with (
            Sandbox() as one,
            Sandbox() as other,
            client_of(one) as first,
            client_of(other) as rest,
        ):
            id_ = create(first, HELLO, text="x").json()["id"]
            assert first.get(f"/predictions/{id_}").status_code == 200
            assert rest.get(f"/predictions/{id_}").status_code == 404

    def test_starts_again_with_its_models_only(self) -> None:
        sandbox = Sandbox({"me/double": double})
        for _ in range(2):
            with sandbox, client_of(sandbox) as client:
                assert output(client, "me/double", number=21) == 42
                assert len(client.get("/predictions").json()["results"]) == 1

    def test_a_taken_port_is_an_error(self, sandbox: Sandbox) -> None:
        port = httpx.URL(sandbox.base_url).port
        assert port is not None
        with pytest.raises(OSError, match="in use"), Sandbox(port=port):
            pass

    def test_no_place_for_files_is_an_error(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "absent"))
        with pytest.raises(FileNotFoundError), Sandbox():
            pass

    def test_records_requests_without_the_token(self) -> None:
        with Sandbox(api_token="r8_secret") as sandbox, client_of(sandbox) as client:
            client.post("/predictions?a=1", content=b'{"x": 1}', headers={"X-Mine": "yes"})
            request = sandbox.requests[0]
        assert (request.method, request.path, request.query) == (
            "POST",
            "/v1/predictions",
            {"a": "1"},
        )
        assert request.headers["x-mine"] == "yes"
        assert request.headers["authorization"] == "Bearer [hidden]"
        assert (request.body, request.size) == (b'{"x": 1}', 8)
        assert "r8_secret" not in repr(request)


class TestErrors:
    @pytest.mark.parametrize("path", ["/account", "/predictions", "/nowhere"])
    def test_a_token_is_needed(self, sandbox: Sandbox, path: str) -> None:
        url = sandbox.base_url + path
        absent = httpx.get(url, trust_env=False)
        wrong = httpx.get(url, headers={"Authorization": "Bearer r8_other"}, trust_env=False)
        for answer, article in ((absent, "an"), (wrong, "a valid")):
            assert answer.status_code == 401
            assert answer.headers["content-type"] == "application/problem+json"
            assert "ratelimit-remaining" not in answer.headers
            assert answer.json() == {
                "title": "Unauthenticated",
                "detail": f"You did not pass {article} authentication token",
                "status": 401,
            }

    @pytest.mark.parametrize(
        "path", ["/predictions/none", "/models/no/body", "/nowhere", "/predictions/"]
    )
    def test_not_found(self, client: httpx.Client, path: str) -> None:
        answer = client.get(path)
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json() == {
            "detail": "The requested resource could not be found.",
            "status": 404,
        }

    def test_not_found_in_plain_json(self, client: httpx.Client) -> None:
        version = client.get(f"/models/{HELLO}/versions/undefined")
        assert (version.status_code, version.json()) == (404, {"detail": "Not found."})
        file = client.get("/files/none")
        assert (file.status_code, file.json()) == (404, {"detail": "File not found"})
        cursor = client.get("/predictions?cursor=bm9uc2Vuc2U")
        assert (cursor.status_code, cursor.json()) == (404, {"detail": "Invalid cursor"})

    def test_without_v1(self, sandbox: Sandbox) -> None:
        answer = httpx.get(sandbox.base_url.removesuffix("/v1") + "/account", trust_env=False)
        assert answer.status_code == 404
        assert answer.headers["content-type"].startswith("text/plain")

    def test_wrong_method(self, client: httpx.Client) -> None:
        answer = client.put("/account")
        assert (answer.status_code, answer.json()) == (405, {"detail": 'Method "PUT" not allowed.'})

    @pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"version": NaN}'])
    def test_malformed_json(self, client: httpx.Client, body: bytes) -> None:
        assert client.post("/predictions", content=body).status_code == 400

    @pytest.mark.parametrize("version", ["0" * 64, "no/body", f"{HELLO}:{'0' * 64}", "a/b/c", ""])
    def test_invalid_version(self, client: httpx.Client, version: str) -> None:
        answer = create(client, version, text="x")
        assert answer.status_code == 422
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json() == {
            "title": "Invalid version or not permitted",
            "detail": "The specified version does not exist "
            "(or perhaps you don't have permission to use it?)",
            "status": 422,
        }

    def test_the_body_is_checked(self, client: httpx.Client) -> None:
        answer = client.post("/predictions", json={"model": HELLO, "input": {"text": "x"}})
        assert answer.status_code == 422
        assert answer.json() == {
            "detail": "- version is required\n- Additional property model is not allowed\n",
            "status": 422,
            "title": "Input validation failed",
            "invalid_fields": [
                {"type": "required", "field": "", "description": "version is required"},
                {
                    "type": "additional_property_not_allowed",
                    "field": "",
                    "description": "Additional property model is not allowed",
                },
            ],
        }

    def test_the_input_is_checked(self, client: httpx.Client) -> None:
        answer = create(client, "sandbox/posterize", WAIT, bits=9)
        assert answer.status_code == 422
        assert answer.headers["preference-applied"] == "wait=60"
        assert answer.json() == {
            "detail": "- input: image is required\n- input.bits: Must be less than or equal to 8\n",
            "status": 422,
            "title": "Input validation failed",
            "invalid_fields": [
                {"type": "required", "field": "input", "description": "image is required"},
                {
                    "type": "number_lte",
                    "field": "input.bits",
                    "description": "Must be less than or equal to 8",
                },
            ],
        }

    @pytest.mark.parametrize(
        ("values", "kind", "field", "description"),
        [
            (
                {"size": 1},
                "enum",
                "input.size",
                'size must be one of the following: "small", "large"',
            ),
            (
                {"number": "x"},
                "invalid_type",
                "input.number",
                "Invalid type. Expected: integer, given: string",
            ),
            (
                {"number": 0},
                "number_gte",
                "input.number",
                "Must be greater than or equal to 1",
            ),
            ({"file": "nonsense"}, "format", "input.file", "Does not match format 'uri'"),
            (
                {"words": ["a", None]},
                "invalid_type",
                "input.words.1",
                "Invalid type. Expected: string, given: null",
            ),
        ],
    )
    def test_words_of_a_violation(
        self, everything: httpx.Client, values: JSON, kind: str, field: str, description: str
    ) -> None:
        answer = create(everything, "me/everything", **({"number": 1} | values))
        invalid = [item for item in answer.json()["invalid_fields"] if item["type"] == kind]
        assert invalid == [{"type": kind, "field": field, "description": description}]


Size = Literal["small", "large"]


class Report(TypedDict):
    text: str
    picture: Path


def everything_model(
    number: Annotated[int, Input(description="How many", ge=1)],
    text: str = "none",
    size: Size = "small",
    ratio: float | None = None,
    words: list[str] | None = None,
    file: Path | None = None,
    flag: bool = False,  # noqa: FBT001, FBT002 - the same
) -> Report:
    """Take everything.

    Then nothing.
    """
    raise NotImplementedError((number, text, size, ratio, words, file, flag))


@pytest.fixture(scope="module")
def everything() -> Iterator[httpx.Client]:
    with Sandbox({"me/everything": everything_model}) as sandbox, client_of(sandbox) as client:
        yield client


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

    def test_hello_world_is_shaped_like_the_real_one(self, client: httpx.Client) -> None:
        schemas = json.loads(recording("../schemas/replicate__hello-world.json"))
        real = schemas["openapi_schema"]["components"]["schemas"]
        mine = client.get(f"/models/{HELLO}").json()["latest_version"]
        shown = mine["openapi_schema"]["components"]["schemas"]
        for schema in (real, shown):
            del schema["Input"]["properties"]["text"]["description"]
        assert shown["Input"] == real["Input"]
        assert shown["Output"] == real["Output"]

    def test_model_is_shaped_like_a_real_one(self, client: httpx.Client) -> None:
        cassette = yaml.safe_load(recording("predictions-cancel.yaml"))
        bodies = [item["response"] for item in cassette["interactions"]]
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

    def test_version_ids_are_always_the_same(self, client: httpx.Client) -> None:
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
    def test_a_bad_name_is_refused(self, name: str) -> None:
        with pytest.raises(ValueError, match="owner/name"):
            Sandbox({name: double})

    def test_a_parameter_needs_a_type_that_json_knows(self) -> None:
        sandbox = Sandbox()
        with pytest.raises(TypeError, match="needs a type"):
            sandbox.model("me/untyped")(lambda text: text)

        def odd(number: complex) -> str:
            return str(number)

        with pytest.raises(TypeError, match="complex"):
            sandbox.model("me/odd")(odd)

        def positional(text: str, /) -> str:
            return text

        with pytest.raises(TypeError, match="keywords"):
            sandbox.model("me/positional")(positional)


class TestPredictions:
    def test_create_answers_at_once(self, client: httpx.Client) -> None:
        answer = create(client, HELLO, text="you")
        body = answer.json()
        assert answer.status_code == 201
        assert "preference-applied" not in answer.headers
        assert (body["status"], body["output"], body["logs"]) == ("starting", None, "")
        assert re.fullmatch("[a-z0-9]{26}", body["id"])
        assert STAMP.fullmatch(body["created_at"])
        assert body["urls"]["get"] == f"{client.base_url}predictions/{body['id']}"

    def test_then_it_succeeds(self, client: httpx.Client) -> None:
        created = create(client, HELLO, text="you").json()
        body = finish(client, created["id"])
        assert body["status"] == "succeeded"
        assert body["output"] == "hello you"
        assert body["created_at"] == created["created_at"]
        assert STAMP.fullmatch(body["started_at"])
        assert STAMP.fullmatch(body["completed_at"])
        assert 0 < body["metrics"]["predict_time"] <= body["metrics"]["total_time"] < 5

    def test_bodies_are_shaped_like_recorded_ones(self, client: httpx.Client) -> None:
        created = create(client, HELLO, text="x").json()
        final = finish(client, created["id"])
        # `stream` is there only for models that stream.
        for mine, name in ((created, "text-to-speech-basic-1"), (final, "text-to-speech-basic-2")):
            real = json.loads(recording(f"{name}.json"))
            assert mine.keys() == real.keys()
            assert mine["urls"].keys() == real["urls"].keys() - {"stream"}
            assert mine.get("metrics", {}).keys() == real.get("metrics", {}).keys()

    @pytest.mark.parametrize(
        ("nanoseconds", "text"),
        [
            (0, "1970-01-01T00:00:00Z"),
            (1_700_000_000_100_000_000, "2023-11-14T22:13:20.1Z"),
            (1_700_000_000_000_000_001, "2023-11-14T22:13:20.000000001Z"),
        ],
    )
    def test_time_stamps_have_no_trailing_zeros(self, nanoseconds: int, text: str) -> None:
        assert _stamps.rfc3339(nanoseconds) == text

    @pytest.mark.parametrize(
        ("prefer", "applied"),
        [("wait", "wait=60"), ("wait=10", "wait=10"), ("respond-async, wait=1", "wait=1")],
    )
    def test_prefer_wait_holds_the_answer(
        self, client: httpx.Client, prefer: str, applied: str
    ) -> None:
        answer = create(client, HELLO, {"Prefer": prefer}, text="you")
        body = answer.json()
        assert answer.status_code == 201
        assert answer.headers["preference-applied"] == applied
        assert (body["status"], body["output"], body["logs"]) == ("processing", "hello you", "")
        assert body.keys().isdisjoint({"started_at", "completed_at", "metrics"})
        assert client.get(f"/predictions/{body['id']}").json()["status"] == "succeeded"

    @pytest.mark.parametrize("prefer", ["wait=0", "wait=61", "waiting", "return=minimal"])
    def test_other_preferences_are_passed_over(self, client: httpx.Client, prefer: str) -> None:
        answer = create(client, HELLO, {"Prefer": prefer}, text="you")
        assert "preference-applied" not in answer.headers
        assert answer.json()["status"] == "starting"

    def test_a_wait_that_is_too_short(self, client: httpx.Client) -> None:
        answer = create(client, STORY, {"Prefer": "wait=1"}, prompt="x", delay=60)
        body = answer.json()
        assert answer.status_code == 202
        assert answer.headers["location"] == body["urls"]["get"]
        assert answer.headers["reason"] == "wait time exceeded"
        assert answer.headers["preference-applied"] == "wait=1"
        assert "ratelimit-remaining" not in answer.headers
        assert (body["status"], body["output"]) == ("starting", None)
        client.post(f"/predictions/{body['id']}/cancel")

    def test_a_failure(self, local: Local) -> None:
        @local.sandbox.model("me/broken")
        def broken() -> str:
            raise ValueError("the cat sat on the GPU")

        held = create(local.client, "me/broken", WAIT)
        assert held.status_code == 201
        later = finish(local.client, create(local.client, "me/broken").json()["id"])
        for body in (held.json(), later):
            assert (body["status"], body["output"]) == ("failed", None)
            assert body["error"] == "the cat sat on the GPU"

    @pytest.mark.parametrize(
        ("path", "version", "shown"),
        [
            ("/predictions", "{id}", "{id}"),
            ("/predictions", f"{HELLO}:{{id}}", "{id}"),
            ("/predictions", HELLO, "hidden"),
            (f"/models/{HELLO}/predictions", None, "hidden"),
        ],
    )
    def test_ways_to_name_a_model(
        self, client: httpx.Client, path: str, version: str | None, shown: str
    ) -> None:
        id_ = client.get(f"/models/{HELLO}").json()["latest_version"]["id"]
        body: JSON = {"input": {"text": "x"}}
        if version is not None:
            body["version"] = version.format(id=id_)
        created = client.post(path, json=body, headers=WAIT).json()
        assert (created["model"], created["version"]) == (HELLO, shown.format(id=id_))
        assert created["output"] == "hello x"

    def test_a_community_model_needs_a_version(self, local: Local) -> None:
        local.sandbox.model("me/community", official=False)(double)
        path = "/models/me/community"
        by_name = local.client.post(f"{path}/predictions", json={"input": {"number": 1}})
        assert by_name.status_code == 404
        assert create(local.client, "me/community", number=1).status_code == 422
        version = local.client.get(path).json()["latest_version"]["id"]
        assert output(local.client, version, number=1) == 2

    def test_inputs_a_model_does_not_have_are_ignored(self, client: httpx.Client) -> None:
        assert output(client, HELLO, text="you", mood="good") == "hello you"

    def test_stories_depend_on_the_prompt_alone(self, client: httpx.Client) -> None:
        stories = ["".join(output(client, STORY, prompt=name, delay=0)) for name in ("a", "a", "b")]
        assert stories[0] == stories[1] != stories[2]
        assert stories[0].startswith("Once upon a time")
        assert len(output(client, STORY, prompt="a", max_tokens=7, delay=0)) == 7

    @pytest.mark.parametrize("kind", ["generator", "asynchronous generator"])
    def test_output_grows_while_a_model_yields(self, local: Local, kind: str) -> None:
        step = threading.Semaphore(0)

        def count() -> Iterator[str]:
            for word in ("one", "two"):
                yield word
                step.acquire(timeout=5)

        async def count_async() -> AsyncIterator[str]:
            for word in count():
                yield word
                await asyncio.to_thread(step.acquire, timeout=5)
                step.release()

        local.sandbox.model("me/count")(count if kind == "generator" else count_async)
        url = f"/predictions/{create(local.client, 'me/count').json()['id']}"

        def seen(words: list[str]) -> JSON:
            body = local.client.get(url).json()
            return body if body["output"] == words else None

        assert until(lambda: seen(["one"]))["status"] == "processing"
        step.release(2)
        until(lambda: seen(["one", "two"]))
        step.release(2)
        assert finish(local.client, url.rpartition("/")[2])["output"] == ["one", "two"]

    def test_rate_limit_headers(self, client: httpx.Client) -> None:
        created = create(client, HELLO, text="x")
        id_ = created.json()["id"]
        for answer, remaining in (
            (created, "599"),
            (create(client, HELLO), "599"),
            (client.get(f"/predictions/{id_}"), "59999"),
            (client.post(f"/predictions/{id_}/cancel"), "2999"),
            (client.get("/predictions"), "2999"),
            (client.get("/models"), "2999"),
            (client.get("/files"), None),
        ):
            assert answer.headers.get("ratelimit-remaining") == remaining
            assert answer.headers.get("ratelimit-reset") == (None if remaining is None else "1")

    def test_the_list(self, local: Local) -> None:
        ids = [create(local.client, HELLO, text="x").json()["id"] for _ in range(101)]

        def listed(page: JSON) -> list[str]:
            return [item["id"] for item in page["results"]]

        first = local.client.get("/predictions").json()
        assert listed(first) == ids[:0:-1]
        assert first["previous"] is None
        assert "logs" not in first["results"][0]
        last = local.client.get(first["next"]).json()
        assert listed(last) == ids[:1]
        assert last["next"] is None
        assert listed(local.client.get(last["previous"]).json()) == listed(first)

    def test_the_list_can_be_narrowed(self, local: Local) -> None:
        first = create(local.client, HELLO, text="x").json()
        moment = datetime.fromisoformat(first["created_at"])
        until(lambda: datetime.now(UTC) - moment > timedelta(milliseconds=1) or None)
        second = create(local.client, HELLO, text="x").json()

        def listed(**query: str) -> list[str]:
            results = local.client.get("/predictions", params=query).json()["results"]
            return [item["id"] for item in results]

        assert listed(created_after=second["created_at"]) == [second["id"]]
        assert listed(created_before=second["created_at"]) == [first["id"]]
        assert listed(source="web") == []
        assert local.client.get("/predictions?created_after=soon").status_code == 422


class TestCancel:
    def test_a_coroutine_is_stopped(self, local: Local) -> None:
        running, stopped = threading.Event(), threading.Event()

        @local.sandbox.model("me/sleep")
        async def sleep() -> str:
            running.set()
            try:
                await asyncio.sleep(60)
            finally:
                stopped.set()
            return "rested"

        id_ = create(local.client, "me/sleep").json()["id"]
        assert running.wait(5)
        answer = local.client.post(f"/predictions/{id_}/cancel")
        body = answer.json()
        assert answer.status_code == 200
        assert (body["status"], body["output"], body["logs"]) == ("canceled", None, None)
        assert STAMP.fullmatch(body["completed_at"])
        assert stopped.wait(5)
        later = local.client.get(f"/predictions/{id_}").json()
        assert (later["status"], later["output"]) == ("canceled", None)
        assert later["completed_at"] == body["completed_at"]

    def test_a_generator_is_stopped_where_it_yields(self, local: Local) -> None:
        running, resume, stopped = threading.Event(), threading.Event(), threading.Event()

        @local.sandbox.model("me/count")
        def count() -> Iterator[str]:
            try:
                yield "one"
                running.set()
                resume.wait(5)
                yield "two"
                raise AssertionError("not stopped")
            except GeneratorExit:
                stopped.set()
                raise

        id_ = create(local.client, "me/count").json()["id"]
        assert running.wait(5)
        local.client.post(f"/predictions/{id_}/cancel")
        resume.set()
        assert stopped.wait(5)
        assert local.client.get(f"/predictions/{id_}").json()["output"] is None

    def test_what_a_function_returns_too_late_is_dropped(self, local: Local) -> None:
        running, resume, ended = threading.Event(), threading.Event(), threading.Event()

        @local.sandbox.model("me/slow")
        def slow() -> str:
            running.set()
            resume.wait(5)
            ended.set()
            return "late"

        id_ = create(local.client, "me/slow").json()["id"]
        assert running.wait(5)
        local.client.post(f"/predictions/{id_}/cancel")
        resume.set()
        assert ended.wait(5)
        body = local.client.get(f"/predictions/{id_}").json()
        assert (body["status"], body["output"]) == ("canceled", None)

    def test_the_reply_is_shaped_like_the_recorded_one(self, client: httpx.Client) -> None:
        cassette = yaml.safe_load(recording("predictions-cancel.yaml"))
        [real] = [
            json.loads(item["response"]["content"])
            for item in cassette["interactions"]
            if item["request"]["uri"].endswith("/cancel")
        ]
        id_ = create(client, STORY, prompt="x", delay=60).json()["id"]
        until(lambda: client.get(f"/predictions/{id_}").json().get("started_at"))
        mine = client.post(f"/predictions/{id_}/cancel").json()
        # Django's; no longer there in newer replies.
        assert real.keys() - mine.keys() == {"webhook_completed"}
        assert mine["metrics"].keys() == real["metrics"].keys()
        assert (mine["status"], mine["logs"]) == (real["status"], real["logs"])

    def test_what_has_ended_stays_as_it_is(self, client: httpx.Client) -> None:
        before = finish(client, create(client, HELLO, text="x").json()["id"])
        assert client.post(f"/predictions/{before['id']}/cancel").json() == before
        assert client.post("/predictions/none/cancel").status_code == 404

    @pytest.mark.parametrize(
        ("header", "seconds"),
        [("30", 30), ("30s", 30), ("5m", 300), ("1h30m45s", 5445), ("24h", 86_400)],
    )
    def test_cancel_after_sets_a_deadline(
        self, client: httpx.Client, header: str, seconds: int
    ) -> None:
        body = create(client, HELLO, {"Cancel-After": header}, text="x").json()
        created, deadline = (
            datetime.fromisoformat(body[key]) for key in ("created_at", "deadline")
        )
        assert deadline - created == timedelta(seconds=seconds)
        assert finish(client, body["id"])["deadline"] == body["deadline"]

    @pytest.mark.parametrize("header", ["4", "4s", "25h", "", "soon", "-5", "1h30", "5.5s"])
    def test_bad_cancel_after(self, client: httpx.Client, header: str) -> None:
        answer = create(client, HELLO, {"Cancel-After": header}, text="x")
        assert answer.status_code == 422

    def test_the_deadline_is_kept(self, local: Local, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(_preferences, "SHORTEST_LIFETIME", 1)
        resume = threading.Event()

        def slow() -> str:
            resume.wait(10)
            return "late"

        local.sandbox.model("me/cold", boot_time=60)(double)
        local.sandbox.model("me/slow")(slow)
        headers = {"Cancel-After": "1s"}
        cold = create(local.client, "me/cold", headers, number=1).json()
        warm = create(local.client, STORY, headers, prompt="x", delay=60).json()
        deaf = create(local.client, "me/slow", headers).json()
        assert finish(local.client, cold["id"])["status"] == "aborted"
        assert finish(local.client, warm["id"])["status"] == "canceled"
        assert finish(local.client, deaf["id"])["status"] == "canceled"
        resume.set()


class TestFiles:
    def test_upload_show_list_delete(self, local: Local) -> None:
        content = b"a\r\n--+++--\r\nb" * 1000
        part = {"content": ("notes.txt", content, "text/plain")}
        answer = local.client.post("/files", files=part)
        body = answer.json()
        assert answer.status_code == 201
        assert body["name"] == "notes.txt"
        assert body["content_type"] == "text/plain"
        assert body["size"] == len(content)
        assert body["checksums"] == {
            "sha256": hashlib.sha256(content).hexdigest(),
            "md5": hashlib.md5(content, usedforsecurity=False).hexdigest(),
        }
        assert body["etag"] == body["checksums"]["md5"]
        created, expires = (
            datetime.fromisoformat(body[f"{key}_at"]) for key in ("created", "expires")
        )
        assert expires - created == timedelta(hours=24)
        url = body["urls"]["get"]
        assert local.client.get(url).json() == body
        assert local.client.get("/files").json()["results"] == [body]
        deleted = local.client.delete(url)
        assert (deleted.status_code, deleted.content) == (204, b"")
        assert local.client.get(url).status_code == 404
        assert local.client.get("/files").json()["results"] == []

    def test_is_shaped_like_the_recorded_one(self, client: httpx.Client) -> None:
        cassette = yaml.safe_load(recording("file-operations.yaml"))
        real = json.loads(cassette["interactions"][0]["response"]["body"]["string"])
        part = {"content": (real["name"], b"", real["content_type"])}
        mine = client.post("/files", files=part).json()
        changing = {"id", "urls", "created_at", "expires_at"}
        assert {key: mine[key] for key in mine.keys() - changing} == {
            key: real[key] for key in real.keys() - changing
        }
        assert len(mine["id"]) == len(real["id"])

    @pytest.mark.parametrize("filename", [None, "blob"])
    def test_metadata(self, client: httpx.Client, filename: str | None) -> None:
        def upload(metadata: bytes) -> httpx.Response:
            part = (filename, metadata, "application/json")
            return client.post("/files", files={"content": b"x", "metadata": part})

        assert upload(b'{"a": [1]}').json()["metadata"] == {"a": [1]}
        assert upload(b"[1]").status_code == 422
        assert upload(b"{").status_code == 422

    def test_refused_uploads(self, client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
        assert client.post("/files", files={"other": b"x"}).status_code == 422
        assert client.post("/files", json={"content": "x"}).status_code == 422
        long = {"content": ("x" * 256, b"x")}
        assert client.post("/files", files=long).status_code == 422
        multipart = {"Content-Type": "multipart/form-data"}
        assert client.post("/files", content=b"x", headers=multipart).status_code == 400
        monkeypatch.setattr(_uploads, "MAX_SIZE", 10)
        answer = client.post("/files", files={"content": b"x" * 11})
        assert answer.status_code == 413
        assert answer.json() == {"detail": "Files must be less than 100MB in size"}

    def test_files_expire(self, client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
        url = client.post("/files", files={"content": b"x"}).json()["urls"]["get"]
        monkeypatch.setattr(_uploads, "LIFETIME", 0)
        assert client.get(url).status_code == 404

    def test_names_are_no_paths(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
        with Sandbox() as sandbox, client_of(sandbox) as client:
            part = {"content": ("../../evil.txt", b"x", "text/plain")}
            body = client.post("/files", files=part).json()
            [stored] = tmp_path.rglob("evil.txt")
        assert body["name"] == "evil.txt"
        assert stored.parent.name == body["id"]

    @pytest.mark.parametrize("kind", ["data URI", "upload", "output", "output elsewhere"])
    def test_a_picture_goes_in_and_comes_out(self, local: Local, kind: str) -> None:
        content = png((200, 100, 50))
        with Sandbox() as other, client_of(other) as elsewhere:
            match kind:
                case "data URI":
                    url = data_uri(content, "image/png")
                case "upload":
                    part = {"content": ("a.png", content, "image/png")}
                    url = local.client.post("/files", files=part).json()["urls"]["get"]
                case _:
                    maker = local.client if kind == "output" else elsewhere
                    image = data_uri(content, "image/png")
                    url = output(maker, "sandbox/posterize", image=image, bits=8)
            result = output(local.client, "sandbox/posterize", image=url)
        answer = httpx.get(result, trust_env=False)
        assert answer.headers["content-type"] == "image/png"
        with Image.open(io.BytesIO(answer.content)) as picture:
            assert picture.size == (4, 3)
            assert picture.getpixel((0, 0)) == (192, 64, 0)

    def test_outputs_are_served_without_a_token(self, local: Local) -> None:
        @local.sandbox.model("me/echo")
        def echo(file: bytes) -> bytes:
            return file

        url = output(local.client, "me/echo", file=data_uri(b"0123456789"))
        assert not url.startswith(local.sandbox.base_url)
        answer = httpx.get(url, trust_env=False)
        assert answer.content == b"0123456789"
        assert answer.headers["accept-ranges"] == "bytes"
        digest = hashlib.md5(b"0123456789", usedforsecurity=False).hexdigest()
        assert answer.headers["etag"] == f'"{digest}"'
        part = httpx.get(url, headers={"Range": "bytes=2-4"}, trust_env=False)
        assert (part.status_code, part.content) == (206, b"234")
        assert httpx.head(url, trust_env=False).headers["content-length"] == "10"
        assert httpx.get(f"{url}x", trust_env=False).status_code == 404

    def test_files_anywhere_in_inputs_and_outputs(self, local: Local, tmp_path: Path) -> None:
        @local.sandbox.model("me/join")
        async def join(parts: list[Path], last: File) -> Report:
            text = "".join(part.read_text() for part in [*parts, last.path])
            joined = tmp_path / "joined.txt"
            joined.write_text(text)
            return {"text": last.content_type, "picture": joined}

        parts = [data_uri(b"one "), "data:,two%20"]
        report = output(local.client, "me/join", parts=parts, last="data:text/csv,three")
        assert report["text"] == "text/csv"
        assert report["picture"].endswith("/joined.txt")
        answer = httpx.get(report["picture"], trust_env=False)
        assert answer.text == "one two three"
        assert answer.headers["content-type"].startswith("text/plain")

    def test_a_model_may_yield_files(self, local: Local, tmp_path: Path) -> None:
        @local.sandbox.model("me/pages")
        def pages() -> Iterator[File]:
            for name in ("a.bin", "b.bin"):
                (tmp_path / name).write_text(name)
                yield File(tmp_path / name, content_type="audio/wav")

        answers = [httpx.get(url, trust_env=False) for url in output(local.client, "me/pages")]
        assert [answer.text for answer in answers] == ["a.bin", "b.bin"]
        assert answers[0].headers["content-type"] == "audio/wav"

    @pytest.mark.parametrize(
        ("url", "error"),
        [
            ("https://example.com/a.png", "not those on 'example.com'"),
            ("data:broken", "data"),
            ("http://127.0.0.1:1/", "connect"),
            ("file:///etc/passwd", "only files on this machine"),
        ],
    )
    def test_a_file_that_cannot_be_had(self, client: httpx.Client, url: str, error: str) -> None:
        body = create(client, "sandbox/posterize", WAIT, image=url).json()
        assert body["status"] == "failed"
        assert error in body["error"]

    @pytest.mark.parametrize("value", [object(), float("nan"), {"a": [1j]}])
    def test_an_output_that_is_no_json(self, local: Local, value: object) -> None:
        @local.sandbox.model("me/odd")
        def odd() -> object:
            return value

        body = create(local.client, "me/odd", WAIT).json()
        assert body["status"] == "failed"
        assert body["error"].startswith("The model returned")


def python(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603 - what it runs stands in this file
        [sys.executable, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def refuses(url: str, token: str) -> bool:
    headers = {"Authorization": f"Bearer {token}"}
    try:
        return not httpx.get(f"{url}/account", headers=headers, trust_env=False).is_success
    except httpx.TransportError:
        return True


class TestCommand:
    @pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
    def test_serves_until_it_is_told_to_end(
        self, ending: signal.Signals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("TMPDIR", str(tmp_path))
        with python("-m", "replicate_ext.sandbox") as process:
            assert process.stdout is not None
            shown = "".join(iter(process.stdout.readline, "Ctrl-C ends it.\n"))
            url, token = re.findall(r"^(?:Base URL|API token) +(\S+)$", shown, re.MULTILINE)
            headers = {"Authorization": f"Bearer {token}"}
            assert httpx.get(f"{url}/account", headers=headers, trust_env=False).is_success
            assert HELLO in shown
            assert list(tmp_path.iterdir())
            process.send_signal(ending)
            # An impatient second one, while it ends.
            until(lambda: refuses(url, token) or process.poll() is not None or None)
            process.send_signal(ending)
            assert process.communicate(timeout=5)[1] == ""
        assert process.returncode == 0
        assert not list(tmp_path.iterdir())

    def test_a_taken_port(self, sandbox: Sandbox) -> None:
        port = str(httpx.URL(sandbox.base_url).port)
        with python("-m", "replicate_ext.sandbox", "--port", port) as process:
            errors = process.communicate(timeout=10)[1]
        assert process.returncode == 2
        assert "cannot listen" in errors
        assert "Traceback" not in errors

    @pytest.mark.parametrize("name", ["starlette", "uvicorn", "python_multipart", "PIL"])
    def test_without_the_extra(self, name: str) -> None:
        code = f"import sys; sys.modules[{name!r}] = None; import replicate_ext.sandbox"
        with python("-c", code) as process:
            errors = process.communicate(timeout=10)[1]
        assert "pip install 'replicate-ext[sandbox]'" in errors.splitlines()[-1]

    def test_imports_nothing_else_of_the_package(self) -> None:
        code = (
            "import sys, replicate_ext; before = set(sys.modules); import replicate_ext.sandbox; "
            "print(*(set(sys.modules) - before))"
        )
        with python("-c", code) as process:
            names = process.communicate(timeout=10)[0].split()
        own = [name for name in names if name.startswith("replicate")]
        assert own
        assert all(name.startswith("replicate_ext.sandbox") for name in own)
