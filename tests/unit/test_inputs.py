"""Inputs as JSON: values that are sent unchanged, and the place of those that cannot be sent."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.files import Fake

from replicate_ext import InvalidInputError, Replicate
from replicate_ext._files.inputs import path_hint, prepared, unsendable
from replicate_ext._files.json_values import MAX_DEPTH, is_plain, leaves, mapped, may_have_files
from replicate_ext.errors import InvalidField

ANY_TEXT = st.text(st.characters(exclude_categories=[]), max_size=5)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT
TREES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(ANY_TEXT | st.integers(), inner, max_size=4)
        | st.tuples(inner)
    ),
    max_leaves=12,
)


def nested(depth: int, inner: Any = "x") -> Any:
    for _ in range(depth):
        inner = [inner]
    return inner


@given(TREES)
def test_plain_values_are_those_that_utf8_json_can_hold(tree: Any) -> None:
    try:
        text = json.dumps(tree, allow_nan=False, ensure_ascii=False).encode()
        holds = json.loads(text) == tree
    except ValueError:
        holds = False

    if is_plain(tree):
        assert holds
        assert prepared(tree, "input") == tree


@given(TREES)
def test_any_value_is_prepared_for_json_or_is_an_error_with_its_place(tree: Any) -> None:
    message = "input"
    try:
        json.dumps(prepared(tree, "input"), allow_nan=False, ensure_ascii=False).encode()
    except InvalidInputError as error:
        message = str(error)

    assert message.startswith("input")


def test_large_numbers_and_shared_containers_are_prepared_and_kept() -> None:
    shared = [1]
    value = {"a": shared, "b": [shared, 10**30], "c": (2.5,)}

    assert not is_plain(value)
    assert prepared(value, "input") == {"a": [1], "b": [[1], 10**30], "c": [2.5]}


def circular() -> dict[str, Any]:
    first: dict[str, Any] = {"inner": [1, {}]}
    first["inner"][1]["again"] = first
    return first


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"x": [0, {"y": "a\ud800b"}]}, r"^input\.x\[1\]\.y: the character '\\ud800' at index 1"),
        ({"x": {"\udfff": 1}}, r"^input\.x: the key '\\udfff': the character"),
        ({"x": {3: 1}}, r"^input\.x: keys must be strings, got 3 \(int\)"),
        ({"x": (math.nan,)}, r"^input\.x\[0\]: nan is not valid JSON; use a finite number"),
        ({"x": -math.inf}, r"^input\.x: -inf is not valid JSON"),
        ({"x": Fake([1, math.inf])}, r"^input\.x\[1\]: inf is not valid JSON"),
        ({"x": 10**5_000}, r"^input\.x: the integer has too many digits"),
        ({"x": circular()}, r"^input\.x\.inner\[1\]\.again: the dict contains itself"),
        ({"x": {1, 2}}, r"^input\.x: a set cannot be sent; JSON values, pathlib\.Path"),
        ({"x": b"file"}, r"^input\.x: a file cannot be sent here"),
        (nested(MAX_DEPTH + 1), rf"^input\[0\].* is nested more than {MAX_DEPTH} levels deep"),
        (nested(100_000), r"^input\[0\].* is nested more than"),
    ],
    ids=range(12),
)
def test_a_value_that_cannot_be_sent_is_an_error_with_its_place(value: Any, message: str) -> None:
    assert not is_plain(value)
    with pytest.raises(InvalidInputError, match=message) as caught:
        prepared(value, "input")
    assert len(str(caught.value)) < 500


def test_the_deepest_input_can_be_sent() -> None:
    deepest = nested(MAX_DEPTH)

    assert is_plain(deepest)
    assert prepared(deepest, "input") == deepest
    assert json.loads(json.dumps(deepest)) == deepest


def test_shared_containers_are_checked_in_linear_time() -> None:
    doubled: list[Any] = ["x"]
    for _ in range(200):
        doubled = [doubled, doubled]

    assert not is_plain(doubled)


def test_outputs_of_any_depth_are_walked() -> None:
    deep = nested(100_000, "https://a.b/c")

    assert may_have_files(deep)
    assert leaves(deep) == ["https://a.b/c"]
    assert leaves(mapped(deep, str.upper)) == ["HTTPS://A.B/C"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"json": {"webhook": "https://a.b/\ud800"}}, r"^webhook: the character"),
        ({"json": {"deep": [math.nan]}}, r"^deep\[0\]: nan is not valid JSON"),
        ({"params": {"after": "\ud800"}}, r"^params\.after: the character"),
        ({"headers": {"X-Name": "\udcff"}}, r"^headers\.X-Name: the character"),
        ({"url": "/models/\ud800"}, r"^url: the character"),
        ({"json": circular()}, r"^inner\[1\]\.again: the dict contains itself"),
        ({"json": {"fine": 1}}, r"^the request cannot be sent: because"),
    ],
)
def test_a_request_that_cannot_be_built_names_the_argument(
    arguments: dict[str, Any], message: str
) -> None:
    request: Any = {"method": "POST", "url": "/x", **arguments}

    with pytest.raises(InvalidInputError, match=message):
        raise unsendable(request, ValueError("because"))


FORMAT = "Does not match format 'uri'"


@pytest.mark.parametrize("field", ["input.images.1.file", "input.images[1].file"])
def test_a_string_that_is_a_local_path_gets_a_hint(tmp_path: Path, field: str) -> None:
    path = tmp_path / "boat.png"
    path.touch()
    given = {"images": ["https://a.b/c", {"file": str(path)}]}

    hint = path_hint(
        given, [InvalidField("input", "x", "y"), InvalidField(field, FORMAT, "format")]
    )

    assert hint == (
        f"{field} is the path of a local file as a string: pass pathlib.Path({str(path)!r}) to "
        "send the file"
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (InvalidField("input.a", FORMAT, "format"), "/no/such/file.png"),
        (InvalidField("input.a", FORMAT, "format"), "a\0b"),
        (InvalidField("input.a", FORMAT, "format"), "\ud800"),
        (InvalidField("input.a", FORMAT, "format"), "x" * 100_000),
        (InvalidField("input.a", FORMAT, "format"), ""),
        (InvalidField("input.a", FORMAT, "format"), os.sep),
        (InvalidField("input.a", FORMAT, "format"), 3),
        (InvalidField("input.b.0", FORMAT, "format"), __file__),
        (InvalidField("input.a.99999999999999999999", FORMAT, "format"), [__file__]),
        (InvalidField("", FORMAT, "format"), __file__),
        (InvalidField("input.a", "must be one of the following", "enum"), __file__),
    ],
)
def test_other_values_get_no_hint(field: InvalidField, value: object) -> None:
    assert path_hint({"a": value}, [field]) == ""


def test_run_refuses_half_a_surrogate_pair() -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(500))
    with pytest.raises(InvalidInputError, match="surrogate"):
        Replicate("t", transport=transport).run("a/b", {"text": "\ud800"})
