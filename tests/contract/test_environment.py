"""Proxies and certificates from arguments and the environment. Guarantee 19."""

from __future__ import annotations

import base64
import logging
import select
import socket
import ssl
from pathlib import Path
from typing import Any

import pytest
import trustme
from support.clients import Kind, make_client
from support.raw import CLOSE, Heard, StartServer, Wire, done, response

from replicate_ext import APIConnectionError, InvalidInputError

CREATE = "/v1/models/owner/name/predictions"
PASSWORD = "hunter2"
CREDENTIALS = base64.b64encode(f"ann:{PASSWORD}".encode()).decode()


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http", "https", "all", "no"):
        monkeypatch.delenv(f"{name}_proxy", raising=False)
        monkeypatch.delenv(f"{name}_PROXY".upper(), raising=False)
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
def bundle(authority: trustme.CA, tmp_path: Path) -> Path:
    path = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(path)
    return path


def tunnel(heard: Heard, wire: Wire) -> str:
    """Connect to where a proxy is asked to, and carry bytes until an end closes."""
    assert heard.method == "CONNECT"
    host, _, port = heard.target.rpartition(":")
    with socket.create_connection((host, int(port))) as target:
        wire.send(b"HTTP/1.1 200 Connected\r\n\r\n")
        while True:
            # What TLS holds already, select does not see.
            pending = isinstance(wire.socket, ssl.SSLSocket) and wire.socket.pending()
            ready = [wire.socket] if pending else select.select([target, wire.socket], [], [])[0]
            for one in ready:
                other = target if one is wire.socket else wire.socket
                if not (data := one.recv(65536)):
                    return CLOSE
                other.sendall(data)


VARIABLES = ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"]


@pytest.mark.parametrize("variable", VARIABLES)
def test_a_forward_proxy_of_the_environment_gets_the_whole_url(
    kind: Kind,
    variable: str,
    start_server: StartServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    proxy = start_server()
    monkeypatch.setenv(variable, f"http://ann:{PASSWORD}@127.0.0.1:{proxy.port}")

    assert make_client(kind, base_url="http://nowhere.test/v1").run("owner/name", {}) == "done"

    assert proxy.seen == [f"POST http://nowhere.test{CREATE}"]
    assert proxy.heard[0].headers["proxy-authorization"] == f"Basic {CREDENTIALS}"


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])
def test_an_https_url_goes_through_a_tunnel(
    kind: Kind,
    variable: str,
    start_server: StartServer,
    tls: ssl.SSLContext,
    bundle: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    api, proxy = start_server(done, tls), start_server(tunnel)
    monkeypatch.setenv(variable, f"ann:{PASSWORD}@127.0.0.1:{proxy.port}")  # http is meant
    client = make_client(kind, base_url=f"{api.url}/v1", verify=bundle)

    assert client.run("owner/name", {}) == "done"

    assert proxy.seen == [f"CONNECT 127.0.0.1:{api.port}"]
    assert proxy.heard[0].headers["proxy-authorization"] == f"Basic {CREDENTIALS}"
    assert "authorization" not in proxy.heard[0].headers
    assert "proxy-authorization" not in api.heard[0].headers


def test_a_proxy_may_speak_tls_and_verify_is_about_its_certificate_too(
    kind: Kind, start_server: StartServer, tls: ssl.SSLContext, bundle: Path
) -> None:
    api, proxy = start_server(done, tls), start_server(tunnel, tls)
    client = make_client(kind, base_url=f"{api.url}/v1", proxy=proxy.url, verify=bundle)

    # Large enough for several records of the TLS inside.
    assert client.run("owner/name", {"text": "x" * 200_000}) == "done"

    assert proxy.seen == [f"CONNECT 127.0.0.1:{api.port}"]
    assert len(api.heard[0].body) > 200_000


def test_a_proxy_for_the_other_scheme_is_not_used(
    kind: Kind, start_server: StartServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    api, proxy = start_server(), start_server()
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)

    make_client(kind, base_url=f"{api.url}/v1").run("owner/name", {})

    assert proxy.heard == []


@pytest.mark.parametrize("variable", ["NO_PROXY", "no_proxy"])
def test_no_proxy_excludes_hosts_from_the_proxy(
    kind: Kind,
    variable: str,
    start_server: StartServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    api, proxy = start_server(), start_server()
    monkeypatch.setenv("ALL_PROXY", proxy.url)
    monkeypatch.setenv(variable, "%%, 127.0.0.0/8")

    make_client(kind, base_url=f"{api.url}/v1").run("owner/name", {})

    assert (len(api.heard), proxy.heard) == (1, [])


def test_the_argument_wins_over_the_environment(
    kind: Kind, start_server: StartServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy, other = start_server(), start_server()
    monkeypatch.setenv("ALL_PROXY", other.url)
    monkeypatch.setenv("NO_PROXY", "*")

    make_client(kind, base_url="http://nowhere.test/v1", proxy=proxy.url).run("owner/name", {})

    assert (len(proxy.heard), other.heard) == (1, [])


def test_no_proxy_without_a_proxy_leaves_the_pool_in_use(
    start_server: StartServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = start_server()
    monkeypatch.setenv("NO_PROXY", "localhost, 127.0.0.1, api.test")
    client = make_client("sync", base_url=f"{api.url}/v1")

    for _ in range(3):
        client.run("owner/name", {})

    assert api.connections == 1
    client.close()


def test_a_proxy_that_refuses_shows_no_credentials_and_was_not_the_api(
    kind: Kind, start_server: StartServer, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(_: Heard, wire: Wire) -> str:
        wire.send(response(407, b"no", Proxy_Authenticate="Basic"))
        return CLOSE

    proxy = start_server(refuse)
    url = f"http://ann:{PASSWORD}@127.0.0.1:{proxy.port}"
    client = make_client(kind, base_url="https://nowhere.test/v1", proxy=url, max_retries=1)
    caplog.set_level(logging.DEBUG)

    # A connection error: the API certainly took nothing, so the create was sent again.
    with pytest.raises(APIConnectionError, match="407") as caught:
        client.run("owner/name", {})

    assert len(proxy.heard) == 2
    shown = [str(caught.value), repr(caught.value), repr(client), caplog.text]
    cause: BaseException | None = caught.value
    while cause is not None:
        shown.append(repr(cause))
        cause = cause.__cause__
    assert not any(secret in text for text in shown for secret in (PASSWORD, CREDENTIALS))


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("ALL_PROXY", f"socks://ann:{PASSWORD}@127.0.0.1:1", "socks5"),
        ("http_proxy", f"http://ann:{PASSWORD}@127.0.0.1:99999", "http://host:port"),
        ("HTTP_PROXY", "'http://127.0.0.1:9'", "http://host:port"),
        ("proxy", f"ann:{PASSWORD}@127.0.0.1:9", "http://host:port"),
    ],
)
def test_an_invalid_proxy_is_rejected_before_anything_is_sent(
    kind: Kind,
    name: str,
    value: str,
    reason: str,
    start_server: StartServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    api = start_server()
    options: dict[str, Any] = {"proxy": value} if name == "proxy" else {}
    if name != "proxy":
        monkeypatch.setenv(name, value)

    with pytest.raises(InvalidInputError, match=f"^{name} .*{reason}") as caught:
        make_client(kind, base_url=f"{api.url}/v1", **options).run("owner/name", {})

    assert PASSWORD not in str(caught.value)
    assert api.connections == 0


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "SSL_CERT_DIR", "verify"])
def test_missing_certificates_are_refused_by_name_before_anything_is_sent(
    kind: Kind,
    name: str,
    start_server: StartServer,
    tls: ssl.SSLContext,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    api = start_server(done, tls)
    options: dict[str, Any] = {"verify": "/not/there"} if name == "verify" else {}
    if name != "verify":
        monkeypatch.setenv(name, "/not/there")

    with pytest.raises(InvalidInputError, match=f"^{name}: .* '/not/there'"):
        make_client(kind, base_url=f"{api.url}/v1", **options).run("owner/name", {})

    assert api.connections == 0


def test_the_certificates_of_the_environment_are_trusted(
    kind: Kind,
    start_server: StartServer,
    tls: ssl.SSLContext,
    bundle: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    api = start_server(done, tls)
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))

    assert make_client(kind, base_url=f"{api.url}/v1").run("owner/name", {}) == "done"


@pytest.mark.parametrize("is_plain", [False, True])
def test_permanent_tls_errors_are_not_retried(
    kind: Kind, is_plain: bool, start_server: StartServer, tls: ssl.SSLContext
) -> None:
    api = start_server(done, None if is_plain else tls)
    client = make_client(kind, base_url=f"https://127.0.0.1:{api.port}/v1")

    with pytest.raises(APIConnectionError, match=r"base_url.*verify=.*SSL_CERT_FILE"):
        client.run("owner/name", {})

    assert api.connections == 1
    assert api.heard == [] or is_plain


@pytest.mark.parametrize("host", ["a" * 64 + ".test", "a..test"])
def test_an_invalid_host_name_is_a_connection_error(kind: Kind, host: str) -> None:
    client = make_client(kind, base_url=f"http://{host}/v1", max_retries=0)

    with pytest.raises(APIConnectionError):
        client.run("owner/name", {})
