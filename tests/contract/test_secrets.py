"""Malformed tokens, headers and URLs are rejected before anything is sent, and not shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from support.clients import TOKEN, Kind, Script, answer, make_client
from support.leaks import HIDDEN, everything_shown, failing

from replicate_ext import (
    AsyncReplicate,
    InvalidInputError,
    InvalidTokenError,
    Replicate,
)

# Tokens that cannot be right

NO_HEADER = [
    f"{HIDDEN}\nsecond line",
    f"{HIDDEN}\r\nX-Other: 1",
    f"{HIDDEN}\x00",
    f"\x1b{HIDDEN}",
    f"{HIDDEN}\x7f",
    f"{HIDDEN}é",
    f"\ufeff{HIDDEN}",
    f"{HIDDEN}\udce9",
]
NO_TOKEN = [
    f'"{HIDDEN}"',
    f"'{HIDDEN}'",
    f'{HIDDEN}"',
    f"Bearer {HIDDEN}",
    f"bearer\t{HIDDEN}",
    f"Token {HIDDEN}",
    f"Bearer: {HIDDEN}",
    f"REPLICATE_API_TOKEN={HIDDEN}",
    f"{HIDDEN} {HIDDEN}",
    f"{HIDDEN}\xa0{HIDDEN}",
]


@pytest.mark.parametrize(
    ("source", "token"),
    [
        *(("argument", token) for token in NO_HEADER + NO_TOKEN),
        # No environment variable can have NUL.
        *(("environment", token) for token in NO_HEADER + NO_TOKEN if "\x00" not in token),
    ],
)
def test_a_malformed_token_is_rejected_and_not_shown_before_anything_is_sent(
    kind: Kind, monkeypatch: pytest.MonkeyPatch, source: str, token: str
) -> None:
    script = Script(answer(200, {}))
    if source == "environment":
        monkeypatch.setenv("REPLICATE_API_TOKEN", token)
    given = None if source == "environment" else token
    name = "api_token" if source == "argument" else "REPLICATE_API_TOKEN"
    client = make_client(kind, api_token=given, transport=script.transport)

    error = failing(lambda: client.run("owner/name", {}))

    assert isinstance(error, InvalidTokenError)
    assert isinstance(error, ValueError)
    assert name in str(error)
    assert HIDDEN not in everything_shown(error)
    assert script.seen == []


@pytest.mark.parametrize(
    ("token", "advice"),
    [
        (NO_HEADER[0], "line break"),
        (NO_HEADER[2], "invalid in an HTTP header"),
        (NO_TOKEN[0], "quotes"),
        (NO_TOKEN[3], "begins with 'Bearer'"),
        (NO_TOKEN[7], "begins with REPLICATE_API_TOKEN="),
    ],
)
def test_the_error_for_a_token_says_what_is_wrong(kind: Kind, token: str, advice: str) -> None:
    client = make_client(kind, api_token=token)
    with pytest.raises(InvalidTokenError, match=advice):
        client.account.get()


@pytest.mark.parametrize(
    "token",
    [
        f" {TOKEN}\n",
        f"\t{TOKEN}\r\n",
        "a",
        "bearer_of_news",
        "x=y/+.~-_",
        "Tokens",
        "token",
        "Bearer",
    ],
)
def test_other_tokens_are_sent_without_the_white_space_around_them(kind: Kind, token: str) -> None:
    script = Script(answer(200, {}))

    make_client(kind, api_token=token, transport=script.transport).account.get()

    assert script.requests[0].headers["Authorization"] == f"Bearer {token.strip()}"


@pytest.mark.parametrize("client", [Replicate, AsyncReplicate])
@pytest.mark.parametrize("token", [f"https://gateway.test/{HIDDEN}", "http://127.0.0.1:9/v1"])
def test_a_url_in_the_place_of_the_token_is_refused_at_once(client: type[Any], token: str) -> None:
    with pytest.raises(InvalidTokenError, match=r"use Replicate\(base_url=") as raised:
        client(token)
    assert HIDDEN not in str(raised.value)


@pytest.mark.parametrize("client", [Replicate, AsyncReplicate])
@pytest.mark.parametrize("token", [HIDDEN.encode(), 5, [HIDDEN]])
def test_a_token_that_is_not_text_is_rejected_at_once(client: type[Any], token: Any) -> None:
    error = failing(lambda: client(token))
    assert isinstance(error, InvalidTokenError)
    assert type(token).__name__ in str(error)
    assert HIDDEN not in str(error)


def test_no_frame_of_the_constructor_shows_its_arguments() -> None:
    def make(client: type[Any]) -> object:
        return client(
            HIDDEN,
            headers={"X-Key": HIDDEN},
            proxy=f"http://user:{HIDDEN}@127.0.0.1:9",
            poll_interval=-3,
        )

    for client in (Replicate, AsyncReplicate):
        error = failing(lambda client=client: make(client))  # type: ignore[misc] # a lambda's default
        assert "poll_interval" in str(error)
        assert HIDDEN not in everything_shown(error)


# Headers and URLs


@pytest.mark.parametrize(
    "value", [f"{HIDDEN}\n", f"{HIDDEN}\r\nA: b", f"{HIDDEN}\x00", f"{HIDDEN}é", f" {HIDDEN}", 5]
)
def test_an_invalid_header_is_named_and_its_value_not_shown(kind: Kind, value: Any) -> None:
    script = Script(answer(200, {}))
    client = make_client(kind, transport=script.transport)

    errors = [
        failing(lambda: make_client(kind, headers={"X-Key": value})),
        failing(lambda: client.request("GET", "/x", headers={"X-Key": value})),
    ]

    for error in errors:
        assert isinstance(error, InvalidInputError)
        assert "'X-Key'" in str(error)
        assert HIDDEN not in str(error)
    assert script.seen == []


@pytest.mark.parametrize("name", ["", "X Key", "X-Key:", "X-K\n", "Ké", 5])
def test_an_invalid_header_name_is_rejected(kind: Kind, name: Any) -> None:
    calls: list[Callable[[], Any]] = [
        lambda: make_client(kind, headers={name: "1"}),
        lambda: make_client(kind).request("GET", "/x", headers={name: "1"}),
    ]
    for call in calls:
        with pytest.raises(InvalidInputError, match="an invalid HTTP header name"):
            call()


@pytest.mark.parametrize("user_agent", ["a\nb", "é", None, 5])
def test_an_invalid_user_agent_is_rejected(kind: Kind, user_agent: Any) -> None:
    with pytest.raises(InvalidInputError, match="user_agent"):
        make_client(kind, user_agent=user_agent)


@pytest.mark.parametrize("headers", [[("X-Key", HIDDEN)], "X-Key", 5])
def test_headers_that_are_not_a_dict_are_rejected(kind: Kind, headers: Any) -> None:
    calls: list[Callable[[], Any]] = [
        lambda: make_client(kind, headers=headers),
        lambda: make_client(kind).request("GET", "/x", headers=headers),
    ]
    for call in calls:
        with pytest.raises(InvalidInputError, match="headers must be a dict"):
            call()


@pytest.mark.parametrize(
    "url",
    [
        f"https://user:{HIDDEN}@api.test/v1/predictions",
        f"https://{HIDDEN}@elsewhere.test/",
        f"https://:{HIDDEN}@elsewhere.test",
        f"https://user:{HIDDEN}@[::1",
        f"https://user:{HIDDEN}@elsewhere.test:99999/",
    ],
)
def test_a_url_with_a_password_is_refused_and_not_quoted(kind: Kind, url: str) -> None:
    script = Script(answer(200, {}))
    client = make_client(kind, transport=script.transport)

    error = failing(lambda: client.request("GET", url))

    assert isinstance(error, InvalidInputError)
    assert "user name or password" in str(error)
    assert HIDDEN not in str(error)
    assert script.seen == []
