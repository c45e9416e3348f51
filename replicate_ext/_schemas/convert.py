"""Convert a value to the type of a schema, where this cannot change its meaning.

Old versions of Cog accept inputs of another type, such as numbers sent as text, and convert them;
newer versions refuse them. After the conversion, such an input works with both.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from replicate_ext._schemas.value import ValueSchema

_NUMBER = re.compile(r"[+-]?\d{1,400}(\.\d{0,400})?([eE][+-]?\d{1,3})?")
_TRUE = frozenset({"true", "t", "yes", "y", "on", "1"})
_FALSE = frozenset({"false", "f", "no", "n", "off", "0"})


def has_type(value: object, kind: str) -> bool:
    """Return whether a value has a JSON type. Whole numbers are integers, as in JSON Schema.

    Args:
        value: A JSON value.
        kind: The name of the JSON type.
    """
    if isinstance(value, bool):
        return kind == "boolean"
    if kind == "integer":
        return isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    return isinstance(value, _CLASSES[kind])


def has_type_of(value: object, schema: ValueSchema) -> bool:
    """Return whether a value has one of the types of a schema, or could be in its ``enum``.

    Args:
        value: A JSON value other than null.
        schema: The values that are allowed.
    """
    if not schema.types or _has_one_of(value, schema.types):
        return True
    return schema.enum is not None and isinstance(value, str | int | float)


def _has_one_of(value: object, kinds: tuple[str, ...]) -> bool:
    exact = _KINDS.get(type(value))
    if exact is not None and not exact.isdisjoint(kinds):
        return True  # most values; the general way takes several times as long
    return any(has_type(value, kind) for kind in kinds)


_KINDS: dict[type, frozenset[str]] = {
    bool: frozenset({"boolean"}),
    float: frozenset({"number"}),
    int: frozenset({"integer", "number"}),
    str: frozenset({"string"}),
}
"""JSON types that all values of a class have."""

_CLASSES: dict[str, Any] = {
    "array": (list, tuple),
    "boolean": bool,
    "number": (int, float),
    "object": dict,
    "string": str,
}


def converted(value: Any, schema: ValueSchema) -> Any:
    """Return a value in the type of a schema, or the value itself if it cannot be converted.

    Args:
        value: A JSON value other than null.
        schema: The values that are allowed.
    """
    if schema.types and not _has_one_of(value, schema.types):
        for kind in schema.types:
            made = _CONVERSIONS[kind](value) if kind in _CONVERSIONS else None
            if made is not None:
                value = made
                break
    elif isinstance(value, float) and "number" not in schema.types and "integer" in schema.types:
        value = int(value)
    return value if schema.enum is None else _member(value, schema)


def is_allowed(value: Any, schema: ValueSchema) -> bool:
    """Return whether a value is one of the schema's ``enum``, or there is no ``enum``.

    Args:
        value: The converted value.
        schema: The values that are allowed.
    """
    if schema.enum is None:
        return True
    if _is_in(value, schema.enum):
        return True
    # If no member of an enum has the type of the schema, the schema contradicts itself, and only
    # the model decides.
    return not _can_be_met(schema) and any(_text(value) == _text(one) for one in schema.enum)


def _member(value: Any, schema: ValueSchema) -> Any:
    """Return the member of an ``enum`` with the same text as the value, else the value."""
    if _is_in(value, schema.enum or ()) or not _can_be_met(schema):
        return value
    found = [member for member in schema.enum or () if _text(member) == _text(value)]
    return found[0] if found and isinstance(value, str | int | float) else value


def _can_be_met(schema: ValueSchema) -> bool:
    return not schema.types or any(
        has_type(member, kind)
        for member in schema.enum or ()
        if member is not None
        for kind in schema.types
    )


def _is_in(value: Any, members: tuple[Any, ...]) -> bool:
    """Compare as JSON does: true is not 1, and 1.0 is 1."""
    return value in members and any(
        isinstance(value, bool) is isinstance(one, bool) and value == one for one in members
    )


def _text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value).strip()
    number = _number(text) if isinstance(value, str) else None
    return text if number is None else _text(number)


def _number(value: object) -> float | None:
    if isinstance(value, bool):
        return int(value)
    if not isinstance(value, str):
        return None
    text = value.strip()
    if not _NUMBER.fullmatch(text):
        return None
    if re.fullmatch(r"[+-]?\d+", text):
        return int(text)
    number = float(text)
    return None if number in (float("inf"), float("-inf")) else number


def _integer(value: object) -> int | None:
    number = _number(value)
    return int(number) if number is not None and number == int(number) else None


def _boolean(value: object) -> bool | None:
    text = _text(value).lower()
    return True if text in _TRUE else False if text in _FALSE else None


def _string(value: object) -> str | None:
    return str(value) if isinstance(value, int | float) else None


_CONVERSIONS = {
    "boolean": _boolean,
    "integer": _integer,
    "number": _number,
    "string": _string,
}
