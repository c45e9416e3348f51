"""The text of a module with the function of a model."""

from __future__ import annotations

import ast
import keyword
import re
from textwrap import fill, indent
from typing import TYPE_CHECKING, NamedTuple

from replicate_ext.cli.types.annotations import annotations_of, quoted
from replicate_ext.typed.table import limits

if TYPE_CHECKING:
    from collections.abc import Iterable

    from replicate_ext._schemas.model import InputSchema, ModelSchema
    from replicate_ext.cli.types.annotations import Annotations, TypedDictionary

HEADER = "Written by `replicate-ext types`; changes made here are lost."
_WIDTH = 100
_TYPING = ("Any", "Literal", "NotRequired", "TypeAlias", "TypedDict", "Unpack")
_NAME = re.compile(r"(?<![\"'\w])[A-Za-z_]\w*")
_STRING = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'")


class Facts(NamedTuple):
    """Names and constants of a generated module.

    Args:
        name: Name of the module and of the function in it.
        reference: The model, with its version if it is pinned.
        version: ID of the version whose schema it has.
        hash: Hash of the schema.
        date: Day on which the module was written.
    """

    name: str
    reference: str
    version: str
    hash: str
    date: str


def module_of(facts: Facts, schema: ModelSchema) -> str:
    """Return the text of a module.

    Args:
        facts: Names and constants of the module.
        schema: Schema of the model.
    """
    types = annotations_of(schema)
    fields, aliases = _short(types.input)
    parts = [f"{name}: TypeAlias = {_filled(text)}" for name, text in aliases.items()]
    parts += [_input(schema, fields)]
    parts += [_typed_dict(one) for one in types.classes]
    if types.output != "Output":
        parts.append(f"Output: TypeAlias = {types.output}")
    parts.append(_function(facts, types, is_known=schema.inputs is not None))
    body = "\n\n\n".join(parts)
    constants = "\n".join(
        f"{name} = {quoted(value)}"
        for name, value in (
            ("REFERENCE", facts.reference),
            ("VERSION", facts.version),
            ("SCHEMA", facts.hash),
            ("DATE", facts.date),
        )
    )
    model = facts.reference.partition(":")[0]
    head = f'"""{model} as a typed function.\n\n{HEADER}\n"""'
    return f"{head}\n\n{_imports(body)}\n\n{constants}\n\n\n{body}\n"


def class_name(name: str) -> str:
    """Return the name of a class for the name of a function."""
    words = "".join(word[:1].upper() + word[1:] for word in name.split("_"))
    return words if words.isidentifier() and not keyword.iskeyword(words) else f"Model{words}"


def _imports(body: str) -> str:
    nodes = list(ast.walk(ast.parse(body)))
    quotes = [value for node in nodes if isinstance(node, ast.Dict) for value in node.values]
    nodes += [
        node
        for quote in quotes
        if isinstance(quote, ast.Constant)
        for node in ast.walk(ast.parse(str(quote.value), mode="eval"))
    ]
    used = {node.id for node in nodes if isinstance(node, ast.Name)}
    typing = [name for name in _TYPING if name in used]
    ours = [name for name in ("FileOutput", "ModelFunction") if name in used]
    lines = [
        "from __future__ import annotations",
        "",
        "from pathlib import Path",
        f"from typing import {', '.join(typing)}",
        "",
        f"from replicate_ext import {', '.join(ours)}",
    ]
    if "FileOrURL" in used:
        lines.append("from replicate_ext.types import FileOrURL")
    return "\n".join(lines)


def _short(fields: dict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Return the types of inputs, and aliases for those that are too long for one line."""
    aliases: dict[str, str] = {}
    made: dict[str, str] = {}
    for name, text in fields.items():
        inner = text.removeprefix("NotRequired[").removesuffix("]" if "NotRequired" in text else "")
        if len(f"    {name}: {text}") <= _WIDTH or "Literal[" not in inner:
            made[name] = text
            continue
        words = re.sub(r"\W", "_", name).strip("_") or "Choice"
        alias = f"{class_name(words)}Value"
        while alias in aliases:
            alias += "_"
        aliases[alias] = inner
        made[name] = f"NotRequired[{alias}]" if text.startswith("NotRequired[") else alias
    return made, aliases


def _filled(text: str) -> str:
    """Return a long Literal with as many values on each line as fit."""
    start, _, rest = text.partition("[")
    values = rest.rpartition("]")[0]
    items = [*_STRING.sub(lambda match: match[0].replace(" ", "\0"), values).split(", ")]
    lines = fill(", ".join(items), _WIDTH - 4, break_long_words=False, break_on_hyphens=False)
    shown = indent(lines.replace("\0", " "), "    ")
    return f"{start}[  # fmt: skip\n{shown}\n]{rest.rpartition(']')[2]}"


def _input(schema: ModelSchema, fields: dict[str, str]) -> str:
    if schema.inputs is None:
        return "Input: TypeAlias = dict[str, Any]"
    texts = {name: _description(one) for name, one in schema.inputs.items()}
    if not _is_class(fields):
        lines = [
            line
            for name, text in fields.items()
            for line in (*_comment(texts[name]), f"    {quoted(name)}: {quoted(text)},")
        ]
        body = "\n".join(lines)
        return f'Input = TypedDict(\n    "Input",\n    {{\n{indent(body, "    ")}\n    }},\n)'
    lines = ['class Input(TypedDict):\n    """Inputs of the model."""\n']
    for name, text in fields.items():
        lines.append(f"    {name}: {text}")
        lines += [docstring(texts[name])] if texts[name] else []
    return "\n".join(lines).rstrip()


def _typed_dict(one: TypedDictionary) -> str:
    if _is_class(one.fields):
        members = [f"    {name}: {text}" for name, text in one.fields.items()] or ["    pass"]
        return "\n".join([f"class {one.name}(TypedDict):", *members])
    pairs = [f"        {quoted(name)}: {quoted(text)}," for name, text in one.fields.items()]
    return "\n".join(
        [f"{one.name} = TypedDict(", f"    {quoted(one.name)},", "    {", *pairs, "    },", ")"]
    )


def _is_class(fields: dict[str, str]) -> bool:
    """Return whether a class can have these members: no other names, none that its types use."""
    used = {name for text in fields.values() for name in _NAME.findall(_STRING.sub('""', text))}
    return not any(
        not name.isidentifier() or keyword.iskeyword(name) or name.startswith("__") or name in used
        for name in fields
    )


def _function(facts: Facts, types: Annotations, *, is_known: bool) -> str:
    name = class_name(facts.name)
    taken = {"Input", "Output", "ModelFunction", "FileOutput", "FileOrURL", "Path", *_TYPING}
    while name in taken | {one.name for one in types.classes}:
        name += "Function"
    inputs = "Unpack[Input]" if is_known else "Any"
    arguments = 'REFERENCE, Path(__file__).with_suffix(".json")'
    call = f"{facts.name} = {name}({arguments})"
    broken = f"{facts.name} = {name}(\n    {arguments}\n)"
    return f'''\
class {name}(ModelFunction[Input, Output]):
    """{facts.reference.partition(":")[0]} as a function."""

    def __call__(self, /, **input: {inputs}) -> Output:
        """Run the model and return its output."""
        return super().__call__(**input)


{call if len(call) <= _WIDTH else broken}'''


def _description(one: InputSchema) -> str:
    sentences = [one.description] if one.description else []
    limit = "" if one.value.enum is not None else limits(one.value)
    if limit:
        sentences.append(f"{limit[0].upper()}{limit[1:]}.")
    if one.has_default:
        default = one.default
        shown = quoted(default) if isinstance(default, str) else repr(default)
        sentences.append(f"Default: {shown[:200]}.")
    text = " ".join(one if re.search(r"[.!?:;]$", one.rstrip()) else f"{one}." for one in sentences)
    words = " ".join(text.split())
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in words)


def docstring(text: str) -> str:
    """Return a text as the docstring of a member of a class.

    Args:
        text: One paragraph.
    """
    escaped = text.replace("\\", "\\\\").replace('"""', "'''")
    if escaped.endswith('"'):
        escaped += " "
    lines = fill(f'"""{escaped}"""', _WIDTH - 4, break_long_words=False, break_on_hyphens=False)
    if "\n" in lines:
        lines = lines.removesuffix('"""') + '\n"""'
    return indent(lines, "    ")


def _comment(text: str) -> Iterable[str]:
    if not text:
        return []
    return fill(text, _WIDTH - 10, initial_indent="    # ", subsequent_indent="    # ").splitlines()
