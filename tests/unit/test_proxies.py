"""The proxy for a URL and the trusted certificates, without a network."""

from __future__ import annotations

import logging
import ssl
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st

from replicate_ext import InvalidInputError
from replicate_ext._network.credentials import certificates
from replicate_ext._network.outgoing import Outgoing
from replicate_ext._network.proxies import Proxies, proxy_of, tls_context
from replicate_ext._network.route import Route

PROXY = "http://proxy.test:3128"


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)


def goes_through_proxy(url: str, no_proxy: str) -> bool:
    return Proxies({"all": PROXY, "no": no_proxy}).of(httpx.URL(url)) is not None


@pytest.mark.parametrize(
    ("no_proxy", "excluded", "included"),
    [
        ("*", ["http://a.test", "https://10.0.0.1:8443"], []),
        ("a.test", ["http://a.test", "https://b.a.test:99"], ["http://aa.test", "http://a.test.x"]),
        (".a.test", ["http://a.test", "http://b.a.test"], ["http://ba.test"]),
        ("*.a.test", ["http://a.test", "http://b.a.test"], ["http://ba.test"]),
        ("A.TEST.", ["http://a.test"], ["http://b.test"]),
        ("a.test:8080", ["http://a.test:8080"], ["http://a.test", "http://a.test:80"]),
        ("a.test:443", ["https://a.test"], ["http://a.test"]),
        ("10.0.0.1", ["http://10.0.0.1:81"], ["http://10.0.0.2", "http://x.10.0.0.1.test"]),
        ("10.0.0.1:81", ["http://10.0.0.1:81"], ["http://10.0.0.1"]),
        ("10.0.0.0/8", ["http://10.9.9.9"], ["http://11.0.0.1", "http://ten.test"]),
        ("10.1.2.3/8", ["http://10.9.9.9"], ["http://11.0.0.1"]),
        ("::1", ["http://[::1]:8000"], ["http://[::2]", "http://127.0.0.1"]),
        ("[::1]", ["http://[::1]"], ["http://[::2]"]),
        ("[::1]:81", ["http://[::1]:81"], ["http://[::1]"]),
        ("fe80::/10", ["http://[fe80::5]"], ["http://[::1]"]),
        ("http://a.test", ["http://a.test"], ["https://a.test"]),
        ("https://a.test:8443/", ["https://a.test:8443"], ["https://a.test", "http://a.test:8443"]),
        (" a.test , b.test ", ["http://a.test", "http://b.test"], ["http://c.test"]),
        ("a.test b.test", ["http://a.test", "http://b.test"], ["http://c.test"]),
        (",,", [], ["http://a.test"]),
    ],
)
def test_an_entry_of_no_proxy_excludes_the_matching_urls(
    no_proxy: str, excluded: list[str], included: list[str]
) -> None:
    assert not any(goes_through_proxy(url, no_proxy) for url in excluded)
    assert all(goes_through_proxy(url, no_proxy) for url in included)


@pytest.mark.parametrize(
    "entry",
    ["a.test:99999", "a.test:x", "[::1", "10.0.0.0/99", "a/b", "://", "http://", "%%", "::z"],
)
def test_an_entry_that_cannot_be_read_is_ignored_with_a_warning(
    entry: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert goes_through_proxy("http://a.test", f"{entry},b.test")
    assert not goes_through_proxy("http://b.test", f"{entry},b.test")
    assert {record.levelno for record in caplog.records} == {logging.WARNING}
    assert all(repr(entry) in record.getMessage() for record in caplog.records)


@given(st.text(max_size=30).filter(lambda text: "*" not in text))
def test_any_entry_of_no_proxy_can_be_parsed(entry: str) -> None:
    assert goes_through_proxy("http://host-of-nobody.test", entry.replace("test", ""))


def test_the_scheme_s_own_proxy_comes_before_that_of_all() -> None:
    proxies = Proxies({"http": "http://one.test", "all": "two.test:3128"})

    assert proxies.of(httpx.URL("http://a.test")) == ("http://one.test", "HTTP_PROXY")
    assert proxies.of(httpx.URL("https://a.test")) == ("http://two.test:3128", "ALL_PROXY")


@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY"])
def test_both_spellings_of_a_variable_count_and_its_name_is_known(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, PROXY)

    assert Proxies().of(httpx.URL("http://a.test")) == (PROXY, name)


def test_without_a_proxy_nothing_is_read_of_no_proxy(caplog: pytest.LogCaptureFixture) -> None:
    assert Proxies({"no": "%%"}).of(httpx.URL("http://a.test")) is None
    assert not caplog.records


SECRET = "hunter2"


@pytest.mark.parametrize(
    "url",
    [
        f"socks://ann:{SECRET}@proxy.test:1080",
        f"ftp://ann:{SECRET}@proxy.test",
        f"ann:{SECRET}@proxy.test:3128",
        f"http://ann:{SECRET}@proxy.test:99999",
        f"http://ann:{SECRET}@proxy.test:0",
        f"http://ann:{SECRET}@[::1",
        f"http://ann:{SECRET}@",
        f"http://ann:77/{SECRET}@proxy.test:3128",
        f"http://ann:77#{SECRET}@proxy.test:3128",
        f"http://ann:{SECRET}/77@proxy.test:3128",
        "http://proxy.test:99999",
        "http://",
        "proxy.test:3128",
        "",
        "http://a\nb",
    ],
)
def test_an_invalid_proxy_is_rejected_by_name_and_without_its_password(url: str) -> None:
    with pytest.raises(InvalidInputError, match=r"^proxy (is|has|contains) ") as caught:
        proxy_of(url, "proxy")

    assert SECRET not in str(caught.value)
    assert "http://host:port" in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_proxy_that_needs_another_package_says_which() -> None:
    with pytest.raises(InvalidInputError, match=r"ALL_PROXY .* pip install 'httpx\[socks\]'"):
        proxy_of("socks5://proxy.test:1080", "ALL_PROXY")


def test_the_repr_of_a_target_does_not_show_the_proxy_password() -> None:
    route = Route(proxy_of(f"http://ann:{SECRET}@proxy.test:3128", "proxy"), verify=True)
    request = httpx.Request("GET", "http://a.test")

    target = route.target(Outgoing.of(request))

    assert SECRET not in repr(target)
    assert target == route.target(Outgoing.of(request))


@pytest.mark.parametrize("port", ["0", "65536", "99999"])
def test_an_invalid_port_is_an_error_of_the_url(port: str) -> None:
    with pytest.raises(httpx.UnsupportedProtocol, match=port):
        Route(None, verify=True).target(Outgoing.of(httpx.Request("GET", f"http://a.test:{port}")))


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    path = tmp_path / "authority.pem"
    trustme.CA().cert_pem.write_to_path(path)
    return path


@pytest.mark.parametrize("as_type", [str, Path])
def test_a_path_trusts_the_certificates_in_it(bundle: Path, as_type: Any) -> None:
    assert tls_context(verify=certificates(as_type(bundle))).cert_store_stats()["x509_ca"] == 1


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
def test_the_environment_s_certificates_are_trusted(
    bundle: Path, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_file = variable == "SSL_CERT_FILE"
    monkeypatch.setenv(variable, str(bundle if is_file else bundle.parent))

    # Those of a directory are read when a host needs them.
    assert tls_context(verify=True).cert_store_stats()["x509_ca"] == (1 if is_file else 0)


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "SSL_CERT_DIR", "verify"])
@pytest.mark.parametrize("what", ["missing", "without certificates"])
def test_certificates_that_cannot_be_read_are_refused_by_name(
    name: str, what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "bundle.pem"
    if what != "missing":
        path.write_text("no certificates at all")
    if name != "verify":
        monkeypatch.setenv(name, str(path))

    with pytest.raises(InvalidInputError, match=f"^{name}: .* '{path}'"):
        tls_context(verify=certificates(str(path) if name == "verify" else True))


def test_false_trusts_any_server_and_a_context_is_used_as_it_is() -> None:
    context = ssl.create_default_context()

    assert tls_context(verify=False).verify_mode == ssl.CERT_NONE
    assert tls_context(verify=context) is context
