"""The sandbox answers programs on this machine, and no page of another site."""

from __future__ import annotations

import http.client
from typing import TYPE_CHECKING

import httpx
import pytest
from support.sandboxes import HELLO, Local, client_of, create, fetch, output

from replicate_ext.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

LOOPBACK = [
    "127.0.0.1",
    "127.255.1.2:80",
    "localhost:1234",
    "LocalHost",
    "localhost.",
    "[::1]:80",
    "api.localhost:80",
]
OTHERS = [
    "evil.example",
    "evil.example:80",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "notlocalhost",
    "0.0.0.0",  # noqa: S104 - browsers take it for this machine
    "10.0.0.7",
    "[fd00::7]",
    "localhost@evil.example",
    "evil.example/localhost",
    "localhost, evil.example",
    "a b",
    ":80",
    ".",
    "",
]


@pytest.fixture(scope="module")
def allowing() -> Iterator[Sandbox]:
    with Sandbox(allowed_hosts=["Sandbox.Test", "10.0.0.7", "[fd00::7]"]) as sandbox:
        yield sandbox


def status(sandbox: Sandbox, headers: dict[str, str], path: str = "/account") -> int:
    with client_of(sandbox) as client:
        return client.get(path, headers=headers).status_code


class TestHosts:
    @pytest.mark.parametrize("host", LOOPBACK)
    def test_loopback_names_are_answered(self, sandbox: Sandbox, host: str) -> None:
        assert status(sandbox, {"Host": host}) == 200

    @pytest.mark.parametrize("host", OTHERS)
    def test_other_names_are_refused(self, sandbox: Sandbox, host: str) -> None:
        with client_of(sandbox) as client:
            answer = client.get("/account", headers={"Host": host})
        assert answer.status_code == 403
        assert answer.headers["content-type"] == "application/problem+json"
        assert "allowed_hosts" in answer.json()["detail"]

    def test_a_request_without_a_host_is_refused(self, sandbox: Sandbox) -> None:
        url = httpx.URL(sandbox.base_url)
        connection = http.client.HTTPConnection(url.host, url.port)
        connection._http_vsn = 10  # type: ignore[attr-defined]  # noqa: SLF001 - 1.1 needs one
        connection._http_vsn_str = "HTTP/1.0"  # type: ignore[attr-defined]  # noqa: SLF001 - as above
        connection.putrequest("GET", "/v1/account", skip_host=True)
        connection.endheaders()
        assert connection.getresponse().status == 403
        connection.close()

    def test_a_refused_request_does_nothing(self, local: Local) -> None:
        for path in ("/predictions", f"/models/{HELLO}/predictions"):
            body = {"version": HELLO, "input": {"text": "x"}}
            refused = local.client.post(path, json=body, headers={"Host": "evil.example"})
            assert refused.status_code == 403
        assert local.client.get("/predictions").json()["results"] == []
        assert [request.method for request in local.sandbox.requests] == ["GET"]

    def test_nothing_is_given_to_a_name_that_was_made_to_lead_here(self, local: Local) -> None:
        @local.sandbox.model("me/file")
        def file() -> bytes:
            return b"x"

        shown = create(local.client, "sandbox/storyteller", prompt="x").json()["urls"]["stream"]
        for url in (output(local.client, "me/file"), shown):
            assert fetch(url).status_code == 200
            assert fetch(url, Host="evil.example").status_code == 403

    @pytest.mark.parametrize(
        "host", ["sandbox.test", "SANDBOX.test:8080", "10.0.0.7:80", "[fd00::7]:80", "localhost"]
    )
    def test_others_can_be_allowed(self, allowing: Sandbox, host: str) -> None:
        assert status(allowing, {"Host": host}) == 200

    @pytest.mark.parametrize("host", ["x.sandbox.test", "sandbox.test.evil.example", "10.0.0.8"])
    def test_only_what_is_allowed(self, allowing: Sandbox, host: str) -> None:
        assert status(allowing, {"Host": host}) == 403

    @pytest.mark.parametrize("name", ["", "http://sandbox", "sandbox:80", "a/b", "*.a b", "a,b"])
    def test_what_is_no_host_name_cannot_be_allowed(self, name: str) -> None:
        with pytest.raises(ValueError, match="allowed_hosts"):
            Sandbox(allowed_hosts=[name])

    def test_one_name_is_not_taken_for_many(self) -> None:
        with pytest.raises(ValueError, match="allowed_hosts must be a list"):
            Sandbox(allowed_hosts="sandbox")


class TestPages:
    @pytest.mark.parametrize(
        "origin", ["http://evil.example", "https://localhost.evil.example", "null", "", "http://["]
    )
    @pytest.mark.parametrize("kind", ["application/json", "text/plain"])
    def test_another_site_can_neither_read_nor_change(
        self, local: Local, origin: str, kind: str
    ) -> None:
        headers = {"Origin": origin, "Content-Type": kind}
        body = b'{"version": "replicate/hello-world", "input": {"text": "x"}}'
        posted = local.client.post("/predictions", content=body, headers=headers)
        asked = local.client.options("/predictions", headers=headers)
        assert [answer.status_code for answer in (posted, asked)] == [403, 403]
        assert not any(name.startswith("access-control") for name in posted.headers)
        assert local.client.get("/predictions").json()["results"] == []

    def test_a_request_that_tells_no_origin_is_refused_by_where_it_comes_from(
        self, sandbox: Sandbox
    ) -> None:
        for site, expected in (("cross-site", 403), ("same-origin", 200), ("none", 200)):
            assert status(sandbox, {"Sec-Fetch-Site": site}, "/search?query=hello") == expected

    @pytest.mark.parametrize("origin", ["http://localhost:3000", "http://127.0.0.1:1"])
    def test_a_proxy_of_a_page_on_this_machine_is_answered(
        self, sandbox: Sandbox, origin: str
    ) -> None:
        assert status(sandbox, {"Origin": origin}) == 200

    def test_a_page_of_an_allowed_host_is_answered(self, allowing: Sandbox) -> None:
        assert status(allowing, {"Origin": "https://sandbox.test"}) == 200
        assert status(allowing, {"Origin": "https://other.test"}) == 403

    def test_outputs_can_be_shown_in_any_page(self, local: Local) -> None:
        @local.sandbox.model("me/file")
        def file() -> bytes:
            return b"x"

        headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "image"}
        assert fetch(output(local.client, "me/file"), **headers).status_code == 200
