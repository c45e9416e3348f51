"""Each endpoint function sends one request; the server is on the loopback device."""

from __future__ import annotations

import inspect
import io
import json
import re
import threading
from contextlib import contextmanager
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import HTTP
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx
import pytest
from replicate_api import Client, models
from replicate_api.api.files import create as files_create
from replicate_api.api.files import download as files_download
from replicate_api.api.models import create as models_create
from replicate_api.api.models import search as models_search
from replicate_api.api.predictions import create as predictions_create
from replicate_api.api.predictions import list_ as predictions_list
from replicate_api.errors import UnexpectedStatus
from replicate_api.models import FileCreateRequest
from replicate_api.types import Response, Upload
from support.bodies import BODIES, OPERATIONS, SPEC, endpoint, unparse
from support.clients import KINDS, Kind, make_client
from support.server import TOKEN, Api, Received, answering, awaiting, blocking, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from email.message import Message
    from http.server import BaseHTTPRequestHandler
    from pathlib import Path
    from types import ModuleType

FUNCTIONS = ("request", "parse", "sync", "sync_detailed", "asyncio", "asyncio_detailed")
EVERY_OPERATION = pytest.mark.parametrize("operation_id", OPERATIONS)


@pytest.fixture(scope="module")
def running() -> Iterator[Api]:
    with serving() as server:
        yield server


@pytest.fixture
def api(running: Api) -> Api:
    running.received.clear()
    running.answer = answering(200, b"{}")
    return running


def arguments(module: ModuleType, text: str = "text") -> dict[str, Any]:
    """Values for the required arguments of an endpoint function."""
    values = {"str": text, "int": 7, "FileCreateRequest": FileCreateRequest(content=b"bytes")}
    required = {
        name: parameter.annotation.partition(" | ")[0]
        for name, parameter in inspect.signature(module.request).parameters.items()
        if parameter.default is parameter.empty
    }
    return {
        name: values.get(annotation) or getattr(models, annotation).from_dict({})
        for name, annotation in required.items()
    }


@pytest.mark.parametrize("module", [predictions_create, models_create])
def test_a_body_may_be_a_dict(module: ModuleType) -> None:
    body = arguments(module)["body"]
    as_model, as_dict = module.request(body=body), module.request(body=body.to_dict())
    assert as_model == as_dict


def success(operation_id: str) -> tuple[bytes, object]:
    """The body of a successful response, and the expected result as JSON."""
    if operation_id in BODIES:
        body = BODIES[operation_id][-1]
        return json.dumps(body).encode(), body
    texts = {"files.download": (b"\x00\xff\r\n", b"\x00\xff\r\n")}
    return texts.get(operation_id, ("# Läs mig".encode(), "# Läs mig"))


# Every operation


def test_every_operation_has_its_functions() -> None:
    assert len(OPERATIONS) == 37
    for operation_id in OPERATIONS:
        module = endpoint(operation_id)
        assert [name for name in FUNCTIONS if not callable(getattr(module, name))] == []


@EVERY_OPERATION
def test_a_request_matches_the_document(operation_id: str, api: Api) -> None:
    module, name = endpoint(operation_id), "a/b ?#%é"
    api.answer = answering(200, b"[]" if operation_id == "hardware.list" else b"{}")
    blocking(api, lambda client: module.sync_detailed(**arguments(module, name), client=client))
    [template, method] = next(
        (template, method)
        for template, item in SPEC["paths"].items()
        for method, operation in item.items()
        if operation["operationId"] == operation_id
    )
    [received] = api.received
    assert received.method == method.upper()
    assert received.path.partition("?")[0] == "/v1" + re.sub(
        r"\{\w+\}", quote(name, safe=""), template
    )
    required = {
        parameter["name"]
        for parameter in OPERATIONS[operation_id].get("parameters", ())
        if parameter["in"] == "query" and parameter.get("required")
    }
    assert set(received.query) == required
    assert received.headers["authorization"] == f"Bearer {TOKEN}"


@EVERY_OPERATION
def test_all_four_functions_parse_a_success_equally(operation_id: str, api: Api) -> None:
    module = endpoint(operation_id)
    content, expected = success(operation_id)
    deletes = operation_id.endswith(".delete")
    api.answer = answering(204) if deletes else answering(200, content)
    given = arguments(module)
    made = blocking(api, lambda client: module.sync(**given, client=client))
    answer = blocking(api, lambda client: module.sync_detailed(**given, client=client))
    assert unparse(made) == (None if deletes else expected)
    assert answer.parsed == made
    assert answer.content == (b"" if deletes else content)
    assert answer.status_code == (204 if deletes else 200)
    assert awaiting(api, lambda client: module.asyncio(**given, client=client)) == made
    again = awaiting(api, lambda client: module.asyncio_detailed(**given, client=client))
    assert again[:2] == answer[:2]
    assert again.parsed == made
    assert len({received[:2] for received in api.received}) == 1


@pytest.mark.parametrize("status", [404, 429, 520, 599])
@pytest.mark.parametrize(
    "operation_id", ["predictions.get", "files.create", "files.delete", "files.download", "search"]
)
def test_detailed_functions_return_an_error_and_others_raise_it(
    operation_id: str, status: int, api: Api
) -> None:
    module, content = endpoint(operation_id), b"<html>\xff no JSON"
    api.answer = answering(status, content, Retry_After="3")
    given = arguments(module)
    for answer in (
        blocking(api, lambda client: module.sync_detailed(**given, client=client)),
        awaiting(api, lambda client: module.asyncio_detailed(**given, client=client)),
    ):
        assert isinstance(answer, Response)
        assert type(answer.status_code) is int
        assert (answer.status_code, answer.content, answer.parsed) == (status, content, None)
        assert answer.headers["retry-after"] == "3"
    calls: list[Callable[[], Any]] = [
        lambda: blocking(api, lambda client: module.sync(**given, client=client)),
        lambda: awaiting(api, lambda client: module.asyncio(**given, client=client)),
    ]
    for call in calls:
        with pytest.raises(
            UnexpectedStatus, match=f"responded with status {status}: <html>"
        ) as raised:
            call()
        assert (raised.value.status_code, raised.value.content) == (status, content)


# Parts of a path

NO_PARTS = pytest.mark.parametrize("text", ["", ".", ".."])
NO_PART = r"must be a non-empty string|cannot be a part of a path"


def unexpected(request: httpx.Request) -> httpx.Response:
    raise AssertionError(request.url)


@NO_PARTS
def test_a_segment_that_leads_to_another_path_is_refused(text: str) -> None:
    places = [
        (operation_id, parameter["name"])
        for operation_id, operation in OPERATIONS.items()
        for parameter in operation.get("parameters", ())
        if parameter["in"] == "path"
    ]
    assert places
    with Client("https://api.test/v1", transport=httpx.MockTransport(unexpected)) as client:
        for operation_id, name in places:
            module = endpoint(operation_id)
            with pytest.raises(ValueError, match=NO_PART):
                module.sync_detailed(**{**arguments(module), name: text}, client=client)


@NO_PARTS
@pytest.mark.parametrize("kind", KINDS)
def test_no_id_leads_to_another_path(kind: Kind, text: str) -> None:
    client = make_client(kind, transport=httpx.MockTransport(unexpected))
    for call in (client.predictions.get, client.predictions.cancel):
        with pytest.raises(ValueError, match=NO_PART):
            call(text)


# Parameters and bodies


def test_parameters_that_are_none_are_omitted(api: Api) -> None:
    blocking(api, lambda client: predictions_list.sync(client=client, created_after=None))
    body = models.VersionPredictionRequest(version="v", input={"seed": None})
    blocking(api, lambda client: predictions_create.sync(client=client, body=body, prefer=None))
    listed, created = api.received
    assert listed.path == "/v1/predictions"
    assert json.loads(created.body) == {"version": "v", "input": {"seed": None}}
    assert not {"prefer", "cancel-after"} & set(created.headers)


def test_parameters_are_sent_as_text(api: Api) -> None:
    after = datetime(2026, 1, 2, 3, 4, 5, 600, tzinfo=UTC)
    blocking(
        api,
        lambda client: predictions_list.sync(
            client=client, created_after=after, source="web", cursor="a&b=c+d"
        ),
    )
    [received] = api.received
    [text] = received.query.pop("created_after")
    assert datetime.fromisoformat(text) == after
    assert received.query == {**received.query, "source": ["web"], "cursor": ["a&b=c+d"]}


def test_headers_are_sent(api: Api) -> None:
    body = models.VersionPredictionRequest(version="v", input={})
    blocking(
        api,
        lambda client: predictions_create.sync(
            client=client, body=body, prefer="wait=5", cancel_after="90s"
        ),
    )
    [received] = api.received
    assert (received.headers["prefer"], received.headers["cancel-after"]) == ("wait=5", "90s")
    assert received.headers["content-type"] == "application/json"


def test_models_search_sends_plain_text_with_query(api: Api) -> None:
    text = "bateaux à voile\n{}"
    blocking(api, lambda client: models_search.sync(client=client, body=text))
    awaiting(api, lambda client: models_search.asyncio(client=client, body=text))
    for received in api.received:
        assert (received.method, received.path) == ("QUERY", "/v1/models")
        assert received.body.decode() == text
        assert received.headers["content-type"].startswith("text/plain")


# Uploads


def parts(received: Received) -> list[Message]:
    """The parts of a multipart body, read by the standard library."""
    head = f"Content-Type: {received.headers['content-type']}\r\n\r\n".encode()
    message = message_from_bytes(head + received.body, policy=HTTP)
    assert message.defects == []
    return [part for part in message.walk() if part is not message]


def payload(part: Message) -> bytes:
    """The content of a part."""
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content


INJECTION = (
    b'--+++\r\nContent-Disposition: form-data; name="metadata"\r\n\r\n{}\r\n--+++--\r\n'
    b"--\r\n--boundary--\r\n" + bytes(range(256)) + b"\r\n--+++--\r\n"
)


def upload(api: Api, body: FileCreateRequest, *, in_async: bool) -> Received:
    """The request that an upload sends."""
    if in_async:
        awaiting(api, lambda client: files_create.asyncio(client=client, body=body))
    else:
        blocking(api, lambda client: files_create.sync(client=client, body=body))
    return api.received[-1]


@pytest.mark.parametrize("in_async", [False, True])
def test_a_file_with_any_content_arrives_complete(api: Api, *, in_async: bool) -> None:
    file = Upload(INJECTION, 'a "b" é.png', "image/png")
    received = upload(api, FileCreateRequest(content=file), in_async=in_async)
    [part] = parts(received)
    assert part.get_param("name", header="content-disposition") == "content"
    assert part.get_content_type() == "image/png"
    assert payload(part) == INJECTION
    again = upload(api, FileCreateRequest(content=file), in_async=in_async)
    assert received.headers["content-type"] != again.headers["content-type"]


def test_the_name_and_type_of_a_file_are_guessed(api: Api, tmp_path: Path) -> None:
    path = tmp_path / "boat.png"
    path.write_bytes(b"png")
    with path.open("rb") as opened:
        [part] = parts(upload(api, FileCreateRequest(content=opened), in_async=False))
    assert (part.get_filename(), part.get_content_type()) == ("boat.png", "image/png")
    [part] = parts(upload(api, FileCreateRequest(content=b"bytes"), in_async=False))
    assert (part.get_filename(), part.get_content_type()) == ("file", "application/octet-stream")


def test_the_metadata_of_a_file_are_separate_parts(api: Api) -> None:
    body = FileCreateRequest(
        content=b"bytes", filename="b.bin", metadata={"album": ["é"]}, type="image/png"
    )
    found = {
        part.get_param("name", header="content-disposition"): part
        for part in parts(upload(api, body, in_async=False))
    }
    assert list(found) == ["content", "filename", "metadata", "type"]
    assert found["metadata"].get_content_type() == "application/json"
    assert json.loads(payload(found["metadata"])) == {"album": ["é"]}
    assert payload(found["filename"]) == b"b.bin"
    assert found["filename"].get_filename() is None


@pytest.mark.parametrize("in_async", [False, True])
def test_a_file_is_read_in_pieces(api: Api, *, in_async: bool) -> None:
    class Watched(io.BytesIO):
        largest = 0

        def read(self, size: int | None = -1, /) -> bytes:
            piece = super().read(size)
            self.largest = max(self.largest, len(piece))
            return piece

    content = bytes(range(256)) * 8192
    file = Watched(content)
    [part] = parts(upload(api, FileCreateRequest(content=file), in_async=in_async))
    assert payload(part) == content
    assert 0 < file.largest <= 1 << 18


# Downloads

LINK: dict[str, Any] = {"owner": "acme", "expiry": 1_900_000_000, "signature": "c2ln+/="}


def test_a_download_sends_the_complete_signature(api: Api) -> None:
    api.answer = answering(200, b"\x89PNG\r\n")
    assert blocking(api, lambda c: files_download.sync("f", client=c, **LINK)) == b"\x89PNG\r\n"
    [received] = api.received
    assert received.query == {name: [str(value)] for name, value in LINK.items()}


@contextmanager
def two_pieces(api: Api) -> Iterator[threading.Event]:
    """A download whose second piece is sent after the event is set."""
    first_arrived = threading.Event()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "6")
        handler.end_headers()
        handler.wfile.write(b"one")
        if first_arrived.wait(10):
            handler.wfile.write(b"two")

    api.answer = answer
    yield first_arrived
    first_arrived.set()


def test_a_download_can_be_read_while_it_arrives(api: Api) -> None:
    def read(client: Client) -> list[bytes]:
        with (
            two_pieces(api) as first_arrived,
            files_download.stream("f", client=client, **LINK) as response,
        ):
            found = []
            for piece in response.iter_bytes():
                found.append(piece)
                first_arrived.set()
            return found

    assert blocking(api, read) == [b"one", b"two"]


def test_a_download_can_be_read_while_it_arrives_in_async(api: Api) -> None:
    async def read(client: Client) -> list[bytes]:
        with two_pieces(api) as first_arrived:
            async with files_download.async_stream("f", client=client, **LINK) as response:
                found = []
                async for piece in response.aiter_bytes():
                    found.append(piece)
                    first_arrived.set()
                return found

    assert awaiting(api, read) == [b"one", b"two"]
