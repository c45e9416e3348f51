"""Read the ``openapi_schema`` of a model's version: its inputs, training inputs and output."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Self, cast

from replicate_ext._schemas.value import ValueSchema, names, resolved

if TYPE_CHECKING:
    from collections.abc import Mapping


class InputSchema(NamedTuple):
    """One input of a model.

    Args:
        name: Its name.
        value: The values that it may have.
        is_required: Whether it must be sent.
        default: The model's default; None if it has no default.
        has_default: Whether the model has a default.
        description: What it is for; empty if the model does not say.
        order: Its place among the inputs.
    """

    name: str
    value: ValueSchema
    is_required: bool = False
    default: Any = None
    has_default: bool = False
    description: str = ""
    order: int = 0


class ModelSchema(NamedTuple):
    """The inputs and the output of a version of a model.

    Args:
        inputs: The inputs by name, in the model's order; None if they are not known.
        training_inputs: The inputs of a training; None if they are not known.
        output: The values that the output may have.
    """

    inputs: dict[str, InputSchema] | None = None
    training_inputs: dict[str, InputSchema] | None = None
    output: ValueSchema = ValueSchema()

    @classmethod
    def of(cls, openapi_schema: object) -> Self:
        """Read the schema of a version.

        Args:
            openapi_schema: The ``openapi_schema`` of a version, or any other value in its place.
        """
        components = components_of(openapi_schema)
        return cls(
            inputs=_inputs(components.get("Input"), components),
            training_inputs=_inputs(components.get("TrainingInput"), components),
            output=ValueSchema.of(components.get("Output"), components),
        )


def components_of(openapi_schema: object) -> dict[str, Any]:
    """Return the named schemas of an ``openapi_schema``; an empty dict if it has none."""
    found = openapi_schema
    for name in ("components", "schemas"):
        found = cast("dict[str, Any]", found).get(name) if isinstance(found, dict) else None
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def _inputs(schema: object, components: Mapping[str, Any]) -> dict[str, InputSchema] | None:
    merged = resolved(schema, components)
    properties = merged.get("properties")
    if not isinstance(properties, dict):
        return None
    required = names(merged.get("required"))
    named = cast("dict[str, Any]", properties).items()
    read = [_input(name, one, components, is_required=name in required) for name, one in named]
    return {one.name: one for one in sorted(read, key=lambda one: one.order)}


def _input(
    name: str, schema: object, components: Mapping[str, Any], *, is_required: bool
) -> InputSchema:
    merged = resolved(schema, components)
    order, default = merged.get("x-order"), merged.get("default")
    return InputSchema(
        name,
        ValueSchema.of(schema, components),
        is_required=is_required,
        default=default,
        has_default=default is not None,
        description=str(merged.get("description") or "").strip(),
        order=order if isinstance(order, int) else 0,
    )
