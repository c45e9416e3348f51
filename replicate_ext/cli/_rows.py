"""Rows of a batch in CSV and JSON Lines files."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any, NamedTuple

from replicate_ext.cli._errors import UsageError
from replicate_ext.cli._inputs import checked_inputs, nested, read_inputs, takes_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from replicate_ext._schemas.model import InputSchema
    from replicate_ext._schemas.value import ValueSchema

_MOST_PROBLEMS = 5


class Row(NamedTuple):
    """One row.

    Args:
        key: Identifies the row; None if its input identifies it.
        input: The inputs of the model.
    """

    key: object
    input: dict[str, Any]


def read_rows(
    path: Path,
    key: str | None,
    arguments: Iterable[str],
    inputs: Mapping[str, InputSchema] | None,
) -> list[Row]:
    """Return the rows of a file, with inputs in the types of the model's schema.

    Args:
        path: A CSV or JSON Lines file. Paths of files in it are relative to its folder. Empty cells
            of a CSV file are left out.
        key: Name of the value that identifies a row.
        arguments: Inputs of all rows, as arguments of the command.
        inputs: The inputs that the model has; None if they are not known.

    Raises:
        UsageError: The file is malformed, or the model would refuse a row; no row is run.
    """
    shared = read_inputs(arguments, inputs, is_part=True)
    rows: list[Row] = []
    problems: list[str] = []
    for number, values in enumerate(_records(path), start=1):
        try:
            rows.append(_row(path.parent, key, {**shared, **values}, inputs))
        except UsageError as error:
            problems.append(f"row {number}: {error}")
    if problems:
        more = f"; and {len(problems) - _MOST_PROBLEMS} more rows"
        shown = "; ".join(problems[:_MOST_PROBLEMS])
        raise UsageError(f"{path}: {shown}{more if len(problems) > _MOST_PROBLEMS else ''}")
    if not rows:
        raise UsageError(f"{path}: the file has no rows")
    return rows


def write_rows(path: Path, rows: Iterable[dict[str, Any]]) -> int:
    """Write results to a CSV or JSON Lines file, and return their number.

    Raises:
        UsageError: The name of the file has another ending.
    """
    is_csv = _is_csv(path)
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file) if is_csv else None
        for count, row in enumerate(rows, start=1):
            if writer is None:
                file.write(f"{json.dumps(row, ensure_ascii=False)}\n")
                continue
            if count == 1:
                writer.writerow(row)
            writer.writerow(map(_cell, row.values()))
    return count


def _cell(value: object) -> object:
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return "\n".join(value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else value


def _is_csv(path: Path) -> bool:
    ending = path.suffix.lower()
    if ending not in (".csv", ".jsonl"):
        raise UsageError(f"'{path}' is not a .csv or .jsonl file")
    return ending == ".csv"


def _records(path: Path) -> Iterator[dict[str, Any]]:
    is_csv = _is_csv(path)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            if is_csv:
                for values in csv.DictReader(file, strict=True):
                    if None in values:
                        raise UsageError(f"{path}: a row has more cells than the first line")
                    yield {name: value for name, value in values.items() if value}
                return
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield _object(line, f"{path}: line {number}")
    except (csv.Error, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: {error}") from None


def _object(line: str, place: str) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{place}: invalid JSON: {error}") from None
    if not isinstance(value, dict):
        raise UsageError(f"{place}: expected a JSON object, got {line.strip():.100}")
    return value


def _row(
    folder: Path, key: str | None, values: dict[str, Any], inputs: Mapping[str, InputSchema] | None
) -> Row:
    found = None
    if key is not None:
        if values.get(key) is None:
            raise UsageError(f"{key}: this field is the key of the row, but it has no value")
        found = values[key]
        if inputs is None or key not in inputs:
            values = {name: value for name, value in values.items() if name != key}
    known = inputs or {}
    given = {
        name: _value(folder, name, value, known[name].value) if name in known else value
        for name, value in values.items()
    }
    return Row(found, checked_inputs(given, inputs))


def _value(folder: Path, name: str, value: Any, schema: ValueSchema) -> Any:
    """Return a value of a row; a text becomes a path or a list if the schema asks for one."""
    if not isinstance(value, str):
        return value
    value = _located(folder, name, value) if takes_file(schema) else nested(name, value, schema)
    is_one_item = "array" in schema.types and not isinstance(value, list)
    return [value] if is_one_item else value


def _located(folder: Path, name: str, text: str) -> str | Path:
    if text.startswith(("http://", "https://", "data:")):
        return text
    path = folder / text
    if not path.is_file():
        raise UsageError(f"{name}: no file '{path}'")
    return path
