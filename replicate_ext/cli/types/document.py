"""Convert the schema of a model to the JSON Schema that the code generator reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from replicate_ext._schemas.model import ModelSchema
    from replicate_ext._schemas.value import ValueSchema

FILE_IN = "replicate_ext.types.FileOrURL"
FILE_OUT = "replicate_ext.FileOutput"


def document_of(schema: ModelSchema) -> dict[str, Any]:
    """Return a JSON Schema with the definitions Input and Output.

    Args:
        schema: Schema of the model.
    """
    inputs = schema.inputs or {}
    given = {
        "type": "object",
        "properties": {name: _input(one.value) for name, one in inputs.items()},
        "required": list(inputs),  # the generated module declares the optional ones
    }
    definitions = {"Input": given, "Output": _output(schema.output)}
    references = {name: {"$ref": f"#/$defs/{name}"} for name in definitions}
    return {"$defs": definitions, "type": "object", "properties": references}


def _input(value: ValueSchema) -> dict[str, Any]:
    if value.is_file:
        return _nullable({"type": "string", "customTypePath": FILE_IN}, value)
    if value.enum is not None:
        return {"enum": [one for one in value.enum if isinstance(one, str | int | float)]}
    if value.alternatives:
        return _nullable({"anyOf": [_input(one) for one in value.alternatives]}, value)
    return _nullable(_of_types(value, _input), value)


def _output(value: ValueSchema) -> dict[str, Any]:
    """Allow more outputs than the schema: new values of enums, and null for optional members."""
    if value.is_file:
        return _nullable({"type": "string", "customTypePath": FILE_OUT}, value)
    if value.alternatives:
        return _nullable({"anyOf": [_output(one) for one in value.alternatives]}, value)
    made = _of_types(value, _output)
    for name in made.get("properties", {}).keys() - value.required:
        made["properties"][name] = _or_null(made["properties"][name])
    return _nullable(made, value)


def _of_types(value: ValueSchema, convert: Any) -> dict[str, Any]:
    made = [_of_type(kind, value, convert) for kind in value.types]
    return {} if not made else made[0] if len(made) == 1 else {"anyOf": made}


def _of_type(kind: str, value: ValueSchema, convert: Any) -> dict[str, Any]:
    if kind == "array":
        return {"type": kind, "items": {} if value.items is None else convert(value.items)}
    if kind == "object" and value.properties:
        members = {name: convert(one) for name, one in value.properties.items()}
        return {"type": kind, "properties": members, "required": sorted(value.required)}
    return {"type": kind}


def _nullable(schema: dict[str, Any], value: ValueSchema) -> dict[str, Any]:
    return _or_null(schema) if value.is_nullable else schema


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]} if schema else schema
