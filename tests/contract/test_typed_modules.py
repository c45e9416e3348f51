"""Modules that `replicate-ext types` writes: of the odd schemas, and of real models if present."""

from __future__ import annotations

import importlib
import json
import re
import sys
import typing
from pathlib import Path
from types import ModuleType
from typing import Any

import check_public_schemas
import print_typed_modules
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.places import own, real

from replicate_ext import FileOutput, ModelFunction
from replicate_ext._schemas.check import check
from replicate_ext._schemas.model import ModelSchema
from replicate_ext.cli.types.module import Facts, module_of
from replicate_ext.cli.types.package import identifier

ODD = own("schemas/odd/*.json")
REAL = real("schemas/*.json")
[OWN] = own("schemas/replicate__hello-world.json")
PATHS = [*ODD, OWN, *REAL]
WELL_KNOWN = ("flux-schnell", "sdxl", "llama-3", "whisper")
READABLE = [OWN, *(path for path in REAL if any(name in path.stem for name in WELL_KNOWN))]
LIMITS = {
    *("number_gte", "number_lte", "string_gte", "string_lte"),
    *("array_min_items", "array_max_items"),
}
"""Rules that types do not express."""


def name_of(path: Path) -> str:
    return f"typed_{identifier(path.stem)}"


def schema_of(path: Path) -> ModelSchema:
    return ModelSchema.of(json.loads(path.read_text("utf-8"))["openapi_schema"])


SHOWN = dict(
    re.findall(
        r"<summary>(\w+)\.py.*?```py\n(.*?)```",
        print_typed_modules.PAGE.read_text("utf-8"),
        re.DOTALL,
    )
)
"""The modules in the documentation."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a module for each schema."""
    folder = tmp_path_factory.mktemp("modules")
    for path in PATHS:
        name = name_of(path)
        text = module_of(Facts(name, "owner/name", "v", "h", "d"), schema_of(path))
        (folder / f"{name}.py").write_text(text, "utf-8")
    for name, text in SHOWN.items():
        (folder / f"{name}.py").write_text(text, "utf-8")
    return folder


def imported(folder: Path, name: str) -> ModuleType:
    sys.path.insert(0, str(folder))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(folder))


@pytest.mark.timeout(300)
def test_modules_pass_a_strict_type_checker(folder: Path) -> None:
    # scripts/check_public_schemas.py runs pyright too, which may need the network to start.
    assert check_public_schemas.mypy(sorted(folder.glob("*.py"))) == 0


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_modules_are_imported(folder: Path, path: Path) -> None:
    module = imported(folder, name_of(path))

    assert isinstance(getattr(module, module.__name__), ModelFunction)
    inputs = schema_of(path).inputs
    if inputs is not None:
        assert list(module.Input.__annotations__) == list(inputs)
        hints = typing.get_type_hints(module.Input, localns=FILES, include_extras=True)
        required = {
            name
            for name, hint in hints.items()
            if module.Input.__total__ or typing.get_origin(hint) is typing.Required
        }
        assert required == {name for name, one in inputs.items() if one.is_required}


@pytest.mark.parametrize("path", READABLE, ids=lambda path: path.stem)
def test_modules_of_well_known_models_are_short(folder: Path, path: Path) -> None:
    text = (folder / f"{name_of(path)}.py").read_text("utf-8")

    assert len(text.splitlines()) < 150
    assert max(map(len, text.splitlines())) <= 100


@pytest.mark.parametrize("name", SHOWN)
def test_modules_in_the_documentation_work(folder: Path, name: str) -> None:
    module = imported(folder, name)

    function = getattr(module, name)
    assert (type(function).__module__, function.reference) == (name, module.REFERENCE)
    assert len(SHOWN[name].splitlines()) < 150


if REAL:  # without them, the test does not exist

    def test_modules_in_the_documentation_are_what_the_generator_writes() -> None:
        page = print_typed_modules.page(REAL[0].parent)

        assert len(SHOWN) == 4
        assert print_typed_modules.PAGE.read_text("utf-8") == page


FILES = {"FileInput": str, "FileOutput": FileOutput}
BY_TYPE: dict[Any, st.SearchStrategy[Any]] = {
    bool: st.booleans(),
    int: st.integers(),
    float: st.floats(allow_nan=False, allow_infinity=False),
    str: st.text(),
    type(None): st.none(),
    FileOutput: st.just(b"a file"),
    Any: st.none() | st.integers() | st.text(),
}


def values(hint: Any) -> st.SearchStrategy[Any]:
    """Return the values that a type allows."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.NotRequired, typing.Required):
        return values(arguments[0])
    if origin is typing.Literal:
        return st.sampled_from(arguments)
    if origin is list:
        return st.lists(values(arguments[0]), max_size=3)
    if origin is dict or hint is dict:
        return st.dictionaries(st.text(), st.integers(), max_size=2)
    if arguments:
        return st.one_of(*map(values, arguments))
    return BY_TYPE[hint]


@pytest.mark.parametrize("path", ODD, ids=lambda path: path.stem)
@given(data=st.data())
@settings(max_examples=25)
def test_what_the_types_allow_is_accepted(path: Path, folder: Path, data: st.DataObject) -> None:
    inputs = schema_of(path).inputs
    if inputs is None:
        return
    module = imported(folder, name_of(path))
    hints = typing.get_type_hints(module.Input, localns=FILES, include_extras=True)
    required = {name: values(hints[name]) for name, one in inputs.items() if one.is_required}
    optional = {name: values(hints[name]) for name, one in inputs.items() if not one.is_required}
    given_input = data.draw(st.fixed_dictionaries(required, optional=optional))

    checked = check(inputs, given_input)

    assert [one for one in checked.invalid if one.type not in LIMITS] == []
