"""Methods that are refined by hand still take all that the document says their operations take."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import pytest

from replicate_ext import AsyncReplicate, Replicate
from replicate_ext._http import options as _options

# What a refined method has in place of the operation's own parameters, and why.
_IN_PLACE = {
    ("predictions.create", "prefer"): "wait",  # says for how long, in Python's terms
    ("predictions.create", "stream"): None,  # deprecated: streams are offered without asking
    ("models.predictions.create", "prefer"): "wait",
    ("models.predictions.create", "stream"): None,
    ("deployments.predictions.create", "prefer"): "wait",
    ("deployments.predictions.create", "stream"): None,
    ("files.create", "content"): "file",  # takes paths and more, not the content alone
    ("files.create", "type"): "content_type",  # says which type
}


def resources(owner: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every object with methods that a client has, with its dotted name."""
    for name, found in inspect.getmembers(type(owner), lambda one: isinstance(one, property)):
        if "_performer" in vars(value := found.__get__(owner)):
            yield path + name, value
            yield from resources(value, f"{path}{name}.")


def refined() -> list[Any]:
    """The methods that stand in place of a generated one: name, its own, and the generated."""
    return [
        pytest.param(f"{path}.{name}", method, theirs, id=f"{kind.__name__}.{path}.{name}")
        for kind in (Replicate, AsyncReplicate)
        for path, resource in resources(kind())
        for name, method in vars(type(resource)).items()
        if inspect.isfunction(method) and not name.startswith("_")
        for generated in type(resource).__mro__[1:2]
        if (theirs := getattr(generated, name, None)) is not None
    ]


def parameters(function: Any) -> set[str]:
    """The names that a function takes, with those of its options."""
    names = set()
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind is parameter.VAR_KEYWORD:
            options = getattr(_options, parameter.annotation.removeprefix("Unpack[").rstrip("]"))
            names |= set(options.__annotations__)
        else:
            names.add(name)
    return names


@pytest.mark.parametrize(("name", "method", "generated"), refined())
def test_a_refined_method_takes_what_the_generated_one_takes(
    name: str, method: Any, generated: Any
) -> None:
    replaced = {theirs: ours for (of, theirs), ours in _IN_PLACE.items() if of == name}
    ours, theirs = parameters(method), parameters(generated)
    missing = theirs - ours - set(replaced)
    assert not missing, (
        f"{name} does not take {missing}: add it to the method, or to its class in "
        "replicate_ext/_http/options.py; or say above what it has in its place, and why"
    )
    assert {one for one in replaced.values() if one} <= ours
    assert set(replaced) <= theirs, "this is in place of nothing any more"
    assert inspect.getdoc(method)


def test_every_refinement_is_compared_for_both_clients() -> None:
    names = [parameter.values[0] for parameter in refined()]
    assert {name for name, _ in _IN_PLACE} <= set(names)
    assert all(names.count(name) == 2 for name in names)
