"""Headers, tokens, bodies and secrets go to the API only. Guarantee 7."""

from __future__ import annotations

import inspect
import json
import pickle
import threading
from collections.abc import Iterator
from typing import Any

import anyio
import httpx
import pytest
from support.clients import BASE_URL, TOKEN, Kind, Script, answer, created, make_client, start
from support.clock import VirtualClock

from replicate_ext import (
    APIError,
    AsyncReplicate,
    InvalidField,
    InvalidInputError,
    InvalidResponseError,
    Replicate,
    ValidationError,
)

GATEWAY = {"X-Gateway-Key": "k"}
ELSEWHERE = "https://evil.test/x"


def redirecting(request: httpx.Request) -> httpx.Response:
    if request.url.host == "evil.test":
        return answer(200, {})
    return httpx.Response(307, headers={"Location": ELSEWHERE})


def borrowing(kind: Kind, script: Script) -> Any:
    """A client with a caller's own client, which follows redirects."""
    base = httpx.Client if kind == "sync" else httpx.AsyncClient
    own = base(transport=script.transport, follow_redirects=True)
    return make_client(kind, http_client=own, headers=GATEWAY, max_retries=0)


def test_a_create_is_not_redirected(kind: Kind) -> None:
    script = Script(redirecting)
    with pytest.raises(Exception, match="307"):
        borrowing(kind, script).predictions.create("a/b", {"text": "secret"})
    assert [request.url.host for request in script.requests] == ["api.test"]


@pytest.mark.parametrize("is_borrowed", [True, False])
def test_a_redirect_elsewhere_has_no_header_of_the_client(kind: Kind, *, is_borrowed: bool) -> None:
    script = Script(redirecting)
    if is_borrowed:
        client = borrowing(kind, script)
    else:
        client = make_client(kind, transport=script.transport, headers=GATEWAY)
    get = client.get_httpx_client if kind == "sync" else client.get_async_httpx_client

    async def fetch() -> None:
        await get().get(f"{BASE_URL}/files/f/download", follow_redirects=True)

    if kind == "sync":
        get().get(f"{BASE_URL}/files/f/download", follow_redirects=True)
    else:
        anyio.run(fetch, backend=kind)

    first, second = script.requests
    assert (first.headers["X-Gateway-Key"], first.headers["Authorization"]) == (
        "k",
        f"Bearer {TOKEN}",
    )
    assert second.url == ELSEWHERE
    assert not {"x-gateway-key", "authorization"} & set(second.headers)


def test_a_success_of_another_shape_is_not_shown(kind: Kind, clock: VirtualClock) -> None:
    client, _ = start(kind, clock, answer(200, ["whsec_hidden"]))
    with pytest.raises(InvalidResponseError, match=r"200 OK\. The response is not") as raised:
        client.webhooks.default.secret.get()
    assert "hidden" not in str(raised.value)


def test_a_page_of_a_proxy_is_shown(kind: Kind, clock: VirtualClock) -> None:
    client, _ = start(kind, clock, answer(200, "<h1>Log in first</h1>"))
    with pytest.raises(InvalidResponseError, match="Log in first"):
        client.account.get()


@pytest.mark.parametrize("client", [Replicate, AsyncReplicate])
def test_a_password_in_the_base_url_is_refused(client: type[Any]) -> None:
    with pytest.raises(InvalidInputError, match="user name or password") as raised:
        client(base_url="https://user:hidden@gateway.test/v1")
    assert "hidden" not in str(raised.value)


def test_the_pickle_of_a_client_has_its_headers_but_no_token() -> None:
    data = pickle.dumps(Replicate(TOKEN, headers=GATEWAY))
    assert b"X-Gateway-Key" in data
    assert TOKEN.encode() not in data
    assert "headers" in str(inspect.getdoc(Replicate.__getstate__))


class Slow:
    """A file that notes which threads read it."""

    def __init__(self) -> None:
        self.threads: set[threading.Thread] = set()
        self._left = b"some bytes"

    def read(self, size: int = -1) -> bytes:
        del size
        self.threads.add(threading.current_thread())
        chunk, self._left = self._left, b""
        return chunk

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.read, b"")

    def seekable(self) -> bool:
        return False


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
@pytest.mark.parametrize("form", ["files", "content"])
def test_a_file_is_not_read_in_the_event_loop(backend: str, form: str) -> None:
    file = Slow()
    given: Any = {"content": ("n", file, "text/plain")} if form == "files" else file
    received = b""

    async def keep(request: httpx.Request) -> httpx.Response:
        nonlocal received
        received = await request.aread()
        return answer(200, {})

    async def send() -> threading.Thread:
        client = AsyncReplicate(TOKEN, BASE_URL, transport=httpx.MockTransport(keep))
        await client.request("POST", "/files", **{form: given})
        return threading.current_thread()

    loop = anyio.run(send, backend=backend)
    assert b"some bytes" in received
    assert file.threads
    assert loop not in file.threads


def test_files_may_be_pairs(kind: Kind, clock: VirtualClock) -> None:
    client, script = start(kind, clock, answer(200, {}))
    client.request("POST", "/x", files=[("a", b"1"), ("a", ("n.txt", b"2", "text/plain"))])
    [request] = script.requests
    body = request.read()
    assert body.count(b'name="a"') == 2
    assert json.dumps(body.decode()).count("n.txt") == 1


@pytest.mark.parametrize("client", [Replicate, AsyncReplicate])
@pytest.mark.parametrize(
    "base_url", ["r8_hidden", "127.0.0.1:9", "ftp://host/v1", "https://", "https://[::1"]
)
def test_an_invalid_base_url_is_rejected_and_not_shown(client: type[Any], base_url: str) -> None:
    with pytest.raises(InvalidInputError, match="the token is the first argument") as raised:
        client("https://api.replicate.com/v1", base_url)
    assert base_url not in str(raised.value).replace("Replicate(api_token, base_url)", "")


def test_invalid_fields_are_read_from_a_problem_with_errors(
    kind: Kind, clock: VirtualClock
) -> None:
    problem = {
        "status": 400,
        "title": "Validation failed",
        "detail": "The following errors occurred:\n- hardware: no such",
        "errors": [{"pointer": "/hardware", "detail": "no such"}],
    }
    client, _ = start(kind, clock, answer(400, problem))
    with pytest.raises(ValidationError, match=r"hardware: no such") as raised:
        client.deployments.update("me/it", hardware="gpu")
    assert raised.value.invalid_fields == (
        InvalidField(type="", field="hardware", description="no such"),
    )
    assert str(raised.value).count("no such") == 1


def test_a_redirect_leaves_no_token_in_the_error() -> None:
    script = Script(answer(307, {}, location="/v1/elsewhere"))
    client = Replicate(TOKEN, BASE_URL, transport=script.transport)

    with pytest.raises(APIError) as caught:
        client.predictions.get("p1")

    assert TOKEN.encode() not in pickle.dumps(caught.value)
    assert TOKEN not in str(vars(caught.value.response))


def test_headers_go_to_the_api_alone(kind: Kind, clock: VirtualClock) -> None:
    client, script = start(
        kind,
        clock,
        created("processing", output="https://files.test/a.png"),
        answer(200, b"x"),
        headers={"X-Key": "secret"},
    )

    file = client.run("owner/name", {})
    if kind == "sync":
        file.read()
        assert "X-Key" not in script.requests[1].headers
    assert script.requests[0].headers["X-Key"] == "secret"
