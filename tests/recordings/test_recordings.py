"""The models parse all recorded responses, and `to_dict` returns what was parsed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from replicate_api import models
from support.bodies import OPERATIONS, mutations, parse, same_json, unparse

if TYPE_CHECKING:
    from recordings.conftest import Recorded

FREE_FORM = frozenset({"input", "metadata", "metrics", "openapi_schema", "output"})
"""Fields that models do not parse, except the first level of the output of trainings."""

_BELOW = "a member of a free-form field"


def test_there_are_enough_recordings(recorded: list[Recorded]) -> None:
    assert len(recorded) >= 37
    assert len({answer.operation_id for answer in recorded}) >= 11


def test_every_recorded_body_is_returned_unchanged(recorded: list[Recorded]) -> None:
    for source, operation_id, body in recorded:
        assert same_json(unparse(parse(operation_id, body)), body), source


def test_every_recorded_object_is_parsed_by_its_model(recorded: list[Recorded]) -> None:
    for source, operation_id, body in recorded:
        model = getattr(models, model_name(operation_id))
        made = parse(operation_id, body)
        for item, read in zip(body, made, strict=True) if type(body) is list else [(body, made)]:
            assert model.from_dict(item) == read, source
            assert same_json(model.from_dict(item).to_dict(), item), source


@pytest.mark.timeout(240)  # thousands of bodies; four times as slow while coverage is measured
def test_a_recorded_body_with_any_value_in_any_place_is_returned_unchanged(
    recorded: list[Recorded],
) -> None:
    shapes = {
        (operation_id, shape(body)): body
        for _, operation_id, whole in recorded
        for body in one_item_each(whole)
    }
    count = 0
    for (operation_id, _), body in shapes.items():
        for path, what, mutated in mutations(shortened(body), FREE_FORM):
            if type(mutated) is type(body):  # the API never returns a body of another type
                made = unparse(parse(operation_id, mutated))
                assert same_json(made, mutated), (operation_id, path, what)
                count += 1
    assert count > 5_000


def model_name(operation_id: str) -> str:
    """Return the name of the model of a successful response, or of the items of a list."""
    responses = OPERATIONS[operation_id]["responses"]
    status = min(status for status in responses if status.startswith("2"))
    schema = responses[status]["content"]["application/json"]["schema"]
    return str(schema.get("items", schema)["$ref"]).rpartition("/")[2]


def one_item_each(body: Any) -> list[Any]:
    """Split a list or a page into some with one item each, which are faster to mutate."""
    if isinstance(body, list):
        return [[item] for item in body]
    if isinstance(body, dict) and isinstance(body.get("results"), list):
        return [{**body, "results": [item]} for item in body["results"]]
    return [body]


def shortened(value: Any, field: str = "") -> Any:
    """Return a body with short texts, and only the first level of free-form fields."""
    if isinstance(value, str):
        return value[:80]
    if field == _BELOW:
        return "cut" if isinstance(value, dict | list) else value
    if isinstance(value, list):
        return [shortened(item, _BELOW if field in FREE_FORM else "") for item in value]
    if isinstance(value, dict):
        below = field in FREE_FORM
        return {key: shortened(part, _BELOW if below else key) for key, part in value.items()}
    return value


def shape(value: Any, field: str = "") -> object:
    """Return the structure of a value, without its texts and numbers."""
    if isinstance(value, dict) and field not in FREE_FORM:
        return frozenset((key, shape(part, key)) for key, part in value.items())
    if isinstance(value, list) and field not in FREE_FORM:
        return frozenset(shape(item) for item in value)
    return type(value)
