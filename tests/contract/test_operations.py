"""Each operation of openapi.yaml, called as a method of each client against the sandbox.

The sandbox holds requests and answers to the document. Nothing here lists the operations: what is
called, and with which arguments, is read from the document.
"""

from __future__ import annotations

import re
import time
from functools import reduce
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from replicate_api import models
from support.bodies import OPERATIONS, SPEC
from support.clients import Kind, make_client
from support.sandboxes import HELLO, client_of, file_signature, until

from replicate_ext import FileOutput
from replicate_ext.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

_NUMBERS = count()


class World:
    """What an operation may be about, made when it is asked for; by the names of parameters."""

    def __init__(self, sandbox: Sandbox, client: httpx.Client) -> None:
        self._sandbox = sandbox
        self._client = client
        self._name = f"thing-{next(_NUMBERS)}"
        hello = client.get(f"/models/{HELLO}").raise_for_status().json()
        self.values: dict[str, Any] = {
            "model_owner": HELLO.partition("/")[0],
            "model_name": HELLO.partition("/")[2],
            "version_id": hello["latest_version"]["id"],
            "version": hello["latest_version"]["id"],
            "model": HELLO,
            "owner": "sandbox",
            "name": self._name,
            "visibility": "private",
            "hardware": "cpu",
            "min_instances": 0,
            "max_instances": 1,
            "input": {"text": "Ada"},
            "collection_slug": "official",
            "query": "hello",
            "content": b"some bytes",
        }

    def prepare(self, operation_id: str) -> dict[str, Any]:
        """Make what the operation needs and return the values for its parameters."""
        for prefix, make in _NEEDS.items():
            if re.match(prefix, operation_id):
                make(self)
        return self.values

    def post(self, path: str, **body: Any) -> Any:
        return self._client.post(path, json=body).raise_for_status().json()

    def model(self) -> None:
        self.post("/models", owner="acme", name=self._name, visibility="private", hardware="cpu")
        self._client.patch(f"/models/acme/{self._name}", json={"readme": "# Läs mig"})
        self.values |= {
            "model_owner": "acme",
            "model_name": self._name,
            "destination": f"acme/{self._name}",
        }

    def destination(self) -> None:
        base = {name: self.values[name] for name in ("model_owner", "model_name")}
        self.model()
        self.values |= base

    def version_of_its_own(self) -> None:
        path = f"/models/{HELLO}/versions/{self.values['version_id']}/trainings"
        self.model()
        training = self.post(path, destination=self.values["destination"], input={})
        output = until(lambda: self._client.get(f"/trainings/{training['id']}").json()["output"])
        self.values["version_id"] = output["version"].rpartition(":")[2]

    def training(self) -> None:
        self.destination()
        path = f"/models/{HELLO}/versions/{self.values['version_id']}/trainings"
        body = {"destination": self.values["destination"], "input": {}}
        self.values["training_id"] = self.post(path, **body)["id"]

    def deployment(self) -> None:
        names = ("name", "model", "version", "hardware", "min_instances", "max_instances")
        made = self.post("/deployments", **{name: self.values[name] for name in names})
        self.values |= {"deployment_owner": made["owner"], "deployment_name": made["name"]}

    def prediction(self) -> None:
        made = self.post("/predictions", version=HELLO, input={"text": "Ada"})
        self.values["prediction_id"] = made["id"]

    def file(self) -> None:
        files = {"content": ("a.txt", b"some bytes")}
        id_ = self._client.post("/files", files=files).raise_for_status().json()["id"]
        expiry = int(time.time()) + 60
        signature = file_signature(self._sandbox, id_, expiry)
        self.values |= {"file_id": id_, "expiry": expiry, "signature": signature}


_NEEDS: dict[str, Callable[[World], None]] = {
    r"models\.(delete|update|readme)": World.model,
    r"models\.versions\.delete": World.version_of_its_own,
    r"trainings\.create": World.destination,
    r"trainings\.(get|cancel)": World.training,
    r"deployments\.(?!list|create)": World.deployment,
    r"predictions\.(get|cancel)": World.prediction,
    r"files\.(?!list|create)": World.file,
}


def place(operation_id: str) -> tuple[str, str]:
    """Return an operation's method and path."""
    [found] = [
        (method, path)
        for path, item in SPEC["paths"].items()
        for method, operation in item.items()
        if operation.get("operationId") == operation_id
    ]
    return found


def arguments(operation_id: str, values: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """Return values for what an operation cannot do without, as its method takes them."""
    operation = OPERATIONS[operation_id]
    parameters = operation.get("parameters", ())
    path = [values[one["name"]] for one in parameters if one["in"] == "path"]
    named = [one["name"] for one in parameters if one["in"] == "query" and one.get("required")]
    for content in operation.get("requestBody", {}).get("content", {}).values():
        if "$ref" not in content["schema"]:
            return [values["query"]], {}
        body = SPEC["components"]["schemas"][content["schema"]["$ref"].rpartition("/")[2]]
        named += body.get("required", ())
    keywords = {name: values[name] for name in named}
    if "content" in keywords:  # files.create calls what it takes a file
        keywords["file"] = keywords.pop("content")
    return path, keywords


def kind_of_result(operation_id: str) -> type:
    """Return what the document says that a success gives."""
    [content, *_] = [
        response.get("content")
        for status, response in OPERATIONS[operation_id]["responses"].items()
        if status.startswith("2")
    ]
    if content is None:
        return type(None)
    [schema] = [media["schema"] for media in content.values()]
    if "$ref" in schema:
        found: type = getattr(models, schema["$ref"].rpartition("/")[2])
        return found
    if schema.get("format") == "binary":
        return FileOutput
    return {"array": list, "string": str}[schema["type"]]


@pytest.mark.parametrize("operation_id", OPERATIONS)
def test_an_operation_is_a_method(operation_id: str, kind: Kind, sandbox: Sandbox) -> None:
    with client_of(sandbox) as plain:
        values = World(sandbox, plain).prepare(operation_id)
    client = make_client(kind, base_url=sandbox.base_url, api_token=sandbox.api_token)
    path, keywords = arguments(operation_id, values)
    method, template = place(operation_id)
    violations = len(sandbox.contract_violations)

    result = reduce(getattr, operation_id.split("."), client)(*path, **keywords)

    assert isinstance(result, kind_of_result(operation_id))
    if isinstance(result, FileOutput):
        assert (result.read() if kind == "sync" else read(result, kind)) == b"some bytes"
    asked = sandbox.requests[-1]
    assert asked.method == method.upper()
    assert re.fullmatch("/v1" + re.sub(r"\{\w+\}", "[^/]+", template), asked.path)
    assert len(sandbox.contract_violations) == violations


def read(file: FileOutput, kind: Kind) -> bytes:
    import anyio

    return anyio.run(file.aread, backend=kind)


def test_the_document_has_all_operations() -> None:
    assert len(OPERATIONS) == 37
