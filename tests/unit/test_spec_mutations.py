"""A mutated document is refused in one line, or its package compiles.

The seeds are fixed, so that a failure can be repeated; other seeds of ``mutated`` test more.
"""

from __future__ import annotations

import copy
import random
from typing import TYPE_CHECKING, Any, TypeAlias

import generate
import pytest
import update_spec
import yaml
from apispec import document
from apispec.changes import changes
from apispec.normalize import normalize
from apispec.report import as_text
from support.bodies import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Document: TypeAlias = dict[str, Any]

PUBLISHED: Document = yaml.safe_load(
    (ROOT / "scripts/apispec/data/published.yaml").read_text(encoding="utf-8")
)
BOAT: Document = {"$ref": "#/components/schemas/boat"}
# One example of every kind of content; small, since a package is generated of every mutation.
SMALL: Document = {
    "openapi": "3.1.0",
    "info": {"title": "Boats", "version": "1"},
    "servers": [{"url": "https://boats.test/v1"}],
    "security": [{"token": []}],
    "paths": {
        "/boats/{boat_id}": {
            "parameters": [
                {"in": "path", "name": "boat_id", "required": True, "schema": {"type": "string"}}
            ],
            "get": {
                "operationId": "boats.get",
                "parameters": [
                    {"in": "query", "name": "kind", "schema": {"enum": ["a", "b"]}},
                    {"in": "header", "name": "Prefer", "schema": {"type": "string"}},
                ],
                "responses": {
                    "200": {"content": {"application/json": {"schema": BOAT}}},
                    "202": {"content": {"application/json": {"schema": BOAT}}},
                },
            },
            "put": {
                "operationId": "boats.crew.update",
                "requestBody": {"content": {"application/json": {"schema": BOAT}}},
                "responses": {"204": {}},
            },
        }
    },
    "components": {
        "schemas": {
            "boat": {
                "type": "object",
                "required": ["name"],
                "properties": {
                    "name": {"type": ["string", "null"]},
                    "tender": {"oneOf": [BOAT, {"type": "null"}]},
                    "built": {"type": "string", "format": "date-time"},
                    "sails": {"type": "array", "items": {"type": "object", "properties": {}}},
                    "state": {"type": "string", "enum": ["afloat", "sunk"]},
                },
            }
        },
        "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
    },
}
VALUES: list[Any] = [
    *(None, True, False, 0, -1.5, "", "x", "class", "string", "application/json"),
    *([], {}, [None], [{}], ["string", "null"], ["a", 1], {"x": 1}),
    *({"type": "object"}, {"type": "array"}, {"const": False}, {"enum": [True]}, {"not": {}}),
    *({"$ref": "#/nowhere"}, BOAT, {"oneOf": [BOAT, {"type": "string"}]}),
    *({"type": "string", "format": "binary"}, {"properties": {"": {}, "a b": {}, "class": {}}}),
]
NAMES = ("", "type", "enum", "properties", "$ref", "default", "2XX", "204", "x-name", "name_")


def places(node: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The place of every key and index of a document, as a path of keys."""
    items: Any = ()
    if isinstance(node, dict):
        items = node.items()
    elif isinstance(node, list):
        items = enumerate(node)
    for key, value in items:
        yield (*place, key)
        yield from places(value, (*place, key))


def at(node: Any, place: tuple[Any, ...]) -> Any:
    for key in place:
        node = node[key]
    return node


def mutated(source: Document, seed: int) -> Document:
    """The document with one or two small changes.

    Args:
        source: The document. It is not changed.
        seed: Decides what changes, and where.
    """
    chance = random.Random(seed)  # noqa: S311 - no secret
    made = copy.deepcopy(source)
    for _ in range(chance.choice([1, 1, 2])):
        *way, key = chance.choice([*places(made)])
        parent = at(made, tuple(way))
        old = parent[key]
        kind = chance.choice(["drop", "value", "swap", "name", "copy", "wrap"])
        if kind == "drop":
            del parent[key]
        elif kind == "value":
            parent[key] = copy.deepcopy(chance.choice(VALUES))
        elif kind == "swap":
            parent[key] = list(old.values()) if isinstance(old, dict) else {"0": old}
        elif kind == "wrap":
            parent[key] = {"oneOf": [old, {"type": "null"}]}
        elif kind == "name" and isinstance(parent, dict):
            parent[chance.choice(NAMES)] = parent.pop(key)
        else:
            parent[key] = copy.deepcopy(at(made, chance.choice([*places(made)])))
    return made


def updated(source: Document, folder: Path) -> str:
    """The message of an update that refuses a document, or "" if the update accepts it."""
    try:
        facts = normalize(source, {})
        corrected, _ = update_spec.build(facts)
        as_text(changes(PUBLISHED, facts))
    except ValueError as error:
        return str(error)
    document.write(folder / "openapi.yaml", corrected, "")
    return ""


def compiled(folder: Path) -> str:
    """The message of the generation that refuses a document, or "" if the package compiles."""
    try:
        made = generate.generate(folder / "openapi.yaml", folder)
    except generate.GenerationError as error:
        return str(error)
    for module in made.rglob("*.py"):
        compile(module.read_text(encoding="utf-8"), module, "exec")
    return ""


@pytest.mark.parametrize("seed", range(40))
def test_an_update_accepts_a_document_or_refuses_it_in_one_line(seed: int, tmp_path: Path) -> None:
    assert "\n" not in updated(mutated(PUBLISHED, seed), tmp_path)


@pytest.mark.parametrize("seed", range(40))
def test_the_package_compiles_or_the_document_is_refused_in_one_line(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generate, "_tidy", lambda _: None)  # ruff takes most of the time
    refused = updated(mutated(SMALL, seed), tmp_path) or compiled(tmp_path)
    assert "\n" not in refused
    assert "The generator failed" not in refused
