"""Errors from any response body are short, show no token and can be pickled. Guarantee 9."""

from __future__ import annotations

import json
import pickle
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from replicate_ext import APIError, InvalidField
from replicate_ext._http.status_errors import error_for
from replicate_ext._problem import describe

REQUEST = httpx.Request("POST", "https://api.test/v1/predictions")
WITHOUT_HURRY = settings(deadline=None)  # other tests may be running beside them


def response(body: Any, status: int = 422, **headers: str) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, content=content, headers=named, request=REQUEST)


def check(error: APIError) -> None:
    for text in (str(error), error.message, repr(error)):
        assert 0 < len(text) < 25_000
        text.encode()
    assert all(isinstance(part, str) for field in error.invalid_fields for part in field)
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own data
    assert str(again) == str(error)
    assert again.detail == error.detail


def nested(depth: int, inside: bytes = b"1") -> bytes:
    return b"[" * depth + inside + b"]" * depth


@pytest.mark.parametrize(
    "body",
    [
        nested(100_000),
        b'{"detail": ' + nested(100_000) + b"}",
        b'{"title": "t", "detail": ' + nested(900) + b"}",
        b'{"invalid_fields": [{"field": ' + nested(900) + b', "description": {"a": []}}]}',
        b'{"invalid_fields": ' + nested(900) + b"}",
        b'{"errors": [{"pointer": ' + nested(900) + b"}]}",
        b'{"errors": [{"pointer": 5, "detail": null}]}',
        b'{"invalid_fields": {"field": "x"}, "errors": "x"}',
        b'{"detail": ' + b"9" * 5000 + b"}",
        b'{"detail": NaN, "title": 1e999}',
        b'{"title": "\\ud800", "detail": "\\udfff"}',
        b'{"title": " ", "detail": ""}',
        b'{"title": "t"',
        b"\xff\xfe\x00",
        b"\x00" * 10_000,
        b"<p>" * 1_000_000,
        b"",
    ],
    ids=range(17),
)
@pytest.mark.parametrize("status", [400, 404, 422, 500, 599])
def test_any_body_makes_an_error(body: bytes, status: int) -> None:
    check(error_for(response(body, status), "a hint"))


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
FIELDS = st.dictionaries(st.sampled_from(["field", "description", "type", "pointer"]), ANY_JSON)
NAMES = st.sampled_from(["title", "detail", "status"])


@WITHOUT_HURRY
@given(
    st.binary()
    | st.builds(
        lambda problem, fields, name: json.dumps({**problem, name: fields}).encode(),
        st.dictionaries(NAMES, ANY_JSON),
        st.lists(FIELDS | ANY_JSON) | ANY_JSON,
        st.sampled_from(["invalid_fields", "errors"]),
    )
)
def test_every_body_makes_an_error(body: bytes) -> None:
    check(error_for(response(body)))


@pytest.mark.parametrize("charset", ["hex", "undefined", "zlib", "rot13", "nonsense", "utf-16"])
def test_an_unknown_charset_does_not_break_the_error(charset: str) -> None:
    page = response(b"<h1>Bad gateway</h1>", 502, Content_Type=f"text/html; charset={charset}")

    assert "Bad gateway" in describe(page)


def test_long_texts_are_shortened_in_the_message_and_complete_in_the_error() -> None:
    error = error_for(response({"title": "t" * 10**6, "detail": "d" * 10**6}, 404))

    assert len(str(error)) < 2200
    assert "ttt...: ddd" in str(error)
    assert error.detail == "d" * 10**6


def test_many_invalid_fields_are_counted_in_the_message_and_complete_in_the_error() -> None:
    fields = [{"field": f"input.f{n}", "description": "x" * 5000} for n in range(10_000)]
    error = error_for(response({"title": "Input", "invalid_fields": fields}))

    assert len(str(error)) < 25_000
    assert "input.f19: xxx" in str(error)
    assert "input.f20:" not in str(error)
    assert str(error).endswith("and 9980 more: see invalid_fields")
    assert len(error.invalid_fields) == 10_000


def test_fields_that_are_not_text_are_shown_as_their_repr() -> None:
    fields = [{"field": 5, "description": None, "type": ["a"]}]

    [field] = error_for(response({"invalid_fields": fields})).invalid_fields

    assert field == InvalidField("5", "None", "['a']")


def test_a_long_reason_and_a_long_path_are_cut() -> None:
    request = httpx.Request("GET", f"https://api.test/v1/{'p' * 5000}")
    said = {"reason_phrase": b"r" * 5000}

    error = error_for(httpx.Response(404, content=b"", request=request, extensions=said))

    assert len(str(error)) < 400
