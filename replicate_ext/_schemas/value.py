"""Read the JSON Schema of a value: an input of a model, its output, or a part of them.

Keywords that this module does not know are ignored, so that a value is never refused because of
them. The odd forms that public models have are listed in docs/typed-models.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Self, cast

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_MAX_DEPTH = 20
"""Maximum depth of nested schemas that are read; deeper values may be anything."""

_TYPES = frozenset({"array", "boolean", "integer", "null", "number", "object", "string"})
_DESCRIPTIONS = ("default", "description", "title", "x-order")
"""Keywords that describe an input without limiting its values; the first value is used."""


class ValueSchema(NamedTuple):
    """Values that an input or an output may have.

    Args:
        types: Names of JSON types; empty if any type is allowed.
        enum: The allowed values; None if all values of the types are allowed.
        minimum: Smallest number.
        maximum: Largest number.
        min_length: Smallest number of characters of a string, or of items of an array.
        max_length: Largest number of characters of a string, or of items of an array.
        items: Schema of the items of an array; None if they may be anything.
        properties: Schemas of the members of an object; None if it may have any members.
        required: Names of the members that an object always has.
        alternatives: Schemas of which one must match; empty if there are no alternatives.
        is_file: Whether the value is a file, sent as its URL.
        is_secret: Whether the value is a password or another secret.
        is_nullable: Whether null is allowed.
        is_iterator: Whether the model produces the items of the array one after the other.
        is_text: Whether the items of the array are parts of one text.
    """

    types: tuple[str, ...] = ()
    enum: tuple[Any, ...] | None = None
    minimum: float | None = None
    maximum: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    items: ValueSchema | None = None
    properties: dict[str, ValueSchema] | None = None
    required: frozenset[str] = frozenset()
    alternatives: tuple[ValueSchema, ...] = ()
    is_file: bool = False
    is_secret: bool = False
    is_nullable: bool = False
    is_iterator: bool = False
    is_text: bool = False

    @classmethod
    def of(cls, schema: object, components: Mapping[str, Any], depth: int = 0) -> Self:
        """Read a schema.

        Args:
            schema: The JSON Schema.
            components: The schemas that it may refer to, by name.
            depth: Number of schemas that enclose this one.
        """
        if depth > _MAX_DEPTH:
            return cls()
        merged = resolved(schema, components)
        alternatives, has_null = _alternatives(merged, components, depth)
        kinds = _types(merged)
        items, members = merged.get("items"), merged.get("properties")
        text = merged.get("type") == "string"
        return cls(
            types=tuple(kind for kind in kinds if kind != "null"),
            enum=_enum(merged),
            minimum=_number(merged.get("minimum")),
            maximum=_number(merged.get("maximum")),
            min_length=_count(merged.get("minLength" if text else "minItems")),
            max_length=_count(merged.get("maxLength" if text else "maxItems")),
            items=cls.of(items, components, depth + 1) if isinstance(items, dict) else None,
            properties=(
                {str(name): cls.of(one, components, depth + 1) for name, one in members.items()}
                if isinstance(members, dict)
                else None
            ),
            required=names(merged.get("required")),
            alternatives=alternatives,
            is_file=merged.get("format") == "uri" and "string" in kinds,
            is_secret=bool(merged.get("x-cog-secret")) or merged.get("format") == "password",
            is_nullable=merged.get("nullable") is True or "null" in kinds or has_null,
            is_iterator=merged.get("x-cog-array-type") == "iterator",
            is_text=merged.get("x-cog-array-display") == "concatenate",
        )


def resolved(schema: object, components: Mapping[str, Any], depth: int = 0) -> dict[str, Any]:
    """Return a schema with its references and ``allOf`` replaced by their keywords.

    A keyword that has different values in members of ``allOf`` is left out, since all apply.

    Args:
        schema: The JSON Schema.
        components: The schemas that it may refer to, by name.
        depth: Number of references that were followed to this schema.
    """
    if not isinstance(schema, dict) or depth > _MAX_DEPTH:
        return {}
    own = cast("dict[str, Any]", schema)
    if "$ref" not in own and "allOf" not in own:
        return own
    parts = [own[name] for name in ("$ref",) if name in own] and [_referred(own, components)]
    parts += own["allOf"] if isinstance(own.get("allOf"), list) else []
    merged: dict[str, Any] = {}
    for part in parts:
        for keyword, value in resolved(part, components, depth + 1).items():
            if keyword in _DESCRIPTIONS:
                merged.setdefault(keyword, value)
            elif merged.setdefault(keyword, value) != value:
                merged[keyword] = None
    kept = {keyword: value for keyword, value in own.items() if keyword not in ("$ref", "allOf")}
    known = {keyword: value for keyword, value in merged.items() if value is not None}
    return {**known, **kept}


def _referred(schema: Mapping[str, Any], components: Mapping[str, Any]) -> object:
    return components.get(str(schema["$ref"]).rpartition("/")[2])


def _alternatives(
    schema: Mapping[str, Any], components: Mapping[str, Any], depth: int
) -> tuple[tuple[ValueSchema, ...], bool]:
    """Return the schemas of which one must match, and whether null is one of them."""
    listed = schema.get("anyOf") or schema.get("oneOf")
    if not isinstance(listed, list):
        return (), False
    read = [ValueSchema.of(one, components, depth + 1) for one in cast("list[object]", listed)]
    others = tuple(one for one in read if not (one.is_nullable and is_free(one)))
    return others, len(others) < len(read)


def is_free(schema: ValueSchema) -> bool:
    """Return whether a schema says nothing about its values, apart from null."""
    return schema._replace(is_nullable=False, is_iterator=False) == ValueSchema()


def names(value: object) -> frozenset[str]:
    """Return the names in a list; an empty set if the value is not a list."""
    return frozenset(map(str, cast("list[object]", value)) if isinstance(value, list) else ())


def _types(schema: Mapping[str, Any]) -> tuple[str, ...]:
    given = schema.get("type")
    listed: Iterable[object] = cast("list[object]", given) if isinstance(given, list) else (given,)
    kinds = tuple(kind for kind in listed if isinstance(kind, str))
    return kinds if all(kind in _TYPES for kind in kinds) else ()


def _enum(schema: Mapping[str, Any]) -> tuple[Any, ...] | None:
    if "const" in schema:
        return (schema["const"],)
    values = schema.get("enum")
    return tuple(values) if isinstance(values, list) and values else None


def _number(value: object) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return cast("float", value) if is_number else None


def _count(value: object) -> int | None:
    number = _number(value)
    return None if number is None else int(number)
