"""Applying the actions of an overlay to a document."""

from __future__ import annotations

import copy
from typing import Any, TypeAlias

import pytest
from apispec import overlay

Document: TypeAlias = dict[str, Any]


def overlaid(source: Document, *actions: Document) -> tuple[Document, list[str]]:
    return overlay.apply(source, {"actions": [{"description": "why", **a} for a in actions]})


@pytest.mark.parametrize(
    ("source", "action", "expected"),
    [
        pytest.param(
            {"a": {"b": {"c": 1}, "d": 2}},
            {"target": "$.a", "update": {"b": {"e": 3}, "d": 4}},
            {"a": {"b": {"c": 1, "e": 3}, "d": 4}},
            id="objects merge",
        ),
        pytest.param(
            {"a": [1]}, {"target": "$.a", "update": 2}, {"a": [1, 2]}, id="a list takes an item"
        ),
        pytest.param(
            {"a": {"b": [1]}},
            {"target": "$.a", "update": {"b": [2, 3]}},
            {"a": {"b": [1, 2, 3]}},
            id="a list takes a list",
        ),
        pytest.param(
            {"a": {"type": "string"}},
            {"target": "$.a", "update": {"type": ["string", "null"]}},
            {"a": {"type": ["string", "null"]}},
            id="all else is replaced",
        ),
        pytest.param(
            {"a": 1}, {"target": "$", "update": {"b": 2}}, {"a": 1, "b": 2}, id="the root merges"
        ),
        pytest.param(
            {"a": ["v", "w", "x", "y"]},
            {"target": "$.a[?@ == 'v' || @ == 'w' || @ == 'y']", "remove": True},
            {"a": ["x"]},
            id="several items of a list go",
        ),
        pytest.param(
            {"a": {"b": 1}, "c": {"b": 2, "d": 3}},
            {"target": "$.*.b", "remove": True},
            {"a": {}, "c": {"d": 3}},
            id="several fields go",
        ),
    ],
)
def test_an_action_changes_what_it_targets(
    source: Document, action: Document, expected: Document
) -> None:
    before = copy.deepcopy(source)
    assert overlaid(source, action) == (expected, [])
    assert source == before


def test_an_action_without_a_target_is_named_and_the_others_are_done() -> None:
    found, missing = overlaid(
        {"a": {}},
        {"target": "$.b.c", "update": {"x": 1}, "description": "b has x"},
        {"target": "$.a", "update": {"x": 1}},
    )
    assert found == {"a": {"x": 1}}
    assert missing == ["b has x ($.b.c)"]


def test_each_target_takes_a_copy_of_its_own() -> None:
    found, _ = overlaid(
        {"a": {"list": []}, "b": {"list": []}},
        {"target": "$.*", "update": {"list": [{"item": {}}]}},
        {"target": "$.a.list[0].item", "update": {"only": "in a"}},
    )
    assert found == {"a": {"list": [{"item": {"only": "in a"}}]}, "b": {"list": [{"item": {}}]}}
