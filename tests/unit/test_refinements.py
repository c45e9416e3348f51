"""Methods written by hand take every parameter that the document has for their operations."""

from __future__ import annotations

import inspect
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from apispec.document import operations
from apispec.prepare import attributes_of
from replicate_api import models
from support.bodies import SPEC, endpoint

from replicate_ext import AsyncReplicate, Replicate

if TYPE_CHECKING:
    from collections.abc import Iterator

# Parameters of operations that a method replaces with its own, and why.
_REPLACED = {
    ("predictions.create", "prefer"): "wait",  # seconds, or True
    ("models.predictions.create", "prefer"): "wait",
    ("deployments.predictions.create", "prefer"): "wait",
    ("files.create", "content"): "file",  # a path too
    ("files.create", "type"): "content_type",  # says which type
}
HANDWRITTEN = [
    name for name, operation in operations(SPEC).items() if operation.get("x-handwritten")
]
CLIENTS = pytest.mark.parametrize("client", [Replicate, AsyncReplicate])


def parameters(function: Any) -> set[str]:
    """The names that a function takes."""
    return set(inspect.signature(function).parameters)


def documented(operation_id: str) -> set[str]:
    """The names of an operation's parameters and of the fields of its body."""
    names = dict(inspect.signature(endpoint(operation_id).request).parameters)
    body = names.pop("body", None)
    fields = (
        attrs.fields(getattr(models, body.annotation.removesuffix(" | dict[str, Any]")))
        if body
        else ()
    )
    return {*names, *(one.name for one in fields if one.init)}


def method_of(client: type[Any], operation_id: str) -> Any:
    """The method that performs an operation."""
    return attrgetter(".".join(attributes_of(operation_id)))(client())


def replaced(owner: Any, path: str = "") -> Iterator[str]:
    """The methods of a client's resources that hide a generated one."""
    for name in dir(type(owner)):
        found = inspect.getattr_static(owner, name)
        classes = [kind for kind in type(owner).__mro__ if name in vars(kind)]
        generated = [kind for kind in classes if kind.__module__.startswith("replicate_api.")]
        if name.startswith("_") or not generated:
            continue
        if inspect.isfunction(found):
            yield from [path + name] if classes[0] not in generated else []
        else:
            yield from replaced(getattr(owner, name), f"{path}{name}.")


@CLIENTS
@pytest.mark.parametrize("operation_id", HANDWRITTEN)
def test_a_handwritten_method_takes_every_parameter_of_its_operation(
    client: type[Any], operation_id: str
) -> None:
    method = method_of(client, operation_id)
    ours, theirs = parameters(method), documented(operation_id)
    replacements = {name: own for (of, name), own in _REPLACED.items() if of == operation_id}
    missing = theirs - ours - {*replacements}
    assert not missing, (
        f"{operation_id} does not take {missing}: add it to the method, or say in _REPLACED "
        "which parameter replaces it, and why"
    )
    assert {own for own in replacements.values() if own} <= ours
    assert {*replacements} <= theirs, "_REPLACED names a parameter that the operation lacks"
    assert inspect.getdoc(method)


@CLIENTS
def test_no_method_hides_a_generated_one(client: type[Any]) -> None:
    found = list(replaced(client()))
    assert found == [], "mark the operation with x-handwritten in corrections.yaml"


def test_only_handwritten_operations_have_replaced_parameters() -> None:
    assert {operation_id for operation_id, _ in _REPLACED} <= {*HANDWRITTEN}
