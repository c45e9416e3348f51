"""OpenAPI documents of an example API for boats, and packages generated from them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal

import anyio
import generate
import httpx
from apispec import document

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

TEXT: document.Document = {"type": "string"}
NUMBER: document.Document = {"type": "integer"}
TIME: document.Document = {"type": "string", "format": "date-time"}
BOAT: document.Document = {"$ref": "#/components/schemas/Boat"}
KIND: document.Document = {"$ref": "#/components/schemas/Kind"}
JSON = "application/json"
BYTES = "application/octet-stream"
FORM = "application/x-www-form-urlencoded"

SCHEMAS: document.Document = {
    "Skiff": {"type": "object", "properties": {"name": TEXT, "built": TIME}},
    "Flag": {
        "type": "object",
        "properties": {
            "raised": {"enum": [True]},
            "height": {"enum": [0.5, 1.5]},
            "sign": {"enum": ["a", 1]},
            "torn": {"const": False},
            "kept": TEXT,
            "kept_": TEXT,
        },
    },
    "Boat": {"type": "object", "properties": {"name": TEXT, "built": TIME}},
    "Kind": {"type": "string", "enum": ["sloop", "yawl"]},
    "Weighing": {
        "type": "object",
        "required": ["weight"],
        "properties": {
            "weight": {"type": ["number", "null"]},
            "unit": {"type": ["string", "null"]},
        },
    },
    "Paint": {
        "type": "object",
        "required": ["picture"],
        "properties": {
            "picture": {"type": "string", "format": "binary"},
            "fast": {"type": "boolean"},
            "coats": NUMBER,
            "colors": {"type": "array", "items": TEXT},
            "when": TIME,
            "boat": BOAT,
            "extra": {"type": "object"},
        },
    },
    "Refit": {
        "type": "object",
        "required": ["boats"],
        "properties": {
            "boats": {"type": "object", "additionalProperties": BOAT},
            "kinds": {"type": ["array", "null"], "items": KIND},
        },
    },
    "HarbourSecretOfOld": {"type": "object", "properties": {"word": TEXT}},
}


def array(items: document.Document) -> document.Document:
    return {"type": "array", "items": items}


def parameter(place: str, name: str, schema: document.Document = TEXT) -> document.Document:
    return {"in": place, "name": name, "required": place == "path", "schema": schema}


def operation(
    operation_id: str,
    *parameters: document.Document,
    takes: document.Document | None = None,
    gives: document.Document | None = None,
    media: str = JSON,
) -> document.Document:
    """Return an operation with a request body of a media type, and a JSON response."""
    made: document.Document = {
        "operationId": operation_id,
        "parameters": list(parameters),
        "responses": {"200": {"content": {JSON: {"schema": gives}}}} if gives else {"204": {}},
    }
    if takes:
        made["requestBody"] = {"required": True, "content": {media: {"schema": takes}}}
    return made


def written(folder: Path, schemas: document.Document, **operations: document.Document) -> Path:
    """Write a document with the operations. The keyword of each operation is its path."""
    made = folder / "spec.yaml"
    whole = {
        "openapi": "3.1.0",
        "info": {"title": "Boats", "version": "1"},
        "paths": {f"/{name}": {"post": one} for name, one in operations.items()},
        "components": {"schemas": schemas},
    }
    document.write(made, whole, "")
    return made


def ref(name: str) -> document.Document:
    return {"$ref": f"#/components/schemas/{name}"}


OWNED = [parameter("path", name) for name in ("boat_owner", "boat_name")]
OPERATIONS = {
    "{boat_owner}/{boat_name}/readme": operation(
        "boats.readme.update",
        *OWNED,
        parameter("header", "X-Trace"),
        takes=TEXT,
        media="text/plain",
    ),
    "{boat_owner}/{boat_name}/parts/{number}": operation(
        "boats.parts.get", *OWNED, parameter("path", "number", NUMBER), gives=NUMBER
    ),
    "numbered/{number}": operation("boats.get", parameter("path", "number", NUMBER), gives=BOAT),
    "harbours/{harbour}": operation("harbours.get", parameter("path", "harbour"), gives=BOAT),
    "find": operation(
        "boats.find",
        parameter("query", "kinds", array(KIND)),
        parameter("query", "shape", {}),
        gives=KIND,
    ),
    "many": operation("boats.createMany", takes=array(BOAT), gives=array(TIME)),
    "free": operation("fine-boats.set-all", takes={"type": "object"}, gives=TEXT),
    "refit": operation("boats.refit", takes=ref("Refit")),
    "paint": operation("boats.paint", takes=ref("Paint"), media="multipart/form-data"),
    "scan": operation(
        "boats.scan", takes={"type": "string", "format": "binary"}, media=BYTES, gives=NUMBER
    ),
    "weigh": operation("boats.weigh", takes=ref("Weighing")),
    "mend": {
        "operationId": "boats.mend",
        "x-repeatable": True,
        "responses": {
            "200": {"content": {JSON: {"schema": BOAT}}},
            "201": {"content": {JSON: {"schema": array(BOAT)}}},
            "202": {"content": {JSON: {"schema": ref("Skiff")}}},
            "203": {"content": {BYTES: {}}},
            "204": {},
        },
    },
    "launch": operation("launch", parameter("query", "at", TIME), takes=BOAT, gives=BOAT),
    "hoist": operation(
        "flags.hoist", parameter("query", "high", {"enum": [True]}), takes=ref("Flag")
    ),
    "moor": operation("moor", takes=array(BOAT), gives=ref("HarbourSecretOfOld")),
}
ANSWERS: dict[str, Any] = {
    "boats": {"name": "Argo"},
    "/many": ["2026-11-03T00:00:00Z"],
    "/free": "as it was",
    "/find": "ketch",
    "/scan": 7,
    "/moor": {"word": "xyzzy"},
}
WHEN = datetime(2026, 11, 3, tzinfo=UTC)


def importable(source: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Generate the package of a document under a unique name, and return the name."""
    folder = source.parent
    generate.generate(source, folder).rename(folder / folder.name)
    monkeypatch.syspath_prepend(folder)
    return folder.name


@dataclass
class Boats:
    """Calls the API of a generated package, and records the requests."""

    package: str
    kind: Literal["sync", "async"]
    requests: list[httpx.Request] = field(default_factory=list)
    repeatable: list[bool] = field(default_factory=list)

    def call(self, act: Callable[[Any], Any]) -> Any:
        """Call one operation and return its result."""
        resources = import_module(f"{self.package}.resources.api")
        transport = httpx.MockTransport(self._answer)
        if self.kind == "sync":
            with httpx.Client(transport=transport, base_url="https://boats.test") as client:
                return act(resources.Api(_Blocking(client, self.repeatable)))

        async def awaiting() -> Any:
            async with httpx.AsyncClient(
                transport=transport, base_url="https://boats.test"
            ) as client:
                return await act(resources.AsyncApi(_Awaiting(client, self.repeatable)))

        return anyio.run(awaiting)

    @property
    def sent(self) -> httpx.Request:
        return self.requests[-1]

    def _answer(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.requests.append(request)
        given = ANSWERS.get(request.url.path, {"name": "Argo"})
        return httpx.Response(200, json=3 if "/parts/" in request.url.path else given)


@dataclass
class _Blocking:
    client: httpx.Client

    repeatable: list[bool]

    def perform(
        self, arguments: Any, parse: Callable[[httpx.Response], Any], *, repeatable: bool
    ) -> Any:
        self.repeatable.append(repeatable)
        return parse(self.client.request(**arguments))


@dataclass
class _Awaiting:
    client: httpx.AsyncClient

    repeatable: list[bool]

    async def perform(
        self, arguments: Any, parse: Callable[[httpx.Response], Any], *, repeatable: bool
    ) -> Any:
        self.repeatable.append(repeatable)
        return parse(await self.client.request(**arguments))
