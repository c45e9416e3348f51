"""No error, traceback, log line or pickle shows the token or a password."""

from __future__ import annotations

import json
import logging
import socket
import ssl
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import httpx
import pytest
from support.clients import BASE_URL, TOKEN, Kind, Script, answer, make_client
from support.leaks import HIDDEN, everything_shown, failing
from support.server import answering, serving

from replicate_ext import (
    APIError,
    Replicate,
)
from replicate_ext._redaction import without_traces


@contextmanager
def raw_server(reply: bytes) -> Iterator[str]:
    """A server that answers every connection with these bytes and closes it."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(65536)
                    connection.sendall(reply)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}/v1"
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()


def refused_url() -> str:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"http://127.0.0.1:{server.getsockname()[1]}/v1"


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (None, "ConnectError"),
        (b"", "RemoteProtocolError"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort", "RemoteProtocolError"),
        (b"no HTTP\r\n\r\n", "RemoteProtocolError"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_broken_exchange_shows_no_token(
    kind: Kind, caplog: pytest.LogCaptureFixture, reply: bytes | None, said: str, method: str
) -> None:
    caplog.set_level(logging.DEBUG)
    with raw_server(reply or b"") as url:
        client = make_client(kind, base_url=refused_url() if reply is None else url, max_retries=0)
        error = failing(lambda: client.request(method, "/x"))

    assert isinstance(error, APIError)
    assert said in str(error)
    assert type(error.__cause__).__name__ == said
    assert TOKEN not in everything_shown(error)
    assert TOKEN not in caplog.text


def borrowing(kind: Kind, **options: Any) -> Any:
    """A client with a caller's own httpx client that sends an illegal header."""
    own = httpx.Client if kind == "sync" else httpx.AsyncClient
    headers = {"X-Key": f"{HIDDEN}\nmore"}
    return make_client(kind, http_client=own(headers=headers), max_retries=0, **options)


def test_an_illegal_header_is_not_quoted(kind: Kind, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="replicate_ext")
    with serving() as api:
        client = borrowing(kind, base_url=api.url)
        error = failing(lambda: client.request("GET", "/x"))

    assert isinstance(error, APIError)
    assert "Illegal header value" in str(error)
    shown = "".join(
        traceback.TracebackException.from_exception(error, capture_locals=True).format()
    )
    ours = [record.getMessage() for record in caplog.records if record.name == "replicate_ext"]
    for text in (shown, str(error), repr(error), *ours):
        assert HIDDEN not in text
        assert TOKEN not in text


def test_a_proxy_that_does_not_answer_shows_no_password(
    kind: Kind, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    address = refused_url().removesuffix("/v1").removeprefix("http://")
    client = make_client(
        kind,
        base_url="http://nowhere.test/v1",
        max_retries=0,
        proxy=f"http://user:{HIDDEN}@{address}",
    )

    error = failing(lambda: client.request("GET", "/x"))

    assert isinstance(error, APIError)
    for text in (everything_shown(error), caplog.text, repr(client), repr(vars(client))):
        assert HIDDEN not in text


def repeating(request: httpx.Request) -> httpx.Response:
    """A refusal that repeats the token in every place that it has."""
    token = request.headers["Authorization"]
    problem = {
        "title": f"Not valid: {token}",
        "detail": f"{token} is not valid; {'x' * 1990}{token}",
        "invalid_fields": [{"field": token, "description": token, "type": token}],
        "errors": [token, {"pointer": token, "detail": {token: [token]}}],
    }
    return httpx.Response(401, json=problem, headers={"X-Token": token, "WWW-Authenticate": token})


def refused_in(encode: Callable[[str], bytes], **headers: str) -> Callable[..., httpx.Response]:
    def refuse(request: httpx.Request) -> httpx.Response:
        detail = json.dumps({"detail": "no: " + request.headers["Authorization"]})
        return httpx.Response(401, content=encode(detail), headers=headers)

    return refuse


def escaped(text: str) -> bytes:
    return text.replace(TOKEN, "".join(f"\\u{ord(one):04x}" for one in TOKEN)).encode()


@pytest.mark.parametrize(
    "refusal",
    [
        repeating,
        refused_in(lambda text: f"<h1>{text}</h1>".encode()),
        refused_in(lambda text: (" " * 4090 + text).encode()),
        refused_in(escaped),
        refused_in(lambda text: text.encode("utf-16")),
    ],
    ids=["everywhere", "html", "late", "escaped", "utf-16"],
)
def test_a_token_that_the_api_repeats_is_in_no_error(kind: Kind, refusal: Any) -> None:
    client = make_client(kind, transport=Script(refusal).transport)

    error = failing(lambda: client.request("GET", "/x"))

    assert isinstance(error, APIError)
    assert error.status == 401
    assert TOKEN not in everything_shown(error)
    assert error.response is not None
    assert "[token]" in error.response.text
    assert TOKEN[:12] not in everything_shown(error)


def test_a_token_in_the_reason_is_hidden() -> None:
    with raw_server(f"HTTP/1.1 401 No {TOKEN}\r\nContent-Length: 0\r\n\r\n".encode()) as url:
        error = failing(Replicate(TOKEN, url).account.get)

    assert "[token]" in str(error)
    assert TOKEN not in everything_shown(error)


def test_a_response_without_the_token_is_not_copied() -> None:
    response = httpx.Response(404, json={"detail": "no"})
    request = httpx.Request("GET", f"{BASE_URL}/x", headers={"Authorization": f"Bearer {TOKEN}"})
    response.request = request

    assert APIError("no", request, response).response is response


def test_a_compressed_response_that_repeats_the_token_can_be_read(kind: Kind) -> None:
    import gzip

    body = gzip.compress(json.dumps({"detail": f"no {TOKEN}"}).encode())
    with serving() as api:
        api.answer = answering(401, body, Content_Encoding="gzip", X_Kept="1")
        error = failing(make_client(kind, base_url=api.url).account.get)

    assert isinstance(error, APIError)
    assert error.detail == "no [token]"
    assert error.response is not None
    assert error.response.headers["X-Kept"] == "1"
    assert error.response.elapsed.total_seconds() > 0


@pytest.mark.parametrize(("text", "kept"), [(TOKEN, "[token]"), ("moved", "moved")])
def test_redirects_leave_no_token_in_an_error(text: str, kept: str) -> None:
    """Of the requests before the last one, and of the one that would follow."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    requests = [httpx.Request("GET", f"{BASE_URL}/{n}", headers=headers) for n in range(3)]
    first = httpx.Response(307, request=requests[0], text=text)
    last = httpx.Response(307, request=requests[1], history=[first], text=text)
    last.next_request = requests[2]

    error = APIError(f"no {TOKEN}", requests[1], last)

    assert error.response is not None
    assert error.response.next_request is None
    [earlier] = error.response.history
    assert earlier.text == kept
    assert not any("Authorization" in request.headers for request in requests[:2])
    assert TOKEN not in everything_shown(error)


def test_a_short_token_is_not_redacted(kind: Kind) -> None:
    script = Script(answer(404, {"detail": "There is no such thing"}))
    client = make_client(kind, api_token="t", transport=script.transport)

    assert "There is no such thing" in str(failing(client.account.get))


def test_an_error_without_tracebacks_keeps_its_causes_and_messages() -> None:
    def deep() -> None:
        try:
            ssl.create_default_context(cafile="/nowhere")
        except OSError as error:
            raise ExceptionGroup("all", [OSError("one")]) from error

    def transport() -> None:
        try:
            deep()
        except ExceptionGroup as error:
            raise httpx.ConnectError("what happened", request=None) from error

    error = failing(transport)
    group = error.__cause__
    assert isinstance(group, ExceptionGroup)

    assert without_traces(error) is error
    chain = [error, group, group.__cause__, *group.exceptions]
    assert [linked and linked.__traceback__ for linked in chain] == [None] * 4
    assert (str(error), str(group.exceptions[0])) == ("what happened", "one")


def test_an_error_with_circular_causes_loses_its_tracebacks() -> None:
    one, two = ValueError("one"), ValueError("two")
    one.__context__, two.__cause__ = two, one

    for error in (one, two):
        with suppress(ValueError):
            raise error
    assert without_traces(one) is one
    assert one.__traceback__ is two.__traceback__ is None
