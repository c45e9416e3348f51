"""Check an input against the schema of a model, and collect all problems."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, cast

from replicate_ext._messages import shown
from replicate_ext._problem import InvalidField
from replicate_ext._schemas.convert import converted, has_type_of, is_allowed
from replicate_ext._schemas.value import ValueSchema

if TYPE_CHECKING:
    from collections.abc import Mapping

    from replicate_ext._schemas.model import InputSchema

_ANYTHING = ValueSchema()
_SCALARS = (str, int, float)
_COMPARED = (*_SCALARS, list, tuple, dict)
_LISTED = 20
"""Number of allowed values that a message lists."""


class Checked(NamedTuple):
    """The result of a check.

    Args:
        input: The input with its values in the types of the schema, without null values.
        invalid: Inputs that are certainly wrong; empty if the input can be sent.
    """

    input: dict[str, Any]
    invalid: tuple[InvalidField, ...]


def check(inputs: Mapping[str, InputSchema] | None, given: Mapping[str, Any]) -> Checked:
    """Convert an input to the types of a model's schema, and check it.

    Values that are not JSON, such as files, are accepted everywhere.

    Args:
        inputs: The inputs that the model has; None if they are not known.
        given: The input of the caller. It is not changed.
    """
    if inputs is None:
        return Checked(dict(given), ())
    checking = _Check()
    made: dict[str, Any] = {}
    for name, value in given.items():
        known = inputs.get(name)
        if known is None:
            checking.refuse(name, _unknown(name, inputs), "additional_property_not_allowed")
            made[name] = value
        elif value is not None or known.value.is_nullable:
            made[name] = checking.fitted(value, known.value, name)
    missing = [name for name, known in inputs.items() if known.is_required and name not in made]
    for name in missing:
        checking.refuse(name, f"{name} is required", "required")
    return Checked(made, tuple(checking.invalid))


def _unknown(name: object, inputs: Mapping[str, InputSchema]) -> str:
    # Imported late: it is only needed for mistakes.
    from difflib import get_close_matches

    plain = {one.lower().replace("-", "_"): one for one in inputs}
    near = get_close_matches(str(name).lower().replace("-", "_"), plain, n=1, cutoff=0.6)
    if near:
        return f"the model has no such input; did you mean {plain[near[0]]}?"
    return f"the model has no such input; it has {', '.join(inputs) or 'no inputs'}"


class _Check:
    """Converts values, and collects what is wrong with them."""

    def __init__(self) -> None:
        self.invalid: list[InvalidField] = []

    def refuse(self, place: object, description: str, kind: str) -> None:
        self.invalid.append(InvalidField(f"input.{place}", description, kind))

    def fitted(self, value: Any, schema: ValueSchema, place: str) -> Any:
        """Return a value in the type of a schema, and refuse it if that is not possible."""
        if schema.alternatives and not (value is None and schema.is_nullable):
            value = self._alternative(value, schema, place)
        if isinstance(value, _SCALARS):
            return self._scalar(value, schema, place)
        if isinstance(value, list | tuple | dict):
            return self._container(value, schema, place)
        if value is None and schema.types and not schema.is_nullable:
            self.refuse(place, f"null is not {_named(schema)}", "invalid_type")
        return value

    def _scalar(self, value: Any, schema: ValueSchema, place: str) -> Any:
        made = value if schema.is_file else converted(value, schema)
        if not has_type_of(made, schema):
            self._refuse_type(value, schema, place)
        elif not is_allowed(made, schema):
            choices = ", ".join(map(repr, (schema.enum or ())[:_LISTED]))
            more = ", ..." if len(schema.enum or ()) > _LISTED else ""
            self.refuse(place, f"{_shown(value, schema)} is not one of {choices}{more}", "enum")
        elif isinstance(made, str):
            self._check_length(made, schema, place, ("string_gte", "string_lte"))
        elif not isinstance(made, bool):
            self._check_limits(made, schema, place)
        return made

    def _container(self, value: Any, schema: ValueSchema, place: str) -> Any:
        if not has_type_of(value, schema):
            self._refuse_type(value, schema, place)
            return value
        if isinstance(value, dict):
            return self._object(cast("dict[str, Any]", value), schema, place)
        self._check_length(value, schema, place, ("array_min_items", "array_max_items"))
        items = schema.items
        if items is None:
            return value
        return [self.fitted(item, items, f"{place}.{index}") for index, item in enumerate(value)]

    def _object(self, value: dict[str, Any], schema: ValueSchema, place: str) -> Any:
        if schema.properties is None:
            return value
        for name in sorted(schema.required - value.keys()):
            self.refuse(f"{place}.{name}", f"{name} is required", "required")
        return {
            name: self.fitted(item, schema.properties.get(name, _ANYTHING), f"{place}.{name}")
            for name, item in value.items()
        }

    def _alternative(self, value: Any, schema: ValueSchema, place: str) -> Any:
        """Return the value unchanged if one of the types accepts it, else converted to a type."""
        fitting: list[Any] = []
        for one in schema.alternatives:
            trial = _Check()
            made = trial.fitted(value, one, place)
            if not trial.invalid:
                fitting.append(made)
        if not fitting:
            kinds = " or ".join(_named(one) for one in schema.alternatives)
            self.refuse(place, f"{_shown(value, schema)} is not {kinds}", "number_any_of")
            return value
        unchanged = [made for made in fitting if _is_same(made, value)]
        return (unchanged or fitting)[0]

    def _check_limits(self, value: float, schema: ValueSchema, place: str) -> None:
        if schema.minimum is not None and value < schema.minimum:
            description = f"{shown(value)} is below the minimum of {schema.minimum:g}"
            self.refuse(place, description, "number_gte")
        elif schema.maximum is not None and value > schema.maximum:
            description = f"{shown(value)} is above the maximum of {schema.maximum:g}"
            self.refuse(place, description, "number_lte")

    def _check_length(
        self, value: Any, schema: ValueSchema, place: str, rules: tuple[str, str]
    ) -> None:
        length, least, most = len(value), schema.min_length, schema.max_length
        unit = "characters" if isinstance(value, str) else "items"
        if least is not None and length < least:
            description = f"{length} {unit} are fewer than the minimum of {least}"
            self.refuse(place, description, rules[0])
        elif most is not None and length > most:
            description = f"{length} {unit} are more than the maximum of {most}"
            self.refuse(place, description, rules[1])

    def _refuse_type(self, value: object, schema: ValueSchema, place: str) -> None:
        self.refuse(place, f"{_shown(value, schema)} is not {_named(schema)}", "invalid_type")


def _shown(value: object, schema: ValueSchema) -> str:
    return f"the {type(value).__name__}" if schema.is_secret else shown(value)


_NAMES = {
    "array": "a list",
    "boolean": "a boolean",
    "integer": "an integer",
    "number": "a number",
    "object": "an object",
    "string": "a string",
}


def _named(schema: ValueSchema) -> str:
    """Return the types of a schema in words."""
    if schema.is_file:
        return "a file or its URL"
    return " or ".join(_NAMES[kind] for kind in schema.types) or "allowed"


def _is_same(made: Any, value: Any) -> bool:
    """Return whether a value is unchanged; arrays cannot be compared with ``==`` like others."""
    if made is value:
        return True
    return type(made) is type(value) and isinstance(value, _COMPARED) and bool(made == value)
