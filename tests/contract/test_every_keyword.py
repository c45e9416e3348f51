"""Each documented keyword of each public method of both clients works in the sandbox."""

from __future__ import annotations

import inspect
import time
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any, TypeAlias

import anyio
import pytest
from replicate_api import models
from support.clients import Kind
from support.sandboxes import HELLO, STORY, file_signature

from replicate_ext import (
    AsyncPaginator,
    AsyncPrediction,
    AsyncReplicate,
    AsyncStream,
    AsyncTraining,
    FileOutput,
    Paginator,
    Prediction,
    Replicate,
    Stream,
    Training,
)
from replicate_ext.sandbox import Sandbox

TRAINER = "me/trainer"
CURSOR = b64encode(b"p=1000000").decode()

Arguments: TypeAlias = dict[str, Any]


class Instead(dict[str, Any]):
    """Arguments of a call that replace all others."""


class World:
    """A sandbox with objects to call methods on. Each property and method makes a new object."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        sandbox.script(TRAINER, ["succeeded"])
        self.sandbox = sandbox
        self.folder = folder
        self.client = Replicate(sandbox.api_token, sandbox.base_url)
        self._numbers = count(time.time_ns())

    @property
    def name(self) -> str:
        return f"n{next(self._numbers)}"

    @property
    def prediction(self) -> str:
        return self.client.predictions.create(HELLO, {"text": "x"}).id

    @property
    def training(self) -> Training:
        return self.client.trainings.create(**self.new_training)

    @property
    def new_training(self) -> Arguments:
        base = {"model_owner": "me", "model_name": "trainer", "version_id": self.version(TRAINER)}
        return {**base, "destination": f"me/{self.model['model_name']}", "input": {}}

    @property
    def model(self) -> Arguments:
        name = self.name
        self.client.models.create(owner="me", name=name, hardware="cpu", visibility="private")
        self.client.models.update("me", name, readme="# A model")
        return {"model_owner": "me", "model_name": name}

    def version(self, model: str) -> str:
        [version, *_] = self.client.models.versions.list(model)
        return str(version.id)

    @property
    def own_version(self) -> Arguments:
        training = self.client.wait(self.training, poll_interval=0.01)
        assert training.output
        owner, name, version = str(training.output.version).replace(":", "/").split("/")
        return {"model_owner": owner, "model_name": name, "version_id": version}

    @property
    def new_deployment(self) -> Arguments:
        size = {"hardware": "cpu", "min_instances": 0, "max_instances": 1}
        return {"name": self.name, "model": HELLO, "version": self.version(HELLO), **size}

    @property
    def deployment(self) -> Arguments:
        made = self.client.deployments.create(**self.new_deployment)
        return {"deployment_owner": made.owner, "deployment_name": made.name}

    @property
    def file(self) -> str:
        return str(self.client.files.create(b"x").id)

    @property
    def signed(self) -> Arguments:
        file, expiry = self.file, int(time.time()) + 60
        signature = file_signature(self.sandbox, file, expiry)
        return {"file_id": file, "owner": "sandbox", "expiry": expiry, "signature": signature}


def ignore(*_: object) -> None:
    """Accept any call of a callback."""


def never(_: object) -> bool:
    return False


CREATE: Arguments = {
    "webhook": "http://127.0.0.1:9/hook",
    "webhook_events_filter": ["completed"],
    "cancel_after": timedelta(minutes=1),
    "file_encoding": "data-uri",
}
WAIT: Arguments = {
    "timeout": 30,
    "poll_interval": 0.01,
    "on_progress": ignore,
    "stop": never,
    "cancel_on_exit": False,
}
RUN: Arguments = {
    **CREATE,
    **WAIT,
    "wait": 5,
    "use_file_output": False,
    "check_input": True,
}
READ: Arguments = {
    "use_file_output": False,
    "timeout": 30,
    "cancel_on_exit": False,
    "idle_timeout": 10,
    "max_event_size": 1000,
}
TEXTS: Arguments = {"description": "d", "github_url": "https://example.com/code"}
LINKS: Arguments = {
    "license_url": "https://example.com/license",
    "paper_url": "https://example.com/paper",
}
HELLO_PATH: Arguments = {"model_owner": "replicate", "model_name": "hello-world"}
INPUT: Arguments = {"input": {"text": "x"}}
TELL: Arguments = {"reference": STORY, "input": {"prompt": "x", "max_tokens": 3}}
POST: Arguments = {"method": "POST", "path_or_url": "/predictions"}
JSON: Arguments = {"version": HELLO, "input": {"text": "x"}}
CONTENT = b'{"version": "replicate/hello-world", "input": {"text": "x"}}'


def calls(world: World) -> dict[str, Callable[[], tuple[Arguments, Arguments]]]:
    """Return functions of the arguments: those of each call, and others that are tried singly."""
    hello = {"reference": HELLO, **INPUT}
    return {
        "bind": lambda: ({"run": models.Prediction.from_dict({"id": "p"})}, {}),
        "collections.get": lambda: ({"collection_slug": "official"}, {}),
        "collections.list": lambda: ({}, {"cursor": CURSOR}),
        "deployments.create": lambda: (world.new_deployment, {}),
        "deployments.delete": lambda: (world.deployment, {}),
        "deployments.get": lambda: (world.deployment, {}),
        "deployments.list": lambda: ({}, {"cursor": CURSOR}),
        "deployments.predictions.create": lambda: (
            {**world.deployment, **INPUT},
            {**CREATE, "wait": True, "stream": True},
        ),
        "deployments.update": lambda: (
            world.deployment,
            {
                "hardware": "cpu",
                "max_instances": 2,
                "min_instances": 1,
                "version": world.version(HELLO),
            },
        ),
        "files.create": lambda: (
            {"file": b"x"},
            {
                "filename": "x.txt",
                "content_type": "text/plain",
                "metadata": {"a": 1},
                "on_progress": ignore,
            },
        ),
        "files.delete": lambda: ({"file_id": world.file}, {}),
        "files.download": lambda: (world.signed, {}),
        "files.get": lambda: ({"file_id": world.file}, {}),
        "files.list": lambda: ({}, {"cursor": CURSOR}),
        "models.create": lambda: (
            {
                "owner": "me",
                "name": world.name,
                "hardware": "cpu",
                "visibility": "private",
            },
            {**TEXTS, **LINKS, "cover_image_url": "https://example.com/cover.png"},
        ),
        "models.delete": lambda: (world.model, {}),
        "models.examples.list": lambda: (HELLO_PATH, {"cursor": CURSOR}),
        "models.get": lambda: (HELLO_PATH, {}),
        "models.list": lambda: (
            {},
            {"sort_by": "model_created_at", "sort_direction": "asc", "cursor": CURSOR},
        ),
        "models.predictions.create": lambda: (
            {**HELLO_PATH, **INPUT},
            {**CREATE, "wait": True, "stream": True},
        ),
        "models.readme.get": lambda: (world.model, {}),
        "models.search": lambda: ({"query": "hello"}, {}),
        "models.update": lambda: (
            world.model,
            {**TEXTS, **LINKS, "readme": "# r", "weights_url": "https://example.com/weights"},
        ),
        "models.versions.delete": lambda: (world.own_version, {}),
        "models.versions.get": lambda: ({**HELLO_PATH, "version_id": world.version(HELLO)}, {}),
        "models.versions.list": lambda: (HELLO_PATH, {"cursor": CURSOR}),
        "predictions.cancel": lambda: ({"prediction_id": world.prediction}, {}),
        "predictions.create": lambda: (
            hello,
            {
                **CREATE,
                "wait": 5,
                "stream": True,
                "check_input": True,
                "version": Instead(version=world.version(HELLO), **INPUT),
                "model": Instead(model=HELLO, **INPUT),
                "deployment": Instead(deployment="/".join(world.deployment.values()), **INPUT),
            },
        ),
        "predictions.get": lambda: ({"prediction_id": world.prediction}, {}),
        "predictions.list": lambda: (
            {},
            {
                "created_after": timedelta(hours=1),
                "created_before": "3 Nov 2026 17:00",
                "source": "web",
                "cursor": CURSOR,
            },
        ),
        "predictions.run": lambda: (hello, RUN),
        "predictions.stream": lambda: (
            {"prediction": world.client.predictions.create(**TELL)},
            READ,
        ),
        "predictions.wait": lambda: ({"prediction": world.prediction}, {**WAIT, "check": False}),
        "request": lambda: (
            {"method": "GET", "path_or_url": "/predictions"},
            {
                "params": {"source": "web"},
                "json": Instead(**POST, json=JSON),
                "content": Instead(
                    **POST, content=CONTENT, headers={"Content-Type": "application/json"}
                ),
                "files": Instead(
                    method="POST", path_or_url="/files", files={"content": ("x.txt", b"x", None)}
                ),
                "headers": {"X-Job": "7"},
                "timeout": 5,
            },
        ),
        "run": lambda: (hello, RUN),
        "search": lambda: ({"query": "hello"}, {"limit": 1}),
        "stream": lambda: (TELL, {**CREATE, **READ, "check_input": True}),
        "trainings.cancel": lambda: ({"training_id": world.training.id}, {}),
        "trainings.create": lambda: (
            world.new_training,
            {name: value for name, value in CREATE.items() if name != "cancel_after"},
        ),
        "trainings.get": lambda: ({"training_id": world.training.id}, {}),
        "trainings.list": lambda: ({}, {"cursor": CURSOR}),
        "wait": lambda: ({"run": world.training}, {**WAIT, "check": False}),
        "with_options": lambda: (
            {},
            {
                "timeout": 5,
                "max_retries": 1,
                "poll_interval": 0.01,
                "file_encoding": "upload",
                "use_file_output": False,
                "check_input": True,
                "headers": {"X-Job": "7"},
            },
        ),
        "prediction.wait": lambda: ({}, {**WAIT, "check": False}),
        "prediction.stream": lambda: ({}, READ),
        "training.wait": lambda: ({}, {**WAIT, "check": False}),
        "paginator.items": lambda: ({}, {"limit": 2}),
        "file.save": lambda: ({"path": world.folder}, {"overwrite": True}),
    }


async def root(client: Any, world: World, name: str) -> Any:
    """Return the object that has a method: the client, or an object that it returned."""
    if name == "prediction":
        return await settled(client.predictions.create(**TELL))
    if name == "training":
        return client.bind(world.training)
    if name == "paginator":
        return client.paginate(client.models.list, sort_direction="asc")
    return client.files.download(**world.signed)


ROOTS: dict[str, tuple[type[Any], type[Any]]] = {
    "prediction": (Prediction, AsyncPrediction),
    "training": (Training, AsyncTraining),
    "paginator": (Paginator, AsyncPaginator),
    "file": (FileOutput, FileOutput),
}
NOT_METHODS = ("bound", "converted_output", "from_dict", "from_pickle", "set_output", "update")
"""Methods of objects that are for the client, or take JSON."""
OF_THE_OTHER_CLIENT = {"asave": "save"}


async def settled(value: Any) -> Any:
    """Wait for a result, and read it if it is read lazily."""
    result = await value if inspect.isawaitable(value) else value
    if isinstance(result, Stream | AsyncStream):
        await settled(result.text())
    elif isinstance(result, AsyncIterator):
        async for _ in result:
            pass
    elif isinstance(result, Iterator):
        list(result)
    elif isinstance(result, FileOutput):
        assert str(result)
    return result


def methods(value: Any, prefix: str = "") -> Iterator[tuple[str, Callable[..., Any]]]:
    """Return the methods of a client or a resource that have parameters, by their dotted names."""
    for name, attribute in inspect.getmembers_static(type(value)):
        if isinstance(attribute, cached_property):
            yield from methods(getattr(value, name), f"{prefix}{name}.")
        elif inspect.isfunction(attribute) and not name.startswith("_") and parameters(attribute):
            yield f"{prefix}{name}", attribute


def parameters(function: Callable[..., Any]) -> set[str]:
    return set(inspect.signature(function).parameters) - {"self"}


def documented(kind: Kind) -> dict[str, set[str]]:
    """Return the parameters of each public method of a client and of the objects it returns."""
    is_async = kind != "sync"
    client: Any = AsyncReplicate("t") if is_async else Replicate("t")
    found = {name: parameters(method) for name, method in methods(client)}
    del found["paginate"]  # takes the arguments of another method
    for name, kinds in ROOTS.items():
        for method, function in inspect.getmembers(kinds[is_async], inspect.isfunction):
            is_own = not (method.startswith("_") or method in NOT_METHODS)
            if is_own and parameters(function) and (name, method) != ("file", "read"):
                found[f"{name}.{OF_THE_OTHER_CLIENT.get(method, method)}"] = parameters(function)
    return found


SOME_KINDS: tuple[Kind, ...] = ("sync", "asyncio")
"""Trio would show nothing about keywords that asyncio does not."""
CASES = [(method, name) for method, names in documented("sync").items() for name in sorted(names)]


@pytest.fixture(scope="module")
def world(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(sandbox, tmp_path_factory.mktemp("files"))


@pytest.mark.parametrize("kind", SOME_KINDS)
@pytest.mark.parametrize(("method", "keyword"), CASES, ids=lambda value: value)
def test_a_keyword_works(kind: Kind, world: World, method: str, keyword: str) -> None:
    base, others = calls(world)[method]()
    value = others.get(keyword)
    arguments = value if isinstance(value, Instead) else base
    if keyword not in arguments:
        arguments = {**arguments, keyword: value}

    async def call(client: Any) -> None:
        first, *names = method.split(".")
        target = await root(client, world, first) if first in ROOTS else getattr(client, first)
        for name in names:
            is_async = kind != "sync" and isinstance(target, FileOutput)
            target = getattr(target, f"a{name}" if is_async else name)
        await settled(target(**arguments))

    async def main() -> None:
        token, url = world.sandbox.api_token, world.sandbox.base_url
        if kind == "sync":
            with Replicate(token, url) as client:
                await call(client)
        else:
            async with AsyncReplicate(token, url) as client:
                await call(client)

    anyio.run(main, backend="asyncio" if kind == "sync" else kind)


@pytest.mark.parametrize("kind", SOME_KINDS)
def test_every_keyword_has_a_value(kind: Kind, world: World) -> None:
    given = {name: set[str]().union(*arguments()) for name, arguments in calls(world).items()}

    assert given == documented(kind)
