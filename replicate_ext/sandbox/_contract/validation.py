"""Validation against JSON Schema, with the messages of gojsonschema, which the API uses.

https://github.com/xeipuuv/gojsonschema/blob/master/locales.go
"""

import json
from collections.abc import Container, Iterator, Mapping
from datetime import datetime
from types import NoneType
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from replicate_ext.sandbox._http.problems import InvalidField, invalid_input

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

_FORMATS = FormatChecker(formats=())

_TYPES = {
    bool: "boolean",
    dict: "object",
    float: "number",
    int: "integer",
    list: "array",
    NoneType: "null",
    str: "string",
}
_BOUNDS = {
    "minimum": ("number_gte", "Must be greater than or equal to {}"),
    "maximum": ("number_lte", "Must be less than or equal to {}"),
    "minLength": ("string_gte", "String length must be greater than or equal to {}"),
    "maxLength": ("string_lte", "String length must be less than or equal to {}"),
    "minItems": ("array_min_items", "Array must have at least {} items"),
    "maxItems": ("array_max_items", "Array must have at most {} items"),
    "pattern": ("pattern", "Does not match pattern '{}'"),
    "format": ("format", "Does not match format '{}'"),
    "anyOf": ("number_any_of", "Must validate at least one schema (anyOf)"),
}


@_FORMATS.checks("uri")
def _is_uri(value: object) -> bool:
    if not isinstance(value, str):
        return True
    try:
        return bool(urlsplit(value).scheme)
    except ValueError:
        return False


@_FORMATS.checks("date-time", raises=ValueError)
def _is_date_time(value: object) -> bool:
    return not isinstance(value, str) or bool(datetime.fromisoformat(value))


class Schema:
    """A compiled JSON Schema.

    Args:
        schema: the JSON Schema; each `$ref` is resolved from its root.
    """

    def __init__(self, schema: Mapping[str, object]) -> None:
        self._validator: Validator = Draft202012Validator(schema, format_checker=_FORMATS)

    def check(self, value: object, field: str = "") -> None:
        """Validate a value.

        Args:
            value: parsed JSON.
            field: path of the value in the body. Default: "", the body itself.

        Raises:
            Problem: 422, with all violations.
        """
        invalid = self.invalid_fields(value, field)
        if invalid:
            raise invalid_input(invalid)

    def invalid_fields(
        self, value: object, field: str = "", *, known: Container[str] = ()
    ) -> list[InvalidField]:
        """Return all violations, each once.

        Args:
            value: parsed JSON.
            field: path of the value in the body. Default: "", the body itself.
            known: values that every enum accepts in addition to its own.
        """
        found = dict.fromkeys(
            invalid
            for error in sorted(self._validator.iter_errors(cast("Any", value)), key=_rank)
            if not _is_known(error, known)
            for invalid in _invalid_fields(error, field)
        )
        return list(found)


def _rank(error: ValidationError) -> tuple[int, bool]:
    """Return the sort key for gojsonschema's order: by depth, and missing members first."""
    return len(error.absolute_path), error.validator != "required"


def _is_known(error: ValidationError, known: Container[str]) -> bool:
    given: Any = error.instance
    return error.validator == "enum" and isinstance(given, str) and given in known


def _invalid_fields(error: ValidationError, prefix: str) -> Iterator[InvalidField]:
    field = ".".join(filter(None, (prefix, *map(str, error.absolute_path))))
    # The types of both values depend on the keyword.
    expected: Any = error.validator_value
    given: Any = error.instance
    match error.validator:
        case "required":
            # jsonschema reports an error for each missing name, but not which name it is.
            for name in expected:
                if name not in given:
                    yield InvalidField("required", field, f"{name} is required")
        case "additionalProperties":
            schema: Any = error.schema
            for name in sorted(given.keys() - schema["properties"].keys()):
                description = f"Additional property {name} is not allowed"
                yield InvalidField("additional_property_not_allowed", field, description)
        case "type":
            description = f"Invalid type. Expected: {expected}, given: {_TYPES[type(given)]}"
            yield InvalidField("invalid_type", field, description)
        case "enum":
            allowed = ", ".join(map(json.dumps, expected))
            name = field.rpartition(".")[2]
            yield InvalidField("enum", field, f"{name} must be one of the following: {allowed}")
        case keyword:
            kind, text = _BOUNDS.get(str(keyword), (str(keyword), "Must be valid"))
            yield InvalidField(kind, field, text.format(expected))
