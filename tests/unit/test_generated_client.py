"""The clients of the generated package: where they send the token, and their timeouts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo

import httpx
import pytest
from replicate_api import AuthenticatedClient, Client
from replicate_api.api.account import get as account_get
from replicate_api.api.predictions import list_ as predictions_list
from replicate_api.client import AsyncClient, SyncClient, TokenAuth
from replicate_api.decoding import json_list, json_object, json_value
from replicate_api.encoding import as_headers, as_query, parts
from replicate_api.paths import as_segment

TOKEN = "r8_not_a_real_one"
BASE = "https://api.replicate.test/v1"


class Recorder(httpx.MockTransport):
    """Records requests. Responds to the first with a redirect if given one, else with an object."""

    def __init__(self, location: str | None = None) -> None:
        super().__init__(self._answer)
        self.received: list[httpx.Request] = []
        self._location = location

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.received.append(request)
        if self._location and len(self.received) == 1:
            return httpx.Response(307, headers={"Location": self._location})
        return httpx.Response(200, json={})

    @property
    def authorizations(self) -> list[str | None]:
        return [request.headers.get("Authorization") for request in self.received]


@pytest.mark.parametrize(
    ("base_url", "url"),
    [
        (BASE, "/account"),
        (BASE, "https://api.replicate.test/elsewhere"),
        (BASE, "https://api.replicate.test:443/v1/account"),
        (BASE, "HTTPS://API.replicate.test/v1/account"),
        ("https://api.replicate.test:443/v1", "https://api.replicate.test/v1/account"),
        ("http://localhost:8000/v1", "http://localhost:8000/v1/account"),
        ("http://localhost/v1", "http://localhost:80/v1/account"),
    ],
)
def test_the_token_goes_to_the_origin_of_the_base_url(base_url: str, url: str) -> None:
    transport = Recorder()
    with AuthenticatedClient(base_url, token=TOKEN, transport=transport) as client:
        client.get_httpx_client().get(url)
    assert transport.authorizations == [f"Bearer {TOKEN}"]


ELSEWHERE = [
    "https://replicate.delivery/output.png",
    "https://api.replicate.test.evil.example/v1/account",
    "https://evil.example/api.replicate.test",
    "https://api.replicate.test@evil.example/v1/account",
    "https://api.replicate.test:8443/v1/account",
    "http://api.replicate.test/v1/account",
    "http://api.replicate.test:443/v1/account",
    "https://replicate.test/v1/account",
]


@pytest.mark.parametrize("url", ELSEWHERE)
def test_the_token_goes_to_no_other_origin(url: str) -> None:
    transport = Recorder()
    with AuthenticatedClient(BASE, token=TOKEN, transport=transport) as client:
        client.get_httpx_client().get(url)
    assert TOKEN not in str([request.headers.raw for request in transport.received])


@pytest.mark.parametrize("url", ELSEWHERE)
def test_the_token_is_not_sent_on_a_redirect_to_another_origin(url: str) -> None:
    transport = Recorder(url)
    with AuthenticatedClient(BASE, token=TOKEN, transport=transport) as client:
        client.get_httpx_client().get("/account", follow_redirects=True)
    assert len(transport.received) == 2
    first, second = transport.received
    assert first.headers["Authorization"] == f"Bearer {TOKEN}"
    assert TOKEN not in str(second.headers.raw)


def test_redirects_are_not_followed() -> None:
    transport = Recorder("https://evil.example/")
    with AuthenticatedClient(BASE, token=TOKEN, transport=transport) as client:
        assert account_get.sync_detailed(client=client).status_code == 307
    assert len(transport.received) == 1


def test_the_token_is_read_at_every_request() -> None:
    tokens = iter(["first", "second"])
    auth = TokenAuth(lambda: next(tokens), BASE)
    transport = Recorder()
    with httpx.Client(base_url=BASE, auth=auth, transport=transport) as client:
        client.get("/account")
        client.get("https://elsewhere.example")
        client.get("/account")
    assert transport.authorizations == ["Bearer first", None, "Bearer second"]


def test_no_repr_shows_the_token() -> None:
    client = AuthenticatedClient(BASE, token=TOKEN)
    auth = TokenAuth(lambda: TOKEN, BASE)
    assert TOKEN not in f"{client!r} {client} {auth!r} {auth} {vars(client)} {vars(auth)}"
    assert repr(client) == f"AuthenticatedClient(base_url={BASE!r})"


def test_a_client_without_a_token_sends_no_authorization() -> None:
    transport = Recorder()
    with Client(BASE, transport=transport, headers={"User-Agent": "boats/1"}) as client:
        account_get.sync(client=client)
    assert transport.authorizations == [None]
    assert transport.received[0].headers["User-Agent"] == "boats/1"
    assert transport.received[0].url == f"{BASE}/account"


def test_every_step_of_a_request_has_a_timeout() -> None:
    with AuthenticatedClient(token=TOKEN) as client:
        steps = client.get_httpx_client().timeout.as_dict()
    assert len(steps) == 4
    assert all(seconds and 0 < seconds < 600 for seconds in steps.values())
    assert (steps["read"] or 0) > 60  # the API waits for up to a minute before it responds


def test_a_given_timeout_is_used() -> None:
    with Client(BASE, timeout=3.5) as client:
        assert client.get_httpx_client().timeout == httpx.Timeout(3.5)


def test_a_client_serves_both_kinds_of_functions() -> None:
    blocking, in_async = Recorder(), Recorder()
    client = AuthenticatedClient(
        BASE, token=TOKEN, transport=blocking, async_transport=in_async, headers={"X-Own": "1"}
    )
    assert isinstance(client, SyncClient)
    assert isinstance(client, AsyncClient)

    async def run() -> None:
        async with client:
            assert client.get_async_httpx_client() is client.get_async_httpx_client()
            await account_get.asyncio(client=client)
        assert client.get_async_httpx_client().is_closed

    with client:
        assert client.get_httpx_client() is client.get_httpx_client()
        account_get.sync(client=client)
        asyncio.run(run())
    assert client.get_httpx_client().is_closed
    for transport in (blocking, in_async):
        [request] = transport.received
        assert request.headers["Authorization"] == f"Bearer {TOKEN}"
        assert request.headers["X-Own"] == "1"


# Values that cannot be sent, and responses that cannot be read


@pytest.mark.parametrize("function", [as_query, as_headers])
def test_text_that_cannot_be_encoded_is_refused_with_the_name_of_the_parameter(
    function: Callable[[list[tuple[str, object]]], object],
) -> None:
    with pytest.raises(ValueError, match=r"^model_name: .*a lone surrogate"):
        function([("model_name", "a\ud800b")])


def test_lists_forms_and_path_segments_are_checked_for_surrogates() -> None:
    with pytest.raises(ValueError, match=r"^tags: .*a lone surrogate"):
        as_query([("tags", ["a", "\udfff"])])
    with pytest.raises(ValueError, match=r"^file_name: .*a lone surrogate"):
        parts({"file_name": "\udc80"})
    with pytest.raises(ValueError, match=r"a lone surrogate"):
        as_segment("a\ud800")


@pytest.mark.parametrize(
    "value",
    ["xyzzy\r\nX-Evil: 1", "xyzzy\n", "xyz\0zy", "xyzzy\x7f", " xyzzy", "xyzzy ", "é xyzzy"],
)
def test_a_value_that_no_header_can_have_is_refused_without_quoting_it(value: str) -> None:
    with pytest.raises(
        ValueError, match=r"^Prefer: the value cannot be sent in a header"
    ) as caught:
        as_headers([("Prefer", value)])
    assert "xyz" not in str(caught.value)


def test_every_value_that_a_header_can_have_is_sent() -> None:
    fields = {"Prefer": "wait=5", "Empty": "", "Inner": "a \tb~!", "Number": 5}
    sent = httpx.Request("GET", BASE, headers=as_headers(fields.items()))
    assert {name: sent.headers[name] for name in fields} == {**fields, "Number": "5"}


@pytest.mark.parametrize("read", [json_object, json_list, json_value])
def test_json_that_is_nested_too_deeply_is_a_value_error(
    read: Callable[[httpx.Response], object],
) -> None:
    with pytest.raises(ValueError, match=r"nested too deeply"):
        read(httpx.Response(200, content=b"[" * 100_000))


@pytest.mark.parametrize("zone", [None, UTC])
def test_a_time_is_sent_with_its_zone_and_without_one_as_utc(zone: tzinfo | None) -> None:
    after = datetime(2026, 1, 2, 3, 4, 5, tzinfo=zone)
    sent = predictions_list.request(created_after=after)
    assert sent["params"] == {"created_after": "2026-01-02T03:04:05Z"}


def test_a_list_in_a_query_repeats_its_name() -> None:
    params = as_query([("tag", ["a&b", "c"]), ("full", [True]), ("none", []), ("left_out", None)])
    assert httpx.URL("/boats", params=params).query == b"tag=a%26b&tag=c&full=true"
