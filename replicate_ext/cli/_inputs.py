"""Read the inputs of a model from arguments such as ``name=value``."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from replicate_ext.cli._errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from replicate_ext import InvalidField
    from replicate_ext._schemas.model import InputSchema
    from replicate_ext._schemas.value import ValueSchema

_ARGUMENT = re.compile(r"(?P<name>[^\s=:@]+)(?P<kind>:=|=@|=)(?P<value>.*)", re.DOTALL)
_STDIN = "-"


def read_inputs(
    arguments: Iterable[str], inputs: Mapping[str, InputSchema] | None, *, is_part: bool = False
) -> dict[str, Any]:
    """Return the inputs in the types of the model's schema.

    Args:
        arguments: Arguments of the command.
        inputs: The inputs that the model has; None if they are not known.
        is_part: Whether more inputs follow, so that these are not checked yet.

    Raises:
        UsageError: An argument is malformed, or the model would refuse an input.
    """
    given: dict[str, list[Any]] = {}
    for argument in arguments:
        name, value = _read(argument, inputs)
        given.setdefault(name, []).append(value)
    made = {name: _joined(name, values, inputs) for name, values in given.items()}
    return made if is_part else checked_inputs(made, inputs)


def checked_inputs(
    given: dict[str, Any], inputs: Mapping[str, InputSchema] | None
) -> dict[str, Any]:
    """Return inputs in the types of the model's schema.

    Raises:
        UsageError: The model would refuse an input.
    """
    from replicate_ext._schemas.check import check

    checked = check(inputs, given)
    if checked.invalid:
        raise UsageError("; ".join(_problem(one) for one in checked.invalid))
    return checked.input


def _problem(invalid: InvalidField) -> str:
    name = invalid.field.removeprefix("input.")
    is_missing = invalid.description == f"{name} is required"
    return f"input {name} is missing" if is_missing else f"{name}: {invalid.description}"


def read_values(arguments: Iterable[str]) -> dict[str, Any]:
    """Return values that have no schema: text, content of files, or JSON.

    Raises:
        UsageError: An argument is malformed.
    """
    return dict(_parsed(argument, is_file=False) for argument in arguments)


def _read(argument: str, inputs: Mapping[str, InputSchema] | None) -> tuple[str, Any]:
    name = argument.partition("=")[0].rstrip(":")
    known = (inputs or {}).get(name)
    schema = None if known is None else known.value
    name, value = _parsed(argument, is_file=schema is None or takes_file(schema))
    is_text = isinstance(value, str) and not argument.startswith(f"{name}:=")
    if is_text and schema is not None:
        value = nested(name, value, schema)
    return name, value


def _parsed(argument: str, *, is_file: bool) -> tuple[str, Any]:
    found = _ARGUMENT.fullmatch(argument)
    if found is None:
        raise UsageError(
            f"invalid argument '{argument}': expected name=text, name=@file or name:=json"
        )
    name, kind, value = found.groups()
    if kind == ":=":
        return name, _json(name, value)
    if kind == "=@":
        return name, _from_file(name, value, is_file=is_file)
    return name, value


def _from_file(name: str, path: str, *, is_file: bool) -> Any:
    """Return the file, or its content as text if the input is not a file."""
    if path == _STDIN:
        content = sys.stdin.buffer.read()
    elif not Path(path).is_file():
        raise UsageError(
            f"{name}: no file '{path}'; to send a text that begins with @, write {name}:='\"@...\"'"
        )
    elif is_file:
        return Path(path)
    else:
        content = Path(path).read_bytes()
    if is_file:
        return content
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise UsageError(f"{name}: '{path}' is not UTF-8 text") from None


def takes_file(schema: ValueSchema) -> bool:
    """Return whether an input is a file, or a list of files."""
    parts = [schema, *schema.alternatives]
    return any(one.is_file or (one.items is not None and takes_file(one.items)) for one in parts)


def nested(name: str, text: str, schema: ValueSchema) -> Any:
    """Parse a text as JSON if the schema expects a list or an object; else return it unchanged.

    Raises:
        UsageError: The text begins like JSON, but is not valid JSON.
    """
    begin = text.lstrip()[:1]
    if "string" in schema.types:
        return text
    if ("array" in schema.types and begin == "[") or ("object" in schema.types and begin == "{"):
        return _json(name, text)
    return text


def _joined(name: str, values: list[Any], inputs: Mapping[str, InputSchema] | None) -> Any:
    known = (inputs or {}).get(name)
    is_list = known is not None and "array" in known.value.types
    if len(values) == 1 and not (is_list and not isinstance(values[0], list)):
        return values[0]
    if known is not None and not is_list:
        raise UsageError(f"{name} takes one value, got {len(values)}")
    return values


def _json(name: str, text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{name}: invalid JSON: {error}") from None
