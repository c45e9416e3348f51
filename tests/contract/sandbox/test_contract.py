"""Validation of requests and responses of the sandbox against the API's document."""

import json
import logging
import threading
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import (
    FileResponse,
    JSONResponse,
    PlainTextResponse,
    Response,
    StreamingResponse,
)
from support.sandboxes import HELLO, JSON, WAIT, Local, client_of, create, finish

from replicate_ext.sandbox import Fault, Sandbox
from replicate_ext.sandbox._resources.account import AccountRoutes
from replicate_ext.sandbox._resources.versions import VersionRoutes

DOCUMENT: JSON = json.loads(resources.files("replicate_api").joinpath("openapi.json").read_text())

DEPLOYMENT = {
    "name": "mine",
    "model": HELLO,
    "hardware": "cpu",
    "min_instances": 0,
    "max_instances": 1,
}


class WithBody(NamedTuple):
    """An operation with a JSON body."""

    id: str
    method: str
    path: str
    schema: JSON


def with_body() -> Iterator[WithBody]:
    for path, methods in DOCUMENT["paths"].items():
        for method, part in methods.items():
            content = part.get("requestBody", {}).get("content", {})
            if "application/json" in content:
                name = content["application/json"]["schema"]["$ref"].rpartition("/")[2]
                schema = DOCUMENT["components"]["schemas"][name]
                yield WithBody(part["operationId"], method, path, schema)


@pytest.fixture(scope="module")
def places() -> Iterator[tuple[httpx.Client, Mapping[str, str]]]:
    """A client, and an existing value for each path parameter."""
    with Sandbox(strict=True) as sandbox, client_of(sandbox) as client:
        version = client.get(f"/models/{HELLO}").json()["latest_version"]["id"]
        deployment = client.post("/deployments", json={**DEPLOYMENT, "version": version})
        assert deployment.status_code == 200
        owner, _, name = HELLO.partition("/")
        yield (
            client,
            {
                "model_owner": owner,
                "model_name": name,
                "version_id": version,
                "deployment_owner": deployment.json()["owner"],
                "deployment_name": "mine",
            },
        )


class TestRequests:
    @pytest.mark.parametrize("operation", list(with_body()), ids=lambda operation: operation.id)
    def test_every_json_body_is_validated(
        self, operation: WithBody, places: tuple[httpx.Client, Mapping[str, str]]
    ) -> None:
        client, names = places
        path = operation.path.format(**names)

        def sent(content: bytes, kind: str = "application/json") -> httpx.Response:
            headers = {"content-type": kind}
            return client.request(operation.method, path, content=content, headers=headers)

        deep = b'{"a":' * 600 + b"1" + b"}" * 600
        numbers = (b'{"a": NaN}', b'{"a": 1e400}', b'{"a": %s}' % (b"9" * 5_000))
        for unreadable in (b"", b"{", b"\xff", b"[" * 100_000, deep, *numbers):
            assert sent(unreadable).status_code == 400
        [mistyped] = sent(b"[]").json()["invalid_fields"]
        assert mistyped["description"] == "Invalid type. Expected: object, given: array"
        required = operation.schema.get("required", [])
        if required:
            absent = sent(b"{}").json()["invalid_fields"]
            assert sorted(field["description"] for field in absent) == sorted(
                f"{name} is required" for name in required
            )
        wrong = dict.fromkeys(operation.schema["properties"], None)
        response = sent(json.dumps(wrong).encode())
        assert response.status_code == 422
        assert response.json()["title"] == "Input validation failed"
        assert {field["field"] for field in response.json()["invalid_fields"]} == wrong.keys()
        [field] = sent(b"{}", "application/x-www-form-urlencoded").json()["invalid_fields"]
        assert field == {
            "type": "format",
            "field": "Content-Type",
            "description": "Must be application/json",
        }

    @pytest.mark.parametrize(
        ("method", "path", "status", "detail"),
        [
            ("GET", "/models?sort_by=name", 422, "- sort_by: sort_by must be one of the following"),
            ("GET", "/models?sort_direction=up", 422, "- sort_direction: sort_direction must be"),
            ("GET", "/predictions?source=api", 422, "- source: source must be one of the foll"),
            ("GET", "/predictions?created_after=x", 422, "- created_after: Does not match format"),
            ("GET", "/search", 400, "- query is required"),
            ("GET", "/search?query=x&limit=51", 400, "- limit: Must be less than or equal to 50"),
            ("GET", "/search?query=x&limit=1e1", 400, "- limit: Invalid type. Expected: integer"),
            ("GET", "/files/x/download", 422, "- owner is required\n- expiry is required"),
        ],
    )
    def test_parameters_are_validated(
        self, client: httpx.Client, method: str, path: str, status: int, detail: str
    ) -> None:
        response = client.request(method, path)
        assert (response.status_code, response.json()["detail"][: len(detail)]) == (status, detail)

    @pytest.mark.parametrize(
        ("method", "path", "kind"),
        [("POST", "/files", "application/json"), ("QUERY", "/models", "application/json")],
    )
    def test_forms_and_texts_need_their_content_type(
        self, client: httpx.Client, method: str, path: str, kind: str
    ) -> None:
        response = client.request(method, path, content=b"{}", headers={"content-type": kind})
        assert response.status_code == 422
        assert [field["field"] for field in response.json()["invalid_fields"]] == ["Content-Type"]

    @pytest.mark.parametrize(("method", "path"), [("POST", "/files"), ("QUERY", "/models")])
    def test_forms_and_texts_are_required(
        self, client: httpx.Client, method: str, path: str
    ) -> None:
        response = client.request(method, path)
        assert response.status_code == 422
        assert response.json()["detail"] == "- a body is required\n"

    def test_a_head_request_is_validated_as_a_get(self, client: httpx.Client) -> None:
        for path, status in (("/predictions?created_after=x", 422), ("/predictions", 200)):
            assert client.get(path).status_code == status
            response = client.head(path)
            assert (response.status_code, response.content) == (status, b"")

    def test_an_empty_text_is_a_body(self, client: httpx.Client) -> None:
        response = client.request("QUERY", "/models", headers={"content-type": "text/plain"})
        assert response.status_code == 200

    def test_an_invalid_preference_is_ignored(self, client: httpx.Client) -> None:
        headers = {"Prefer": "wait=999, respond-async"}
        assert create(client, HELLO, headers, text="x").status_code == 201

    def test_an_unknown_webhook_event_is_rejected(self, client: httpx.Client) -> None:
        body = {"version": HELLO, "input": {"text": "x"}, "webhook_events_filter": ["end"]}
        [field] = client.post("/predictions", json=body).json()["invalid_fields"]
        assert field == {
            "type": "enum",
            "field": "webhook_events_filter.0",
            "description": '0 must be one of the following: "start", "output", "logs", "completed"',
        }

    def test_more_specific_errors_come_first(self, client: httpx.Client, sandbox: Sandbox) -> None:
        wrong: JSON = {"input": None}
        url = f"{sandbox.base_url}/predictions?source=x"
        assert httpx.post(url, json=wrong, trust_env=False).status_code == 401
        for path in ("/nowhere", "/models/no/body/predictions"):
            assert client.post(path, json=wrong).status_code == 404
        assert client.put("/predictions", json=wrong).status_code == 405


def answering(response: Response, monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace the response of `account.get`, from the next start of a sandbox."""

    async def answer(_routes: AccountRoutes, _request: Request) -> Response:
        return response

    monkeypatch.setattr(AccountRoutes, "_get", answer)


class TestResponses:
    @pytest.mark.parametrize(
        ("response", "fault"),
        [
            (JSONResponse({"type": "user"}), "the body: username is required"),
            (
                JSONResponse({"type": "robot", "username": "x"}),
                'type: type must be one of the following: "organization", "user"',
            ),
            (
                JSONResponse({"type": "user", "username": "x"}, 202),
                "the status 202 is not one of 200",
            ),
            (
                PlainTextResponse("hello"),
                "the content type 'text/plain' is not one of application/json",
            ),
            (
                PlainTextResponse("", 404),
                (
                    "the content type 'text/plain' is not one of application/problem+json, "
                    "application/json"
                ),
            ),
            (JSONResponse("no", 404), "the body: Invalid type. Expected: object, given: string"),
        ],
    )
    def test_an_invalid_response_becomes_a_500(
        self,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
        response: Response,
        fault: str,
    ) -> None:
        answering(response, monkeypatch)
        with Sandbox(strict=True) as sandbox, client_of(sandbox) as client:
            answer = client.get("/account")
            [violation] = sandbox.contract_violations
        assert answer.status_code == 500
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["detail"].startswith("This is a bug of the sandbox, not of the client")
        assert answer.json()["detail"].endswith(str(violation))
        assert (violation.operation, violation.status) == ("account.get", response.status_code)
        assert violation.faults == (fault,)
        [record] = caplog.records
        assert (record.name, record.levelno) == ("replicate_ext.sandbox", logging.ERROR)
        assert str(violation) in record.getMessage()

    def test_only_a_strict_sandbox_validates_responses(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        answering(JSONResponse({"type": "user"}), monkeypatch)
        with Sandbox() as sandbox, client_of(sandbox) as client:
            assert client.get("/account").json() == {"type": "user"}
            assert client.post("/predictions", json={}).status_code == 422
            assert sandbox.contract_violations == []

    def test_an_unexpected_body_is_a_violation(self, monkeypatch: pytest.MonkeyPatch) -> None:
        async def chatty(*_: object) -> Response:
            return JSONResponse({}, 202)

        monkeypatch.setattr(VersionRoutes, "_delete", chatty)
        with Sandbox(strict=True) as sandbox, client_of(sandbox) as client:
            assert client.delete(f"/models/{HELLO}/versions/x").status_code == 500
            [violation] = sandbox.contract_violations
        assert violation.faults == (
            "the response has a body, but the document defines none for 202",
        )

    def test_a_chunked_response_is_passed_on_chunk_by_chunk(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        arrived = threading.Event()

        def pieces() -> Iterator[bytes]:
            yield b'{"type": '
            assert arrived.wait(5)
            yield b'"never looked at"}'

        answering(StreamingResponse(pieces(), media_type="application/json"), monkeypatch)
        with Sandbox(strict=True) as sandbox, client_of(sandbox) as client:
            with client.stream("GET", "/account") as response:
                chunks = response.iter_bytes()
                first = next(chunks)
                arrived.set()
                assert first + b"".join(chunks) == b'{"type": "never looked at"}'
            assert sandbox.contract_violations == []

    def test_a_chunked_response_with_a_wrong_type_becomes_a_500(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        answering(StreamingResponse(iter([b"a", b"b"]), media_type="text/plain"), monkeypatch)
        with Sandbox(strict=True) as sandbox, client_of(sandbox) as client:
            response = client.get("/account")
            assert (response.status_code, len(sandbox.contract_violations)) == (500, 1)
        assert response.json()["status"] == 500

    @pytest.mark.parametrize(("part", "status"), [("0-1", 206), ("9-", 416)])
    def test_partial_responses_are_not_validated(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, part: str, status: int
    ) -> None:
        file = tmp_path / "file"
        file.write_text("{}")
        answering(FileResponse(file), monkeypatch)
        with Sandbox(strict=True) as sandbox, client_of(sandbox) as client:
            response = client.get("/account", headers={"range": f"bytes={part}"})
            assert (response.status_code, sandbox.contract_violations) == (status, [])

    @pytest.mark.parametrize("taken", [False, True])
    def test_faults_are_not_violations(self, local: Local, *, taken: bool) -> None:
        garbage = [[1, 2], "<html>", b"\xff", {"status": 7}]
        for body in garbage:
            fault = Fault.answer(207, body, taken=taken)
            local.sandbox.faults.add(fault)
            response = create(local.client, HELLO, text="x")
            assert response.status_code == 207
        assert local.sandbox.contract_violations == []

    @pytest.mark.parametrize("headers", [{}, WAIT])
    def test_scripts_are_not_violations(self, local: Local, headers: dict[str, str]) -> None:
        local.sandbox.script("me/odd", ["queued", "warming", "succeeded"], output={"a": [None]})
        created = create(local.client, "me/odd", headers)
        assert created.json()["status"] == "queued"
        listed = local.client.get("/predictions").json()["results"]
        assert [item["status"] for item in listed] == ["warming"]
        assert finish(local.client, created.json()["id"])["output"] == {"a": [None]}
        assert local.sandbox.contract_violations == []

    def test_only_statuses_of_scripts_are_allowed(self, local: Local) -> None:
        local.sandbox.script("me/odd", ["queued", "succeeded"])
        response = local.client.get("/predictions?source=warming")
        assert response.status_code == 422

    def test_large_responses_are_not_validated(self, monkeypatch: pytest.MonkeyPatch) -> None:
        answering(JSONResponse({"wrong": "x" * 1_000_000}), monkeypatch)
        with Sandbox(strict=True) as sandbox, client_of(sandbox) as client:
            assert client.get("/account").status_code == 200
            assert sandbox.contract_violations == []
