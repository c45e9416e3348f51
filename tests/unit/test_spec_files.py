"""Reading and writing documents."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from apispec import document
from apispec.normalize import normalize

YAML = """
openapi: 3.1.0
info: {title: Boats, version: 2026-11-03}
paths:
  /boats:
    get:
      operationId: boats.get
      responses:
        200:
          content:
            application/json:
              schema: {enum: [no, on, 2026-01-01]}
        404: {}
"""


def test_unquoted_statuses_and_dates_are_strings() -> None:
    found = document.parse(YAML)
    responses = found["paths"]["/boats"]["get"]["responses"]
    assert list(responses) == ["200", "404"]
    schema = responses["200"]["content"]["application/json"]["schema"]
    assert schema == {"enum": ["no", "on", "2026-01-01"]}
    assert found["info"]["version"] == "2026-11-03"


def test_statuses_that_yaml_reads_as_numbers_become_strings() -> None:
    loaded = yaml.safe_load(YAML.replace("2026-11-03", "'1'").replace("2026-01-01", "x"))
    responses = normalize(loaded, {})["paths"]["/boats"]["get"]["responses"]
    assert list(responses) == ["200", "404"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"paths": {"/a": {}, "/a": {}}}', "the key '/a' occurs twice"),
        ("paths: {/a: {}, /a: {}}", "the key '/a' occurs twice"),
        ("paths: {/a: {1.5: {}}}", "the key 1.5 must be a string"),
        ("paths: {/a: .nan}", "nan is not valid JSON"),
        ('{"paths": NaN}', "nan is not valid JSON"),
        ("paths: !!binary aGk=", "b'hi' is not valid JSON"),
        ("paths: &a [*a]", "nested too deeply, or contains itself"),
        ('{"paths": ' + "[" * 100_000, "nested too deeply"),
        ("[paths", "neither JSON nor YAML"),
        ("[paths]", "it has no paths"),
    ],
)
def test_values_that_json_does_not_have_are_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        document.parse(text)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"paths": ', "a: [", "<html>", '{"a": 1}'])
def test_text_that_is_not_a_document_is_a_value_error(text: str, tmp_path: Path) -> None:
    (tmp_path / "spec").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"."):
        document.read(str(tmp_path / "spec"))


def test_equal_documents_are_equal_files(tmp_path: Path) -> None:
    shared = {"b": 1, "a": "é"}
    document.write(tmp_path / "one", {"x": shared, "y": shared}, "# Header\n")
    document.write(tmp_path / "two", {"y": dict(shared), "x": {"a": "é", "b": 1}}, "# Header\n")
    text = (tmp_path / "one").read_bytes()
    assert text == (tmp_path / "two").read_bytes()
    assert text.decode() == "# Header\nx:\n  a: é\n  b: 1\ny:\n  a: é\n  b: 1\n"
