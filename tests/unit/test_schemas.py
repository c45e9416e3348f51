"""Schemas of models: odd constructs, conversions and checks."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.places import own

from replicate_ext._schemas.check import check
from replicate_ext._schemas.model import ModelSchema

ODD = own("schemas/odd/*.json")
NOT_JSON_SCHEMA = {
    "any-of-nothing",  # an empty list of alternatives
    "broken-references",
    "enum-of-booleans-as-text",  # accepts nothing
    "no-inputs",
    "unknown-keywords",  # the check leaves them to the model
    "unknown-type",
}
"""Schemas that jsonschema cannot read, or is stricter about."""


def cases(of: str, *, without: Collection[str] = ()) -> list[Any]:
    return [
        pytest.param(document["openapi_schema"], case, id=f"{path.stem}-{number}")
        for path in ODD
        if path.stem not in without
        for document in [json.loads(path.read_text("utf-8"))]
        for number, case in enumerate(document[of])
    ]


def read(name: str) -> ModelSchema:
    path = next(path for path in ODD if path.stem == name)
    return ModelSchema.of(json.loads(path.read_text("utf-8"))["openapi_schema"])


def model(**properties: Any) -> ModelSchema:
    return ModelSchema.of({"components": {"schemas": {"Input": {"properties": properties}}}})


def test_there_is_a_schema_for_each_odd_construct() -> None:
    assert len(ODD) >= 30


@pytest.mark.parametrize(("schema", "case"), cases("accepts"))
def test_accepted_inputs_are_converted(schema: Any, case: Any) -> None:
    checked = check(ModelSchema.of(schema).inputs, case["input"])

    assert (checked.input, checked.invalid) == (case["sent"], ())
    assert repr(checked.input) == repr({name: case["sent"][name] for name in checked.input})


@pytest.mark.parametrize(("schema", "case"), cases("refuses"))
def test_all_wrong_inputs_are_found_at_once(schema: Any, case: Any) -> None:
    checked = check(ModelSchema.of(schema).inputs, case["input"])

    assert sorted(one.field for one in checked.invalid) == sorted(case["fields"])


@pytest.mark.parametrize(("schema", "case"), cases("accepts", without=NOT_JSON_SCHEMA))
def test_json_schema_agrees_after_the_conversion(schema: Any, case: Any) -> None:
    # "nullable" is a keyword of OpenAPI 3.0, not of JSON Schema.
    sent = {name: value for name, value in case["sent"].items() if value is not None}

    jsonschema.validate(sent, {**schema, "$ref": "#/components/schemas/Input"})


def test_a_misspelled_input_is_refused_with_the_nearest_name() -> None:
    checked = check(model(prompt={"type": "string"}).inputs, {"promt": "a fox"})

    assert [one.field for one in checked.invalid] == ["input.promt"]
    assert "did you mean prompt?" in checked.invalid[0].description


def test_an_input_with_no_near_name_gets_the_list_of_inputs() -> None:
    inputs = model(prompt={"type": "string"}, seed={"type": "integer"}).inputs

    assert "it has prompt, seed" in check(inputs, {"zzz": 1}).invalid[0].description


def test_files_are_accepted_everywhere() -> None:
    inputs = model(a={"type": "string", "format": "uri"}, b={"type": "string"}).inputs

    assert check(inputs, {"a": Path("x"), "b": b"x"}).invalid == ()


class Array:
    """As with numpy, comparing an array gives an array, which is neither true nor false."""

    __hash__ = None  # type: ignore[assignment] # as numpy has it

    def __eq__(self, _: object) -> Array:  # type: ignore[override] # as numpy has it
        return self

    def __bool__(self) -> bool:
        raise ValueError("The truth value of an array is ambiguous")


def test_an_array_is_accepted_where_the_schema_has_alternatives() -> None:
    inputs = model(a={"anyOf": [{"type": "string"}, {"type": "number"}]}).inputs
    array = Array()

    checked = check(inputs, {"a": array})

    assert checked.input["a"] is array
    assert checked.invalid == ()


def test_no_message_shows_a_secret() -> None:
    checked = check(read("secret").inputs, {"token": ["s3cret"]})

    assert "s3cret" not in str(checked.invalid)


@pytest.mark.parametrize(
    "schema", [None, {}, [], {"components": None}, {"components": {"schemas": {"Input": 5}}}]
)
def test_without_a_readable_schema_everything_is_accepted(schema: Any) -> None:
    assert check(ModelSchema.of(schema).inputs, {"a": 1}).input == {"a": 1}


def test_the_input_of_the_caller_is_not_changed() -> None:
    given = {"n": ["1"], "gone": None}

    check(model(n={"type": "array", "items": {"type": "integer"}}, gone={}).inputs, given)

    assert given == {"n": ["1"], "gone": None}


def test_training_inputs_are_read() -> None:
    training = read("training").training_inputs

    assert training is not None
    assert [one.field for one in check(training, {"steps": 1}).invalid] == [
        "input.steps",
        "input.input_images",
    ]


def test_inputs_are_in_the_order_of_the_model() -> None:
    inputs = model(b={"x-order": 1}, a={"x-order": 0}).inputs

    assert list(inputs or ()) == ["a", "b"]


@pytest.mark.parametrize("text", ["nan", "inf", "1_000", "0x10", "", "9" * 5000, "1e999"])
def test_text_that_is_no_json_number_is_not_converted(text: str) -> None:
    assert check(model(n={"type": "number"}).inputs, {"n": text}).invalid


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


def limited(kind: str, numbers: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    limits = st.tuples(numbers, numbers).map(sorted)
    return limits.map(lambda two: {"type": kind, "minimum": two[0], "maximum": two[1]})


FINITE = st.floats(-1e6, 1e6)
VALUES = st.recursive(
    st.sampled_from(["string", "integer", "number", "boolean"]).map(lambda kind: {"type": kind})
    | limited("integer", st.integers(-9, 9))
    | limited("number", FINITE)
    | st.lists(st.text(max_size=3), min_size=1).map(lambda enum: {"type": "string", "enum": enum})
    | st.lists(st.integers(-9, 9), min_size=1).map(lambda enum: {"type": "integer", "enum": enum})
    | st.just({}),
    lambda inner: (
        inner.map(lambda one: {"type": "array", "items": one})
        | st.lists(inner, min_size=1, max_size=3).map(lambda some: {"anyOf": some})
        | inner.map(lambda one: {"allOf": [one]})
    ),
    max_leaves=4,
)


@given(VALUES, JSON)
def test_json_schema_accepts_every_checked_value(schema: Any, value: Any) -> None:
    checked = check(model(x=schema).inputs, {"x": value})

    if not checked.invalid and value is not None:
        jsonschema.validate(checked.input["x"], schema)


@given(VALUES, JSON)
def test_every_value_that_json_schema_accepts_is_accepted_unchanged(
    schema: Any, value: Any
) -> None:
    if value is not None and jsonschema.Draft202012Validator(schema).is_valid(value):
        checked = check(model(x=schema).inputs, {"x": value})

        assert checked.invalid == ()
        assert checked.input["x"] == value
