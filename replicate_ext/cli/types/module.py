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
    from collections.abc import Set as AbstractSet

    from replicate_ext._schemas.model import InputSchema, ModelSchema
    from replicate_ext.cli.types.annotations import TypedDictionary

HEADER = "Written by `replicate-ext types`; changes made here are lost."
_WIDTH = 100
_TYPING = ("Any", "Literal", "NotRequired", "Required", "TypeAlias", "TypedDict", "Unpack")
_TAKEN = {"Input", "Output", "ModelFunction", "FileOutput", "FileOrURL", "Path", *_TYPING}
"""Names that a module uses itself."""
_NAME = re.compile(r"(?<![\"'\w])[A-Za-z_]\w*")
_STRING = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'")


class Facts(NamedTuple):
    """Names and constants of a generated module.

    Args:
        name: Name of the module and of the function in it.
        reference: The model, with its version if it is pinned.
        version: ID of the version that the schema is from.
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
    classes = {one.name for one in types.classes}
    fields, aliases = _short(types.input, schema, _TAKEN | classes)
    parts = [f"{name}: TypeAlias = {_filled(text)}" for name, text in aliases.items()]
    parts += [_input(schema, fields)]
    parts += [_typed_dict(one) for one in types.classes]
    if types.output != "Output":
        parts.append(f"Output: TypeAlias = {types.output}")
    taken = _TAKEN | classes | aliases.keys()
    parts.append(_function(facts, taken, is_known=schema.inputs is not None))
    body = "\n\n\n".join(parts)
    constants = "\n".join(
        f"{name} = {quoted(value)}"
        for name, value in (
            ("REFERENCE", facts.reference),
            ("VERSION", facts.version),
            ("SCHEMA_HASH", facts.hash),
            ("WRITTEN_ON", facts.date),
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


def _short(
    types: dict[str, str], schema: ModelSchema, taken: AbstractSet[str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the types of inputs, and aliases for those that are too long for one line."""
    inputs = schema.inputs or {}
    taken = taken | inputs.keys()
    aliases: dict[str, str] = {}
    made: dict[str, str] = {}
    for name, text in types.items():
        form = "Required[{}]" if inputs[name].is_required and _is_partial(schema) else "{}"
        short = text
        if len(f"    {name}: {form.format(text)}") > _WIDTH and "Literal[" in text:
            short = class_name(re.sub(r"\W", "_", name).strip("_") or "Choice")
            while short in taken | aliases.keys():
                short += "Value"
            aliases[short] = text
        made[name] = form.format(short)
    return made, aliases


def _is_partial(schema: ModelSchema) -> bool:
    """Return whether a model has optional inputs."""
    return not all(one.is_required for one in (schema.inputs or {}).values())


def _filled(text: str) -> str:
    """Return a long Literal with as many values on each line as fit."""
    start, _, rest = text.partition("[")
    values = rest.rpartition("]")[0]
    items = [*_STRING.sub(lambda match: match[0].replace(" ", "\0"), values).split(", ")]
    lines = fill(", ".join(items), _WIDTH - 4, break_long_words=False, break_on_hyphens=False)
    shown = indent(lines.replace("\0", " "), "    ")
    return f"{start}[\n{shown}\n]{rest.rpartition(']')[2]}  # fmt: skip"


def _input(schema: ModelSchema, fields: dict[str, str]) -> str:
    if schema.inputs is None:
        return "Input: TypeAlias = dict[str, Any]"
    end = ", total=False" if _is_partial(schema) else ""
    texts = {name: _description(one) for name, one in schema.inputs.items()}
    if not _is_class(fields):
        lines = [
            line
            for name, text in fields.items()
            for line in (*_comment(texts[name]), f"    {quoted(name)}: {quoted(text)},")
        ]
        body = "\n".join(lines)
        total = "\n    total=False," if end else ""
        return (
            f'Input = TypedDict(\n    "Input",\n    {{\n{indent(body, "    ")}\n    }},{total}\n)'
        )
    lines = [f'class Input(TypedDict{end}):\n    """Inputs of the model."""\n']
    for name, text in fields.items():
        lines.append(f"    {name}: {text}")
        lines += [docstring(texts[name])] if texts[name] else []
    return "\n".join(lines).rstrip()


def _typed_dict(one: TypedDictionary) -> str:
    if _is_class(one.fields):
        members = [f"    {name}: {text}" for name, text in one.fields.items()]
        title = "Output of the model" if one.name == "Output" else "Part of the output"
        head = f'class {one.name}(TypedDict):\n    """{title}."""\n'
        return "\n".join([head, *members])
    pairs = [f"        {quoted(name)}: {quoted(text)}," for name, text in one.fields.items()]
    return "\n".join(
        [f"{one.name} = TypedDict(", f"    {quoted(one.name)},", "    {", *pairs, "    },", ")"]
    )


def _is_class(fields: dict[str, str]) -> bool:
    """Return whether all names can be members of a class, and no annotation uses one of them."""
    used = {name for text in fields.values() for name in _NAME.findall(_STRING.sub('""', text))}
    return not any(
        not name.isidentifier() or keyword.iskeyword(name) or name.startswith("__") or name in used
        for name in fields
    )


def _function(facts: Facts, taken: AbstractSet[str], *, is_known: bool) -> str:
    name = class_name(facts.name)
    while name in taken:
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
    sentences = [_sentence(one)]
    limit = "" if one.value.enum is not None else limits(one.value)
    if limit:
        sentences.append(f"Limits: {limit}.")
    if one.has_default:
        default = one.default
        shown = quoted(default) if isinstance(default, str) else repr(default)
        sentences.append(f"Default: {shown[:200]}.")
    words = " ".join(" ".join(sentences).split())
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in words)


def _sentence(one: InputSchema) -> str:
    """Return the description of an input as a sentence; empty if it only repeats the name."""
    text = one.description.strip()
    if re.sub(r"\W+", "_", text.lower()).strip("_") == one.name.lower():
        return ""
    first = text.partition(" ")[0]
    if first.isalpha() and first.islower():
        text = text[0].upper() + text[1:]
    return text if not text or text[-1] in ".!?:;" else f"{text}."


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
