"""``client.request``: what the API's document does not know, with the token, retries and errors."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from support.clients import BASE_URL, TOKEN, Kind, Script, answer, make_client, start
from support.clock import VirtualClock
from support.files import parts_of
from support.server import Api, answering, serving

from replicate_ext import (
    APIConnectionError,
    APIError,
    AuthenticationError,
    InvalidInputError,
    NotFoundError,
    OutcomeUnknownError,
    PaymentRequiredError,
    RateLimitError,
    ServerError,
    ValidationError,
)

OK = answer(200, {"ok": True})
SLOW_DOWN = answer(429, {"detail": "Too many requests"}, Retry_After="7")
BROKEN = answer(500, {"detail": "Internal server error"})


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[Api, Api]]:
    with serving() as one, serving() as other:
        yield one, other


@pytest.fixture
def api(servers: tuple[Api, Api]) -> Api:
    return fresh(servers[0])


@pytest.fixture
def other(servers: tuple[Api, Api]) -> Api:
    return fresh(servers[1])


def fresh(server: Api) -> Api:
    server.received.clear()
    server.answer = answering(200, b'{"ok": true}', Content_Type="application/json")
    return server


def client_of(kind: Kind, api: Api, **options: Any) -> Any:
    return make_client(kind, base_url=api.url, **options)


# Where it goes, and whether the token goes along


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ("/predictions", "/v1/predictions"),
        ("predictions", "/v1/predictions"),
        ("predictions/p1?verbose=1", "/v1/predictions/p1?verbose=1"),
        ("//elsewhere.test/predictions", "/v1/elsewhere.test/predictions"),
        ("search?query=https://elsewhere.test", "/v1/search?query=https://elsewhere.test"),
    ],
)
def test_a_path_is_one_of_the_api(kind: Kind, api: Api, given: str, asked: str) -> None:
    response = client_of(kind, api).request("GET", given)

    [received] = api.received
    assert (received.method, received.path) == ("GET", asked)
    assert received.headers["authorization"] == f"Bearer {TOKEN}"
    assert isinstance(response, httpx.Response)
    assert (response.status_code, response.json()) == (200, {"ok": True})


def test_a_url_on_the_apis_origin_gets_the_token(kind: Kind, api: Api) -> None:
    origin = api.url.removesuffix("/v1")
    client = client_of(kind, api, headers={"X-Team": "blue"})

    client.request("GET", f"{origin}/v2/predictions?x=1")
    client.request("GET", f"{origin.replace('http', 'HTTP')}/v2/predictions?x=1")

    assert [received.path for received in api.received] == ["/v2/predictions?x=1"] * 2
    for received in api.received:
        assert received.headers["authorization"] == f"Bearer {TOKEN}"
        assert received.headers["x-team"] == "blue"


def test_a_url_on_another_host_gets_no_token(kind: Kind, api: Api, other: Api) -> None:
    client = client_of(kind, api, headers={"X-Team": "blue"})

    client.request("POST", f"{other.url}/predictions", json={"a": 1}, headers={"X-Mine": "1"})

    [received] = other.received
    assert (received.path, received.body) == ("/v1/predictions", b'{"a":1}')
    assert received.headers["x-mine"] == "1"
    assert "authorization" not in received.headers
    assert "x-team" not in received.headers
    assert TOKEN not in str(received)
    assert api.received == []


def test_another_host_is_asked_without_having_a_token(
    kind: Kind, api: Api, other: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REPLICATE_API_TOKEN", raising=False)

    client_of(kind, api, api_token=None).request("GET", other.url)

    assert len(other.received) == 1


def test_a_redirect_is_not_followed(kind: Kind, api: Api, other: Api) -> None:
    api.answer = answering(302, Location=f"{other.url}/predictions")

    with pytest.raises(APIError) as caught:
        client_of(kind, api).request("GET", "/predictions")

    assert caught.value.status == 302
    assert other.received == []


@pytest.mark.parametrize(
    "url",
    [
        "ftp://api.test/v1/predictions",
        "file:///etc/passwd",
        " https://api.test/v1/predictions",
        "://api.test",
        "https://[::1",
        "https://api.test:port/",
        "https:///predictions",
        "https://",
        "predictions\n",
        "predictions and more",
        "https://api.test:99999/v1",
        "https://api.test:0/v1",
        "predictions/\ud800",
        None,
        5,
    ],
)
def test_what_is_no_url_is_refused_before_anything_is_sent(kind: Kind, url: Any) -> None:
    script = Script(OK)
    client = make_client(kind, transport=script.transport)

    with pytest.raises(InvalidInputError):
        client.request("GET", url)

    assert script.seen == []


# What is sent


def test_a_query_is_sent(kind: Kind, api: Api) -> None:
    params = {"a": "ö &=", "b": ["x", "y"], "n": 7, "f": 0.5, "t": True}

    client_of(kind, api).request("GET", "/predictions", params=params)

    [received] = api.received
    assert received.query == {
        "a": ["ö &="],
        "b": ["x", "y"],
        "n": ["7"],
        "f": ["0.5"],
        "t": ["true"],
    }


@pytest.mark.parametrize("value", [{"a": [1, None, "ö"]}, [], False, 0, "text"], ids=repr)
def test_json_is_sent(kind: Kind, api: Api, value: object) -> None:
    client_of(kind, api).request("PATCH", "/deployments/a/b", json=value)

    [received] = api.received
    assert (received.method, received.headers["content-type"]) == ("PATCH", "application/json")
    assert json.loads(received.body) == value


def test_files_are_sent(kind: Kind, api: Api) -> None:
    files = {"content": ("a.txt", io.BytesIO(b"some text"), "text/plain"), "plain": b"bytes"}

    client_of(kind, api).request("POST", "/files", files=files)

    [received] = api.received
    content, plain = parts_of(received.headers["content-type"], received.body)
    assert content == ("content", "a.txt", "text/plain", b"some text")
    assert (plain.name, plain.content) == ("plain", b"bytes")


@pytest.mark.parametrize(
    ("timeout", "expected"),
    [
        ({}, {"connect": 3.0, "read": 3.0, "write": 3.0, "pool": 3.0}),
        ({"timeout": None}, {"connect": 3.0, "read": 3.0, "write": 3.0, "pool": 3.0}),
        ({"timeout": 1.5}, {"connect": 1.5, "read": 1.5, "write": 1.5, "pool": 1.5}),
        (
            {"timeout": httpx.Timeout(1, read=90)},
            {"connect": 1, "read": 90, "write": 1, "pool": 1},
        ),
    ],
)
def test_a_timeout_is_for_this_request(
    kind: Kind, clock: VirtualClock, timeout: dict[str, Any], expected: dict[str, float]
) -> None:
    client, script = start(kind, clock, OK, timeout=3.0)

    client.request("GET", "/predictions", **timeout)
    client.request("GET", "/predictions")

    assert script.requests[0].extensions["timeout"] == expected
    assert set(script.requests[1].extensions["timeout"].values()) == {3.0}


# What is sent again, and what becomes an error


@pytest.mark.parametrize("method", ["GET", "get", "HEAD", "QUERY", "DELETE"])
@pytest.mark.parametrize("failure", [BROKEN, httpx.ReadError("reset")], ids=["500", "reset"])
def test_what_may_be_done_twice_is_sent_again(
    kind: Kind, clock: VirtualClock, method: str, failure: Any
) -> None:
    client, script = start(kind, clock, failure, OK)

    assert client.request(method, "/things").status_code == 200

    assert script.seen == [f"{method.upper()} /v1/things"] * 2
    assert len(clock.sleeps) == 1


@pytest.mark.parametrize("method", ["POST", "post", "PUT", "PATCH"])
@pytest.mark.parametrize("failure", [BROKEN, httpx.ReadTimeout("slow")], ids=["500", "slow"])
@pytest.mark.parametrize("url", ["/things", f"{BASE_URL}/things", "https://other.test/things"])
def test_what_may_not_be_done_twice_is_sent_once(
    kind: Kind, clock: VirtualClock, method: str, failure: Any, url: str
) -> None:
    client, script = start(kind, clock, failure, OK)

    with pytest.raises(OutcomeUnknownError, match="may have succeeded"):
        client.request(method, url, json={})

    assert len(script.requests) == 1
    assert clock.sleeps == []


@pytest.mark.parametrize("url", ["/predictions/p1/cancel", f"{BASE_URL}/predictions/p1/cancel"])
def test_a_cancel_is_sent_again(kind: Kind, clock: VirtualClock, url: str) -> None:
    client, script = start(kind, clock, BROKEN, OK)

    assert client.request("POST", url).json() == {"ok": True}

    assert script.seen == ["POST /v1/predictions/p1/cancel"] * 2


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_rate_limit_is_waited_for(kind: Kind, clock: VirtualClock, method: str) -> None:
    client, script = start(kind, clock, SLOW_DOWN, OK)

    client.request(method, "/things")

    assert script.seen == [f"{method} /v1/things"] * 2
    assert 7 <= clock.elapsed < 8


def test_a_create_that_found_no_connection_is_sent_again(kind: Kind, clock: VirtualClock) -> None:
    client, script = start(kind, clock, httpx.ConnectError("refused"), OK)

    client.request("POST", "/things", json={})

    assert len(script.requests) == 2


@pytest.mark.parametrize("max_retries", [0, 2])
def test_retries_are_the_clients(kind: Kind, clock: VirtualClock, max_retries: int) -> None:
    client, script = start(kind, clock, httpx.ConnectError("refused"), max_retries=max_retries)

    with pytest.raises(APIConnectionError, match="refused"):
        client.request("GET", "/things")

    assert len(script.requests) == max_retries + 1


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, APIError),
        (401, AuthenticationError),
        (402, PaymentRequiredError),
        (404, NotFoundError),
        (422, ValidationError),
        (429, RateLimitError),
        (503, ServerError),
    ],
)
def test_what_is_no_success_is_an_error(
    kind: Kind, clock: VirtualClock, status: int, error: type[APIError]
) -> None:
    refusal = answer(status, {"detail": "What is wrong", "status": status})
    client, _ = start(kind, clock, refusal, max_retries=0)

    with pytest.raises(error) as caught:
        client.request("GET", "/things")

    assert type(caught.value) is error
    assert (caught.value.status, caught.value.detail) == (status, "What is wrong")
    assert str(caught.value).startswith(f"GET /v1/things: {status} ")


@pytest.mark.parametrize("body", [b"", b"<html>", b"\xff\x00"])
def test_a_success_need_not_be_json(kind: Kind, clock: VirtualClock, body: bytes) -> None:
    client, _ = start(kind, clock, answer(200, body))

    assert client.request("GET", "/things").content == body


def test_a_log_has_the_url_that_was_asked(
    kind: Kind, clock: VirtualClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", logger="replicate_ext")
    client, _ = start(kind, clock, OK)

    client.request("GET", "https://other.test/things?signature=secret")

    [line] = [record.getMessage() for record in caplog.records]
    assert line.startswith("GET https://other.test/things: 200 in ")


@pytest.mark.parametrize("timeout", [0, -1, "5", math.nan, True, httpx.Timeout(5, write=0)])
def test_a_timeout_that_is_none_is_refused_before_anything_is_sent(
    kind: Kind, clock: VirtualClock, timeout: Any
) -> None:
    client, script = start(kind, clock, OK)

    with pytest.raises(InvalidInputError, match="timeout must be a positive number"):
        client.request("GET", "/x", timeout=timeout)

    assert script.seen == []


@pytest.mark.parametrize(
    "options",
    [{"params": {"q": "\ud800"}}, {"json": {"a": ["\udfff"]}}, {"content": "\ud800"}],
    ids=["params", "json", "content"],
)
def test_half_a_surrogate_pair_is_refused_before_anything_is_sent(
    kind: Kind, clock: VirtualClock, options: dict[str, Any]
) -> None:
    client, script = start(kind, clock, OK)

    with pytest.raises(InvalidInputError, match="half of a surrogate pair") as raised:
        client.request("POST", "/x", **options)

    assert raised.value.__cause__ is None
    assert script.seen == []


@pytest.mark.parametrize("method", ["", "GE T", "GÉT", "GET\n", None, b"GET"])
def test_what_is_no_method_is_refused(kind: Kind, clock: VirtualClock, method: Any) -> None:
    client, script = start(kind, clock, OK)

    with pytest.raises(InvalidInputError, match="method must be"):
        client.request(method, "/x")

    assert script.seen == []


def test_a_path_in_the_place_of_the_method_is_refused(kind: Kind) -> None:
    script = Script(answer(200, {}))
    client = make_client(kind, transport=script.transport)
    with pytest.raises(InvalidInputError, match=r"method must be .*/account"):
        client.request("/account", "GET")
    assert script.seen == []


def test_who_could_not_be_reached_is_named(kind: Kind) -> None:
    script = Script(httpx.ConnectError("refused"))
    client = make_client(kind, transport=script.transport, max_retries=0)
    with pytest.raises(APIConnectionError, match=r"api\.test"):
        client.request("GET", "/account")
