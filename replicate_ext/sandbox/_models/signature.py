"""Convert the type hints of a function to the `openapi_schema` that Cog would generate.

An input with bounds is declared as `Annotated[int, Input(ge=1)]`, where Cog has `= Input(ge=1)`.
https://github.com/replicate/cog/blob/main/docs/python.md
"""

import inspect
import io
from collections.abc import (
    AsyncIterator,
    Callable,
    Iterator,
    Mapping,
    Sequence,
)
from dataclasses import dataclass, is_dataclass
from enum import Enum
from pathlib import Path
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    Literal,
    TypeAlias,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

from PIL import Image

from replicate_ext.sandbox._models.components import COMPONENTS
from replicate_ext.sandbox._models.field import is_field, read_field
from replicate_ext.sandbox._models.file import File
from replicate_ext.sandbox._models.input import Input

JSONObject: TypeAlias = dict[str, object]
StreamOf: TypeAlias = Literal["text", "files"]

# Annotated with `object`, because a type hint may be any object.
_SCALARS: Mapping[object, str] = {str: "string", int: "integer", float: "number", bool: "boolean"}
_FILES: tuple[object, ...] = (bytes, File, Path, Image.Image)
_LISTS: tuple[object, ...] = (list, Sequence, tuple)
_OBJECTS: tuple[object, ...] = (dict, Mapping)
_UNIONS: tuple[object, ...] = (Union, UnionType)
_ANYTHING: tuple[object, ...] = (Any, NoneType, object)


@dataclass(frozen=True, slots=True)
class Signature:
    """Inputs and output of a model.

    Args:
        inputs: type of each keyword argument, without `Annotated` and `None`.
        defaults: default of each keyword argument that has one.
        streams: whether the function yields its output in parts.
        stream_of: kind of data in the event stream, or None without a stream. Models that yield
            output, or return text or files, have a stream.
        openapi_schema: the schema of inputs and output, as the API shows it.
    """

    inputs: Mapping[str, object]
    defaults: Mapping[str, object]
    streams: bool
    stream_of: StreamOf | None
    openapi_schema: JSONObject

    @classmethod
    def of(cls, function: Callable[..., object]) -> "Signature":
        """Return the signature of a function.

        Raises:
            TypeError: a parameter has no type, is not passed by keyword, or has a type without a
                JSON Schema.
        """
        hints = get_type_hints(function, include_extras=True)
        enums: JSONObject = {}
        properties: JSONObject = {}
        required: list[str] = []
        inputs: dict[str, object] = {}
        defaults: dict[str, object] = {}
        for order, parameter in enumerate(inspect.signature(function).parameters.values()):
            _check_parameter(parameter, hints)
            hint, default = hints[parameter.name], parameter.default
            if is_field(default):
                described, default = read_field(default)
                hint = Annotated[hint, described]
            name = parameter.name
            inputs[name] = bare(hint)
            properties[name] = _property(name, default, hint, order, enums)
            if default is not parameter.empty:
                defaults[name] = default
            elif _accepts_none(hint):
                defaults[name] = None
            else:
                required.append(name)
        returned = bare(hints.get("return", object))
        schemas: JSONObject = {
            "Input": {
                "type": "object",
                "title": "Input",
                **({"required": required} if required else {}),
                "properties": properties,
            },
            "Output": {**_output(returned), "title": "Output"},
            **enums,
            **COMPONENTS,
        }
        document: JSONObject = {
            "info": {"title": "Cog", "version": "0.1.0"},
            "openapi": "3.0.2",
            "components": {"schemas": schemas},
        }
        streams = is_iterator(returned)
        return cls(inputs, defaults, streams, _stream_of(returned, streams=streams), document)


def bare(hint: object) -> object:
    """Return a type hint without `Annotated[...]` and `... | None`."""
    if get_origin(hint) is Annotated:
        return bare(get_args(hint)[0])
    if _accepts_none(hint):
        rest = tuple(bare(member) for member in get_args(hint) if member is not NoneType)
        return Union[rest]  # noqa: UP007 - `|` does not take a tuple
    return hint


def _accepts_none(hint: object) -> bool:
    if get_origin(hint) is Annotated:
        return _accepts_none(get_args(hint)[0])
    return get_origin(hint) in _UNIONS and NoneType in get_args(hint)


def _check_parameter(parameter: inspect.Parameter, hints: Mapping[str, object]) -> None:
    if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
        raise TypeError(f"invalid model parameter {parameter}: it must accept a keyword argument")
    if parameter.name not in hints:
        raise TypeError(f"invalid model parameter {parameter.name}: add a type annotation")


def _property(
    name: str, default: object, hint: object, order: int, enums: JSONObject
) -> JSONObject:
    annotations = get_args(hint)[1:] if get_origin(hint) is Annotated else ()
    described = [each for each in annotations if isinstance(each, Input)]
    schema: JSONObject = {"title": _title(name), **_schema(bare(hint))}
    for each in described:
        if each.choices is not None:
            schema.update(_enum(each.choices))
    if "enum" in schema:
        kind = schema.get("type")
        enums[name] = {
            "enum": schema["enum"],
            **({"type": kind} if kind else {}),
            "title": name,
            "description": "An enumeration.",
        }
        schema = {"allOf": [{"$ref": f"#/components/schemas/{name}"}]}
    if default not in (inspect.Parameter.empty, None):
        schema["default"] = default.value if isinstance(default, Enum) else default
    schema["x-order"] = order
    for each in described:
        schema.update(each.keywords())
    return schema


def _title(name: str) -> str:
    return name.replace("_", " ").title()


def _stream_of(hint: object, *, streams: bool) -> StreamOf | None:
    if streams:
        return "files" if _is_file(get_args(hint)[0]) else "text"
    if hint is str:
        return "text"
    is_list = get_origin(hint) in _LISTS and bool(get_args(hint))
    return "files" if _is_file(get_args(hint)[0] if is_list else hint) else None


def _is_file(hint: object) -> bool:
    hint = bare(hint)
    return hint in _FILES or (isinstance(hint, type) and issubclass(hint, Path | io.IOBase))


def is_iterator(hint: object) -> bool:
    """Return whether a return type is an iterator type; Cog's `ConcatenateIterator` is one."""
    origin = get_origin(hint)
    return isinstance(origin, type) and issubclass(origin, Iterator | AsyncIterator)


def _output(hint: object) -> JSONObject:
    if not is_iterator(hint):
        return _schema(hint)
    item = bare(get_args(hint)[0])
    display = {"x-cog-array-display": "concatenate"} if item is str else {}
    return {"type": "array", "items": _schema(item), "x-cog-array-type": "iterator", **display}


def _schema(hint: object) -> JSONObject:
    hint = bare(hint)
    if hint in _SCALARS:
        return {"type": _SCALARS[hint]}
    if _is_file(hint):
        return {"type": "string", "format": "uri"}
    if hint in _ANYTHING:
        return {}
    if isinstance(hint, type) and get_origin(hint) is None:
        return _class(hint)
    return _generic(get_origin(hint) or hint, get_args(hint))


def _class(hint: type) -> JSONObject:
    if hint.__name__ == "Secret":  # cog.Secret
        return {"type": "string", "format": "password", "writeOnly": True, "x-cog-secret": True}
    if issubclass(hint, Enum):
        return _enum([member.value for member in hint])
    if is_typeddict(hint) or is_dataclass(hint) or hasattr(hint, "model_fields"):
        members = get_type_hints(hint)
        properties = {name: {"title": _title(name), **_schema(members[name])} for name in members}
        return {"type": "object", "properties": properties}
    return _generic(hint, ())


def _generic(origin: object, arguments: tuple[object, ...]) -> JSONObject:
    if origin in _OBJECTS:
        return {"type": "object"}
    if origin in _LISTS:
        return {"type": "array", **({"items": _schema(arguments[0])} if arguments else {})}
    if origin is Literal:
        return _enum(arguments)
    if origin in _UNIONS:
        return {"anyOf": [_schema(member) for member in arguments]}
    raise TypeError(f"unsupported type in a model's signature: {origin} has no JSON Schema")


def _enum(values: Sequence[object]) -> JSONObject:
    kinds = {_SCALARS.get(type(value)) for value in values}
    only = kinds.pop() if len(kinds) == 1 else None
    return {"enum": list(values), **({"type": only} if only else {})}
