"""The inputs of a model as a table: as text, and as HTML for notebooks."""

from __future__ import annotations

from html import escape
from textwrap import wrap
from typing import TYPE_CHECKING, NamedTuple

from replicate_ext._messages import shown

if TYPE_CHECKING:
    from replicate_ext._schemas.model import InputSchema, ModelSchema
    from replicate_ext._schemas.value import ValueSchema

_TYPES = {
    "array": "list",
    "boolean": "bool",
    "integer": "int",
    "number": "float",
    "object": "dict",
    "string": "str",
}
_LISTED = 12
"""Maximum number of values of an enum that a table lists."""
_WIDTH = 96


class Row(NamedTuple):
    """One input in a table.

    Args:
        name: Its name.
        type: Its type, as Python writes it.
        default: Its default; "required" for a required input.
        limits: Its limits or allowed values; empty if there are none.
        description: What it is for.
    """

    name: str
    type: str
    default: str
    limits: str
    description: str


def rows(schema: ModelSchema) -> list[Row]:
    """Return the inputs of a model as rows.

    Args:
        schema: Schema of the model.
    """
    return [
        Row(one.name, type_of(one.value), _default(one), limits(one.value), one.description)
        for one in (schema.inputs or {}).values()
    ]


def as_text(title: str, schema: ModelSchema) -> str:
    """Return a table of the inputs as text.

    Args:
        title: The first line.
        schema: Schema of the model.
    """
    lines = [title, ""]
    for row in rows(schema):
        facts = ", ".join(filter(None, (row.type, row.default, row.limits)))
        lines += wrap(f"{row.name}: {facts}", _WIDTH, subsequent_indent="    ")
        lines += wrap(row.description, _WIDTH, initial_indent="    ", subsequent_indent="    ")
    return "\n".join(lines)


def as_html(schema: ModelSchema) -> str:
    """Return a table of the inputs as HTML.

    Args:
        schema: Schema of the model.
    """
    head = "".join(f"<th>{name}</th>" for name in ("input", *Row._fields[1:]))
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows(schema)
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def type_of(value: ValueSchema) -> str:
    """Return the type of a value, as Python writes it.

    Args:
        value: Schema of the value.
    """
    if value.is_file:
        return "file"
    if value.alternatives:
        return " | ".join(dict.fromkeys(type_of(one) for one in value.alternatives))
    if value.types == ("array",) and value.items is not None:
        return f"list[{type_of(value.items)}]"
    return " | ".join(_TYPES[kind] for kind in value.types) or "Any"


def limits(value: ValueSchema) -> str:
    """Return the allowed values or the limits of a value; empty if there are none.

    Args:
        value: Schema of the value.
    """
    if value.enum is not None:
        more = f" and {len(value.enum) - _LISTED} more" if len(value.enum) > _LISTED else ""
        return "one of " + ", ".join(map(repr, value.enum[:_LISTED])) + more
    is_number = value.minimum is not None or value.maximum is not None
    least, most = (
        (value.minimum, value.maximum) if is_number else (value.min_length, value.max_length)
    )
    unit = "" if is_number else " items" if "array" in value.types else " characters"
    if least is not None and most is not None:
        return f"{least:g} to {most:g}{unit}"
    if least is not None:
        return f"at least {least:g}{unit}"
    return "" if most is None else f"at most {most:g}{unit}"


def _default(one: InputSchema) -> str:
    if one.is_required:
        return "required"
    return f"default {shown(one.default)}" if one.has_default else "optional"
