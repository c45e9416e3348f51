"""Documents that the templates do not support are refused with the name of the cause."""

from __future__ import annotations

from typing import TYPE_CHECKING

import generate
import pytest
from support.boats import BOAT, FORM, JSON, SCHEMAS, operation, parameter, written

if TYPE_CHECKING:
    from pathlib import Path

    from apispec import document

REFUSED: list[tuple[str, list[document.Document], str]] = [
    ("a form", [operation("boats.sink", takes=BOAT, media=FORM)], f"boats.sink: .*{FORM}"),
    (
        "an unreadable answer",
        [{"operationId": "a.b", "responses": {"200": {"content": {"audio/wav": {}}}}}],
        "a.b: the response type audio/wav is not supported",
    ),
    (
        "a parameter with content",
        [operation("a.b", {"in": "query", "name": "q", "content": {JSON: {"schema": BOAT}}})],
        "a.b: the parameter q has no schema",
    ),
    (
        "one under another",
        [operation("a.b"), operation("a.b.get")],
        "a.b.get: its group a.b is an operation too",
    ),
    (
        "one under a tag",
        [operation("a"), operation("a.get")],
        "a.get: its group a is an operation too",
    ),
    ("equal but for case", [operation("a.getAll"), operation("a.get_all")], "the same module name"),
    ("the name of all", [operation("api.get")], "api.get: the name api is reserved"),
    ("a number", [operation("1a")], "1a: one part is not a valid Python name"),
    ("no part", [operation("a..b")], "a..b: one part is not a valid Python name"),
    ("a method", [operation("wait")], "wait: the clients already have an attribute wait"),
    (
        "a method's tag",
        [operation("run.get")],
        "run.get: the clients already have an attribute run",
    ),
    (
        "a method of a part",
        [operation("predictions.run")],
        "the clients already have an attribute predictions.run",
    ),
]


@pytest.mark.parametrize(
    ("operations", "message"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
def test_operations_that_cannot_be_called_are_refused(
    operations: list[document.Document], message: str, tmp_path: Path
) -> None:
    numbered = {f"path{number}": one for number, one in enumerate(operations)}
    with pytest.raises(generate.GenerationError, match=message) as caught:
        generate.generate(written(tmp_path, SCHEMAS, **numbered), tmp_path)
    assert "scripts/apispec/data" in str(caught.value)


@pytest.mark.parametrize("name", ["Response", "Upload", "Any", "Mapping", "sync_client"])
def test_a_schema_with_the_name_of_an_import_is_refused(name: str, tmp_path: Path) -> None:
    source = written(tmp_path, {**SCHEMAS, name: SCHEMAS["Boat"]}, boat=operation("boats.get"))
    with pytest.raises(
        generate.GenerationError, match=f"The schema {name} has the same name as an import"
    ):
        generate.generate(source, tmp_path)


def test_a_message_of_the_generator_is_one_line_with_the_operation(tmp_path: Path) -> None:
    nullable = {"type": ["string", "null"]}
    source = written(
        tmp_path, SCHEMAS, **{"a/{b}": operation("boats.get", parameter("path", "b", nullable))}
    )
    with pytest.raises(generate.GenerationError) as caught:
        generate.generate(source, tmp_path)
    assert str(caught.value).startswith("boats.get: ")
    assert str(caught.value).count("\n") == 0
