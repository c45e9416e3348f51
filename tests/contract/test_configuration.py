"""What a client is made with: checked at once, copied whole, pickled without credentials."""

from __future__ import annotations

import copy
import dataclasses
import math
import pickle
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from support.clients import BASE_URL, TOKEN, Kind, Script, answer, created, make_client
from support.leaks import HIDDEN

from replicate_ext import AsyncReplicate, InvalidInputError, Replicate

KINDS: list[type[Any]] = [Replicate, AsyncReplicate]


def client_of(kind: Kind) -> type[Any]:
    return Replicate if kind == "sync" else AsyncReplicate


# Options


async def in_a_while(elapsed: float) -> float:
    return elapsed


@pytest.mark.parametrize("client", KINDS)
@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("poll_interval", value) for value in (-3, 0, "x", math.nan, in_a_while)),
        *(("file_encoding", value) for value in ("bogus", "", None)),
        *(("max_retries", value) for value in (-1, 1.5, True, None)),
        *(("timeout", value) for value in ("5", 0, -1, math.nan, httpx.Timeout(5, read=-1))),
        *(("verify", value) for value in (None, 0, "", "/nope", Path("/nope"), b"")),
        *(("proxy", value) for value in ("", "x", "ftp://a", "http://", "http://a:99999", 5)),
        ("headers", "X"),
        ("user_agent", None),
        ("base_url", 5),
    ],
)
def test_an_option_that_cannot_be_right_is_refused_by_its_name(
    client: type[Any], name: str, value: Any
) -> None:
    with pytest.raises(InvalidInputError, match=name):
        client(TOKEN, **{name: value})


@pytest.mark.parametrize("client", KINDS)
@pytest.mark.parametrize(
    "base_url",
    [
        "https://gateway.test/v1?key=hidden",
        "https://gateway.test/v1?",
        "https://gateway.test/v1#hidden",
        "https://gateway.test/hidden v1",
        " https://gateway.test/hidden",
        "https://gateway.test/hidden\n",
        "https://gateway.test:65536/hidden",
        "https://gateway.test:99999/hidden",
        "https://gateway.test:0/hidden",
        "https://gateway.test:port/hidden",
        "https://[::1/hidden",
        "https://user:hidden@gateway.test/v1",
        "https://hidden@gateway.test/v1",
    ],
)
def test_a_base_url_that_cannot_be_right_is_refused_and_not_quoted(
    client: type[Any], base_url: str
) -> None:
    with pytest.raises(InvalidInputError, match=r"^base_url ") as raised:
        client(TOKEN, base_url)
    assert "hidden" not in str(raised.value)


@pytest.mark.parametrize("base_url", ["http://localhost:1/a", "https://[::1]:65535/v1", BASE_URL])
def test_other_base_urls_are_taken(kind: Kind, base_url: str) -> None:
    assert make_client(kind, base_url=base_url).base_url == base_url


@pytest.mark.parametrize("timeout", [math.inf, None, 1e300])
def test_an_infinite_timeout_is_none(kind: Kind, timeout: Any) -> None:
    script = Script(answer(200, {}))
    make_client(kind, timeout=timeout, transport=script.transport).account.get()
    assert set(script.requests[0].extensions["timeout"].values()) == {None}


@pytest.mark.parametrize("form", [str, Path])
def test_certificates_are_read_from_a_path(kind: Kind, tmp_path: Path, form: type[Any]) -> None:
    file = tmp_path / "certificates.pem"
    known = ssl.create_default_context().get_ca_certs(binary_form=True)
    file.write_text("".join(ssl.DER_cert_to_PEM_cert(one) for one in known[:1]))

    for path in (file, tmp_path):
        assert make_client(kind, verify=form(path)).base_url == BASE_URL


@pytest.mark.parametrize("client", KINDS)
def test_a_file_without_certificates_is_named(client: type[Any], tmp_path: Path) -> None:
    file = tmp_path / "certificates.pem"
    file.write_text("nothing")
    with pytest.raises(InvalidInputError, match=r"verify: .*certificates\.pem"):
        client(TOKEN, verify=file)


@pytest.mark.parametrize("client", KINDS)
@pytest.mark.parametrize(
    "proxy", [f"http://user:{HIDDEN}@a b", f"ftp://user:{HIDDEN}@a", f"http://u:{HIDDEN}@a:99999"]
)
def test_a_proxy_that_cannot_be_right_is_not_quoted(client: type[Any], proxy: str) -> None:
    with pytest.raises(InvalidInputError, match=r"^proxy ") as raised:
        client(TOKEN, proxy=proxy)
    assert HIDDEN not in str(raised.value)


# Headers are defaults


def sent(kind: Kind, call: str, *args: Any, headers: dict[str, str], **options: Any) -> Any:
    """Return the headers of a request that a client with these headers sends."""
    script = Script(created("succeeded", output="x"))
    client = make_client(kind, headers=headers, transport=script.transport)
    for name in call.split("."):
        client = getattr(client, name)
    client(*args, **options)
    return script.requests[0].headers


@pytest.mark.parametrize("name", ["Content-Type", "content-type"])
def test_a_body_keeps_its_own_type(kind: Kind, name: str) -> None:
    headers = {name: "text/x-wrong"}

    form = sent(kind, "request", "POST", "/x", files={"a": b"1"}, headers=headers)
    json = sent(kind, "request", "POST", "/x", json={}, headers=headers)
    run = sent(kind, "run", "owner/name", {}, headers=headers)
    plain = sent(kind, "request", "GET", "/x", headers=headers)

    assert form["Content-Type"].startswith("multipart/form-data; boundary=")
    assert (json["Content-Type"], run["Content-Type"]) == ("application/json",) * 2
    assert plain["Content-Type"] == "text/x-wrong"


def test_a_run_keeps_its_own_hold_and_limit(kind: Kind) -> None:
    headers = {"Prefer": "wait=5", "Cancel-After": "9s"}

    run = sent(kind, "run", "owner/name", {}, wait=30, cancel_after="1m", headers=headers)

    assert (run["Prefer"], run["Cancel-After"]) == ("wait=30", "60s")


OWN = {"User-Agent": "own", "Accept": "own/a", "Accept-Encoding": "own-e", "Connection": "close"}


@pytest.mark.parametrize("name", [*OWN, "X-Team"])
def test_headers_replace_what_httpx_sends_by_itself_and_requests_replace_them(
    kind: Kind, name: str
) -> None:
    ours = {name.upper(): "ours"}
    script = Script(answer(200, {}))
    client = make_client(kind, headers=ours, transport=script.transport)

    client.request("GET", "/x")
    client.request("GET", "/x", headers={name: OWN.get(name, "own")})

    first, second = script.requests
    assert first.headers.get_list(name) == ["ours"]
    assert second.headers.get_list(name) == [OWN.get(name, "own")]


def test_headers_replace_what_a_borrowed_client_sends_by_itself(kind: Kind) -> None:
    script = Script(answer(200, {}))
    base: type[Any] = httpx.Client if kind == "sync" else httpx.AsyncClient
    theirs = {"Accept": "theirs", "X-Team": "theirs", "X-Own": "theirs"}
    own = base(transport=script.transport, headers=theirs)
    client = make_client(kind, http_client=own, headers={"accept": "ours", "x-team": "ours"})

    client.request("GET", "/x")
    client.request("GET", "/x", headers={"X-Team": "its"})

    first, second = (request.headers for request in script.requests)
    assert [first[name] for name in theirs] == ["ours", "ours", "theirs"]
    assert [second[name] for name in theirs] == ["ours", "its", "theirs"]


def test_the_host_is_a_default_too(kind: Kind) -> None:
    headers = {"Host": "virtual.test"}
    assert sent(kind, "request", "GET", "/x", headers=headers)["Host"] == "virtual.test"


@pytest.mark.parametrize("is_lent", [True, False])
def test_low_level_functions_keep_their_own_headers(kind: Kind, *, is_lent: bool) -> None:
    import asyncio

    from replicate_api.api.predictions import create
    from replicate_api.models import VersionPredictionRequest

    script = Script(created())
    options: dict[str, Any] = {"transport": script.transport}
    if is_lent:
        base: type[Any] = httpx.Client if kind == "sync" else httpx.AsyncClient
        options = {"http_client": base(transport=script.transport)}
    made: Any = client_of(kind)(
        TOKEN, BASE_URL, headers={"Prefer": "wait=5", "Content-Type": "x", "Accept": "y"}, **options
    )
    body = VersionPredictionRequest(version="v", input={})

    if kind == "sync":
        create.sync(client=made, body=body, prefer="wait=30")
    else:
        asyncio.run(create.asyncio(client=made, body=body, prefer="wait=30"))

    headers = script.requests[0].headers
    assert (headers["Prefer"], headers["Content-Type"]) == ("wait=30", "application/json")
    assert headers["Accept"] == "y"


# Copies


@dataclasses.dataclass
class Agent:
    client: Any


class Part:
    """A client whose requests are those of a copied part."""

    def __init__(self, client: Any) -> None:
        self.account = copy.deepcopy(client.account)


COPIES: dict[str, Callable[[Any], Any]] = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "in a list": lambda client: copy.deepcopy([client, client])[1],
    "asdict": lambda client: dataclasses.asdict(Agent(client))["client"],
    "of its part": Part,
    "of a copy": lambda client: copy.deepcopy(copy.copy(client)),
}


@pytest.mark.parametrize("how", COPIES)
@pytest.mark.parametrize("given", ["transport", "http_client"])
def test_a_copy_is_the_same_account_over_the_same_connections(
    kind: Kind, monkeypatch: pytest.MonkeyPatch, how: str, given: str
) -> None:
    import anyio

    monkeypatch.setenv("REPLICATE_API_TOKEN", "r8_of_somebody_else")
    script = Script(answer(200, {}))
    base: type[Any] = httpx.Client if kind == "sync" else httpx.AsyncClient
    own = script.transport if given == "transport" else base(transport=script.transport)
    made: Any = client_of(kind)(TOKEN, BASE_URL, headers={"X-Team": "blue"}, **{given: own})

    made = COPIES[how](made)
    if kind == "sync":
        made.account.get()
    else:
        anyio.run(made.account.get, backend=kind)

    [request] = script.requests
    assert request.headers["Authorization"] == f"Bearer {TOKEN}"
    assert request.headers["X-Team"] == "blue"


def test_a_copy_shares_the_pool(kind: Kind) -> None:
    client: Any = client_of(kind)(TOKEN)
    for again in (copy.copy(client), copy.deepcopy(client)):
        assert type(again) is type(client)
        assert again is not client
        assert again._clients is client._clients  # noqa: SLF001 - nothing public shows it
        assert again.base_url == client.base_url


class Team(Replicate):
    """A subclass that is made in another way, and has attributes of its own."""

    def __init__(self, team: str, members: list[str]) -> None:
        self.members = members
        super().__init__(TOKEN, BASE_URL, headers={"X-Team": team}, max_retries=2)
        self.team = team


class AsyncTeam(AsyncReplicate):
    """The same with the async client."""

    def __init__(self, team: str, members: list[str]) -> None:
        self.members = members
        super().__init__(TOKEN, BASE_URL, headers={"X-Team": team}, max_retries=2)
        self.team = team


@pytest.mark.parametrize("base", [Team, AsyncTeam])
def test_a_subclass_with_its_own_arguments_copies_and_unpickles(base: type[Any]) -> None:
    client = base("blue", ["Ada"])
    client.later = {"set": "afterwards"}
    data = pickle.dumps(client)

    shallow, deep = copy.copy(client), copy.deepcopy(client)
    unpickled = pickle.loads(data)  # noqa: S301 - our own data

    for again in (shallow, deep, unpickled, pickle.loads(pickle.dumps(unpickled))):  # noqa: S301 - as above
        assert type(again) is base
        assert (again.team, again.members, again.later) == ("blue", ["Ada"], client.later)
        assert again._settings.max_retries == 2  # noqa: SLF001 - nothing public shows it
        assert again.base_url == BASE_URL
    assert shallow.members is client.members
    assert deep.members is not client.members
    assert TOKEN.encode() not in data


# Pickles


@pytest.mark.parametrize("client", KINDS)
def test_a_pickle_has_no_credentials(client: type[Any]) -> None:
    made = client(
        TOKEN,
        proxy=f"http://{HIDDEN}:{HIDDEN}@127.0.0.1:9",
        headers={
            "authorization": HIDDEN,
            "Proxy-Authorization": HIDDEN,
            "cookie": HIDDEN,
            "X-Team": "blue",
        },
    )

    data = pickle.dumps(made)
    again = pickle.loads(data)  # noqa: S301 - our own data

    assert HIDDEN.encode() not in data
    assert TOKEN.encode() not in data
    assert b"127.0.0.1:9" in data
    state = again.__getstate__()["options"]
    assert (state["proxy"], state["headers"]) == ("http://127.0.0.1:9", {"X-Team": "blue"})


@pytest.mark.parametrize("client", KINDS)
def test_a_pickle_does_not_have_a_refused_token(client: type[Any]) -> None:
    assert HIDDEN.encode() not in pickle.dumps(client(f'"{HIDDEN}"'))


@pytest.mark.parametrize(
    "option", [{"proxy": "http://x"}, {"verify": False}, {"transport": httpx.HTTPTransport()}]
)
def test_options_of_an_http_client_cannot_be_combined_with_http_client(
    option: dict[str, Any],
) -> None:
    with pytest.raises(TypeError, match="http_client"):
        Replicate(TOKEN, http_client=httpx.Client(), **option)
