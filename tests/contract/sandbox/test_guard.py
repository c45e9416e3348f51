"""The sandbox accepts requests from programs, and rejects those from pages of other sites."""

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
    "0.0.0.0",  # noqa: S104 - browsers connect to this machine
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
    def test_loopback_names_are_accepted(self, sandbox: Sandbox, host: str) -> None:
        assert status(sandbox, {"Host": host}) == 200

    @pytest.mark.parametrize("host", OTHERS)
    def test_other_names_are_rejected(self, sandbox: Sandbox, host: str) -> None:
        with client_of(sandbox) as client:
            response = client.get("/account", headers={"Host": host})
        assert response.status_code == 403
        assert response.headers["content-type"] == "application/problem+json"
        assert "allowed_hosts" in response.json()["detail"]

    def test_a_request_without_a_host_is_rejected(self, sandbox: Sandbox) -> None:
        url = httpx.URL(sandbox.base_url)
        connection = http.client.HTTPConnection(url.host, url.port)
        connection._http_vsn = 10  # type: ignore[attr-defined]  # noqa: SLF001 - 1.1 needs one
        connection._http_vsn_str = "HTTP/1.0"  # type: ignore[attr-defined]  # noqa: SLF001 - as above
        connection.putrequest("GET", "/v1/account", skip_host=True)
        connection.endheaders()
        assert connection.getresponse().status == 403
        connection.close()

    def test_a_rejected_request_has_no_effect(self, local: Local) -> None:
        for path in ("/predictions", f"/models/{HELLO}/predictions"):
            body = {"version": HELLO, "input": {"text": "x"}}
            refused = local.client.post(path, json=body, headers={"Host": "evil.example"})
            assert refused.status_code == 403
        assert local.client.get("/predictions").json()["results"] == []
        assert [request.method for request in local.sandbox.requests] == ["GET"]

    def test_dns_rebinding_is_rejected(self, local: Local) -> None:
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
    def test_other_names_can_be_allowed(self, allowing: Sandbox, host: str) -> None:
        assert status(allowing, {"Host": host}) == 200

    @pytest.mark.parametrize("host", ["x.sandbox.test", "sandbox.test.evil.example", "10.0.0.8"])
    def test_only_allowed_names_are_accepted(self, allowing: Sandbox, host: str) -> None:
        assert status(allowing, {"Host": host}) == 403

    @pytest.mark.parametrize("name", ["", "http://sandbox", "sandbox:80", "a/b", "*.a b", "a,b"])
    def test_an_invalid_host_name_is_an_error(self, name: str) -> None:
        with pytest.raises(ValueError, match="allowed_hosts"):
            Sandbox(allowed_hosts=[name])

    def test_a_string_instead_of_a_list_is_an_error(self) -> None:
        with pytest.raises(ValueError, match="allowed_hosts must be a list"):
            Sandbox(allowed_hosts="sandbox")


class TestPages:
    @pytest.mark.parametrize(
        "origin", ["http://evil.example", "https://localhost.evil.example", "null", "", "http://["]
    )
    @pytest.mark.parametrize("kind", ["application/json", "text/plain"])
    def test_another_site_can_neither_read_nor_write(
        self, local: Local, origin: str, kind: str
    ) -> None:
        headers = {"Origin": origin, "Content-Type": kind}
        body = b'{"version": "replicate/hello-world", "input": {"text": "x"}}'
        posted = local.client.post("/predictions", content=body, headers=headers)
        preflight = local.client.options("/predictions", headers=headers)
        assert [response.status_code for response in (posted, preflight)] == [403, 403]
        assert not any(name.startswith("access-control") for name in posted.headers)
        assert local.client.get("/predictions").json()["results"] == []

    def test_a_cross_site_request_without_an_origin_is_rejected(self, sandbox: Sandbox) -> None:
        for site, expected in (("cross-site", 403), ("same-origin", 200), ("none", 200)):
            assert status(sandbox, {"Sec-Fetch-Site": site}, "/search?query=hello") == expected

    @pytest.mark.parametrize("origin", ["http://localhost:3000", "http://127.0.0.1:1"])
    def test_a_proxy_of_a_page_on_this_machine_is_accepted(
        self, sandbox: Sandbox, origin: str
    ) -> None:
        assert status(sandbox, {"Origin": origin}) == 200

    def test_a_page_of_an_allowed_host_is_accepted(self, allowing: Sandbox) -> None:
        assert status(allowing, {"Origin": "https://sandbox.test"}) == 200
        assert status(allowing, {"Origin": "https://other.test"}) == 403

    def test_any_page_can_show_outputs(self, local: Local) -> None:
        @local.sandbox.model("me/file")
        def file() -> bytes:
            return b"x"

        headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "image"}
        assert fetch(output(local.client, "me/file"), **headers).status_code == 200
