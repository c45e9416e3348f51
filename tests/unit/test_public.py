"""The public names, and the same methods in both clients."""

from __future__ import annotations

import asyncio
import copy
import inspect
import pickle
import re
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any, Generic, get_origin, is_typeddict

import httpx
import pytest
from replicate_api.models import Prediction
from replicate_api.resources.api import Api

import replicate_ext
from replicate_ext import (
    AsyncReplicate,
    FileOutput,
    Paginator,
    Replicate,
    WebhookVerifier,
    errors,
    types,
)

TOKEN = "r8_a_secret_of_the_tests"


def test_all_lists_exactly_the_public_names() -> None:
    assert sorted(replicate_ext.__all__) == list(replicate_ext.__all__)
    for name in replicate_ext.__all__:
        assert getattr(replicate_ext, name) is not None
    assert set(errors.__all__) <= set(replicate_ext.__all__)
    assert set(dir(replicate_ext)) == set(replicate_ext.__all__)


def test_every_part_of_the_api_is_a_name_of_the_default_client() -> None:
    parts = {name for name in dir(Api) if not name.startswith("_")}
    assert parts <= set(replicate_ext.__all__)


def test_types_lists_every_alias() -> None:
    aliases = {
        name
        for name, value in vars(types).items()
        if value is not Generic
        and (get_origin(value) or isinstance(value, str) or is_typeddict(value))
    }
    assert sorted(types.__all__) == types.__all__
    assert set(types.__all__) == {name for name in aliases if not name.startswith("_")}


# Names of the standard library and httpx, protocols of arguments, type variables, and aliases of
# builtin types.
NOT_OURS = {
    "TypedInput",
    "OutputT",
    "InputT",
    "Any",
    "AsyncBaseTransport",
    "AsyncClient",
    "AsyncContent",
    "AsyncIterator",
    "Awaitable",
    "BaseTransport",
    "Binder",
    "Body",
    "Callable",
    "Client",
    "Content",
    "Coroutine",
    "Headers",
    "IO",
    "Identified",
    "ItemT",
    "Iterable",
    "Iterator",
    "Literal",
    "Mapping",
    "None",
    "Part",
    "Path",
    "PathLike",
    "Request",
    "Response",
    "Run",
    "SSLContext",
    "Secret",
    "Self",
    "Sequence",
    "SyncClient",
    "Timeout",
    "Value",
}


def namespaces(value: Any) -> Iterator[type[Any]]:
    """Return the class of a client or resource, and those of the resources in it."""
    yield type(value)
    for name, attribute in inspect.getmembers_static(type(value)):
        if isinstance(attribute, cached_property):
            yield from namespaces(getattr(value, name))


def public_functions() -> Iterator[Callable[..., Any]]:
    names = replicate_ext.__all__
    yield from filter(inspect.isfunction, (getattr(replicate_ext, name) for name in names))
    returned = [getattr(replicate_ext, name) for name in ("Prediction", "AsyncTraining", "Stream")]
    clients = [*namespaces(Replicate()), *namespaces(AsyncReplicate())]
    for kind in [*clients, *returned, Paginator, FileOutput, WebhookVerifier]:
        for name, function in inspect.getmembers(kind, inspect.isfunction):
            if not name.startswith("_") and name not in ("bound", "set_output", "update"):
                yield function


def test_every_type_in_a_signature_can_be_imported_from_the_package() -> None:
    names = {
        name
        for function in public_functions()
        for annotation in inspect.get_annotations(function).values()
        for name in re.findall(r"\b[A-Z]\w+", re.sub(r"Literal\[.*?\]", "", str(annotation)))
    }

    assert "Model" in names
    assert names - NOT_OURS <= set(replicate_ext.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'runn'"):
        replicate_ext.runn  # type: ignore[attr-defined] # noqa: B018 - that is the test


def methods(kind: type[Any]) -> dict[str, inspect.Signature]:
    return {
        name: inspect.signature(function)
        for name, function in inspect.getmembers(kind, inspect.isfunction)
        if not name.startswith("_")
    }


PAIRS = [
    (Replicate, AsyncReplicate),
    (type(Replicate().predictions), type(AsyncReplicate().predictions)),
    (type(Replicate().models.predictions), type(AsyncReplicate().models.predictions)),
    (type(Replicate().deployments.predictions), type(AsyncReplicate().deployments.predictions)),
]
OWN_NAMES = {"aclose": "close", "get_async_httpx_client": "get_httpx_client"}


def shape(signature: inspect.Signature) -> list[tuple[str, Any, Any]]:
    """Names, kinds and defaults: a type may differ, as what is awaited does."""
    return [(one.name, one.kind, one.default) for one in signature.parameters.values()]


@pytest.mark.parametrize(("sync", "async_"), PAIRS)
def test_both_clients_have_the_same_methods_with_the_same_parameters(
    sync: type[Any], async_: type[Any]
) -> None:
    ours = methods(sync)
    theirs = {OWN_NAMES.get(name, name): found for name, found in methods(async_).items()}

    assert set(ours) == set(theirs)
    for name, signature in ours.items():
        assert shape(signature) == shape(theirs[name]), name


@pytest.mark.parametrize(("sync", "async_"), PAIRS)
def test_every_public_method_is_documented(sync: type[Any], async_: type[Any]) -> None:
    for kind in (sync, async_):
        for name in methods(kind):
            assert inspect.getdoc(getattr(kind, name)), f"{kind.__name__}.{name}"


@pytest.mark.parametrize("pair", PAIRS)
def test_the_documentation_of_a_method_lists_its_parameters(
    pair: tuple[type[Any], type[Any]],
) -> None:
    for kind in pair:
        for name, signature in methods(kind).items():
            documented = re.findall(
                r"^    (\w+): ", str(inspect.getdoc(getattr(kind, name))), re.MULTILINE
            )
            assert set(signature.parameters) - {"self"} <= set(documented), f"{kind}.{name}"


def finish(call: Callable[[], Any]) -> None:
    result = call()
    if inspect.iscoroutine(result):
        asyncio.run(result)


@pytest.mark.parametrize("client", [Replicate("t"), AsyncReplicate("t")])
def test_an_unknown_keyword_is_named_and_the_right_call_shown(client: Any) -> None:
    calls: list[tuple[Callable[[], Any], str]] = [
        (lambda: client.run("a/b", image="x"), "Replicate.run.*'image'"),
        (lambda: client.stream("a/b", prompt="x"), "Replicate.stream.*'prompt'"),
        (lambda: client.predictions.create("a/b", seed=1), "Predictions.create.*'seed'"),
        (lambda: client.models.predictions.create("a/b", input={}, wiat=1), "create.*'wiat'"),
    ]
    for call, expected in calls:
        with pytest.raises(TypeError, match=rf"{expected}: use \w+\("):
            finish(call)


def test_the_tree_in_the_docstring_has_every_error_under_its_base() -> None:
    lines = str(errors.__doc__).splitlines()
    found: dict[int, str] = {}
    seen = set()
    for line in lines:
        name = line.strip(" │├└─").split(" ")[0]
        if name not in errors.__all__ or name == "InvalidField":
            continue
        depth = (len(line) - len(line.lstrip(" │├└─"))) // 4
        found[depth] = name
        seen.add(name)
        if depth > 1:
            assert getattr(errors, found[depth - 1]) in getattr(errors, name).__bases__
    assert seen == set(errors.__all__) - {"InvalidField"}


def make(kind: type[Any]) -> Any:
    if issubclass(kind, errors.APIError):
        request = httpx.Request(
            "POST", "https://api.test/v1/x", headers={"Authorization": f"Bearer {TOKEN}"}
        )
        body = {"detail": "no", "invalid_fields": [{"field": "input", "description": "d"}]}
        return kind("what happened", request, httpx.Response(422, json=body, request=request))
    if issubclass(kind, errors.PredictionError):
        return kind(Prediction.from_dict({"id": "p1", "status": "failed"}), "it failed")
    if issubclass(kind, errors.StreamInterrupted):
        return kind("it broke off", "Once", None)
    return kind() if kind is errors.MissingTokenError else kind("what happened")


@pytest.mark.parametrize("name", sorted(set(errors.__all__) - {"InvalidField"}))
def test_errors_pickle_and_copy_without_the_token(name: str) -> None:
    error = make(getattr(errors, name))
    data = pickle.dumps(error)

    for again in (pickle.loads(data), copy.copy(error)):  # noqa: S301 - our own data
        assert type(again) is type(error)
        assert str(again) == str(error)
        if isinstance(error, errors.APIError):
            assert again.status == error.status
            assert again.invalid_fields == error.invalid_fields
        if isinstance(error, errors.PredictionError):
            assert again.prediction == error.prediction
    assert TOKEN.encode() not in data


def test_an_unknown_option_is_a_type_error_before_anything_is_sent() -> None:
    def never(_: httpx.Request) -> httpx.Response:
        raise AssertionError

    with pytest.raises(TypeError, match="tiemout"):
        Replicate(TOKEN, transport=httpx.MockTransport(never)).run("a/b", {}, tiemout=3)  # type: ignore[call-overload] # that is the test
    with pytest.raises(TypeError, match="tiemout"):
        asyncio.run(AsyncReplicate(TOKEN).run("a/b", {}, tiemout=3))  # type: ignore[call-overload] # that is the test
