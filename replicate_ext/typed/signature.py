"""The inputs of a model as an ``inspect.Signature``."""

from __future__ import annotations

import keyword
from inspect import Parameter, Signature
from types import GenericAlias
from typing import TYPE_CHECKING, Any, Literal, Self

from replicate_ext.typed.table import as_html

if TYPE_CHECKING:
    from replicate_ext._schemas.model import ModelSchema
    from replicate_ext._schemas.value import ValueSchema

_TYPES: dict[str, Any] = {
    "array": list[Any],
    "boolean": bool,
    "integer": int,
    "number": float,
    "object": dict[str, Any],
    "string": str,
}


class InputSignature(Signature):
    """The inputs of a model; notebooks show it as a table.

    Inputs whose names are not identifiers are left out; they are passed as ``**{"top-k": 5}``.
    """

    __slots__ = ("_schema",)
    _schema: ModelSchema

    @classmethod
    def of(cls, schema: ModelSchema) -> Self:
        """Return the signature of a model.

        Args:
            schema: Schema of the model.
        """
        names = schema.inputs or {}
        parameters = [
            Parameter(
                name,
                Parameter.KEYWORD_ONLY,
                default=Parameter.empty if one.is_required else one.default,
                annotation=_annotation(one.value),
            )
            for name, one in names.items()
            if name.isidentifier() and not keyword.iskeyword(name)
        ]
        if schema.inputs is None or len(parameters) < len(names):
            parameters.append(Parameter("others", Parameter.VAR_KEYWORD, annotation=Any))
        made = cls(parameters)
        made._schema = schema
        return made

    def _repr_html_(self) -> str:
        return as_html(self._schema)


def _annotation(value: ValueSchema) -> Any:
    if value.enum is not None:
        return Literal[value.enum]
    if value.is_file:
        return "FileInput | str"
    if value.types == ("array",) and value.items is not None:
        return GenericAlias(list, (_annotation(value.items),))
    return _TYPES[value.types[0]] if len(value.types) == 1 else Any
