"""JSON of large responses: the same values with msgspec as with the standard library."""

from __future__ import annotations

import json
import sys
from types import SimpleNamespace
from typing import Any

import httpcore
import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from replicate_ext._network.json_decoding import decoded
from replicate_ext._network.pooled_response import PooledResponse

PADDING = b" " * (1 << 15)

NUMBERS = st.one_of(
    st.integers(),
    st.integers(-(10**400), 10**400),
    st.floats(),
    st.sampled_from([2**53 + 1, 2**63, 2**64, -(2**63) - 1, -0.0, 5e-324, 1.7976931348623157e308]),
)
TEXTS = st.text(st.characters(codec=None))
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
)
ODD = [
    b'{"a": 1, "b": {"c": 1, "c": [2]}, "a": 3}',
    b"NaN",
    b"[-Infinity, Infinity]",
    b"1e400",
    b"-0",
    b"0.1e-400",
    b"1.0000000000000000000000000000001",
    b"9007199254740993.0",
    b"2.2250738585072011e-308",
    b"1" * 5000,
    b'"\\ud800"',
    b'"\\ud83d\\ude00"',
    b'"\xed\xa0\x80"',
    b'"\xff"',
    b'"\\u0000\\/"',
    b'"a\x01b"',
    b'"\x7f"',
    b"\xef\xbb\xbf[1]",
    b"01",
    b"[1,]",
    b"[1] 2",
    b"[1]\x0b",
    b"",
    b"[" * 200_000,
    '{"é": "€"}'.encode("utf-16"),
]


def outcome(function: Any, content: bytes) -> Any:
    """The value with its types, or the type of the error."""
    try:
        return repr(function(content))
    except (ValueError, RecursionError) as error:
        return type(error)


@given(VALUES, st.booleans())
def test_values_are_the_same(value: Any, ascii_only: bool) -> None:
    content = json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")

    assert outcome(decoded, PADDING + content) == outcome(json.loads, PADDING + content)


@pytest.mark.parametrize("content", ODD, ids=lambda content: repr(content)[:30])
@pytest.mark.parametrize("padding", [b"", PADDING], ids=["small", "large"])
def test_odd_texts_have_the_same_values_and_errors(content: bytes, padding: bytes) -> None:
    text = content + padding

    assert outcome(decoded, text) == outcome(json.loads, text)


@pytest.mark.parametrize(("content", "is_large"), [(b"[1]", False), (b"[1]" + PADDING, True)])
def test_only_large_responses_are_decoded_by_msgspec(
    content: bytes, is_large: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bytes] = []
    monkeypatch.setattr(msgspec.json, "decode", seen.append)

    decoded(content)

    assert seen == ([content] if is_large else [])


def test_a_failure_of_msgspec_is_not_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: bytes) -> None:
        raise RuntimeError

    monkeypatch.setattr(msgspec.json, "decode", fail)
    assert decoded(b"[1]" + PADDING) == [1]

    monkeypatch.setitem(sys.modules, "msgspec", None)
    assert decoded(b"[1]" + PADDING) == [1]


def test_responses_of_the_pool_are_decoded_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    body = httpx.ByteStream(b'{"a": 1.5}' + PADDING)
    outgoing: Any = SimpleNamespace(started=0.0)
    response = PooledResponse(httpcore.Response(200), body, outgoing)
    response.read()

    assert response.json(parse_float=str) == {"a": "1.5"}
    monkeypatch.setattr(msgspec.json, "decode", lambda _: "msgspec")
    assert response.json() == "msgspec"
