"""Handwritten response bodies, at least one per operation, and invalid variants of them."""

from __future__ import annotations

import json
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx
import yaml
from apispec import document
from apispec.prepare import module_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]
SPEC: document.Document = yaml.safe_load((ROOT / "openapi.yaml").read_text(encoding="utf-8"))
OPERATIONS = document.operations(SPEC)

_API = "https://api.replicate.test/v1"
_VERSION = "0123456789abcdef" * 4

ACCOUNT = {"type": "organization", "username": "acme", "name": "Acme", "github_url": _API}

PREDICTION_2023 = {
    "id": "mcvtgvlbv2mrhd",
    "version": _VERSION,
    "input": {"prompt": "a quiet harbour", "seed": 7, "nested": {"scale": [1, 2.5]}},
    "logs": "",
    "error": None,
    "status": "starting",
    "created_at": "2023-05-02T10:20:30.123456789Z",
    "urls": {"cancel": f"{_API}/predictions/mcv/cancel", "get": f"{_API}/predictions/mcv"},
}
PREDICTION_2025 = {
    "id": "zr4m0000000000000000000000",
    "model": "acme/boats",
    "version": "hidden",
    "input": {"prompt": "two boats", "mask": None},
    "logs": "Using seed: 4\n",
    "output": ["https://files.replicate.test/boat.webp", {"score": 0.5}],
    "data_removed": False,
    "error": None,
    "source": "api",
    "status": "succeeded",
    "created_at": "2025-06-07T08:09:10.1Z",
    "started_at": "2025-06-07T08:09:10Z",
    "completed_at": "2025-06-07T08:09:11.2345Z",
    "deadline": "2025-06-07T09:09:10.000001Z",
    "deployment": "boats-on-demand",
    "urls": {
        "cancel": f"{_API}/predictions/zr4m/cancel",
        "get": f"{_API}/predictions/zr4m",
        "stream": "https://stream.replicate.test/zr4m",
        "web": "https://replicate.test/p/zr4m",
    },
    "metrics": {"predict_time": 1.25, "image_count": 1},
    "webhook": "https://hooks.example/replicate",
    "webhook_events_filter": ["start", "completed", "an_event_to_come"],
    "a_field_to_come": {"since": 2030},
}
PREDICTION_CANCELED = {
    **PREDICTION_2023,
    "status": "canceled",
    "logs": None,
    "output": None,
    "started_at": None,
    "completed_at": "2023-05-02T10:20:84.5Z",
    "metrics": {},
    "webhook_completed": None,
    "webhook_events_filter": None,
}

TRAINING_2023 = {
    "id": "tr41n1ng",
    "version": _VERSION,
    "input": {"input_images": "https://files.replicate.test/images.zip"},
    "logs": None,
    "output": None,
    "error": None,
    "status": "running",
    "created_at": "2023-08-09T10:11:12.131415Z",
    "started_at": None,
    "completed_at": None,
    "urls": {"cancel": f"{_API}/trainings/tr41/cancel", "get": f"{_API}/trainings/tr41"},
    "webhook_completed": None,
}
TRAINING_2025 = {
    **TRAINING_2023,
    "model": "acme/boats",
    "source": "web",
    "status": "succeeded",
    "logs": "epoch 1\n",
    "output": {"version": f"acme/boats-tuned:{_VERSION}", "weights": "https://files.test/w.tar"},
    "started_at": "2025-08-09T10:11:13Z",
    "completed_at": "2025-08-09T10:21:13Z",
    "metrics": {"predict_time": 600.0, "total_time": 601},
}

VERSION_2023 = {
    "id": _VERSION,
    "created_at": "2023-01-02T03:04:05.678901Z",
    "cog_version": None,
    "openapi_schema": {"openapi": "3.0.2", "paths": {}, "components": {"schemas": {"Input": {}}}},
}
VERSION_2025 = {**VERSION_2023, "cog_version": "0.14.1", "openapi_schema": None}

MODEL_2023 = {
    "url": "https://replicate.test/acme/boats",
    "owner": "acme",
    "name": "boats",
    "description": None,
    "visibility": "public",
    "github_url": None,
    "paper_url": None,
    "license_url": None,
    "run_count": 1234,
    "cover_image_url": None,
    "default_example": PREDICTION_CANCELED,
    "latest_version": VERSION_2023,
}
MODEL_2025 = {
    **MODEL_2023,
    "description": "Draws boats",
    "visibility": "private",
    "github_url": "https://git.example/acme/boats",
    "is_official": True,
    "created_at": "2025-01-01T00:00:00Z",
    "weights_url": None,
    "default_example": PREDICTION_2025,
    "latest_version": VERSION_2025,
}
MODEL_WITHOUT_VERSION = {**MODEL_2025, "default_example": None, "latest_version": None}

COLLECTION_SUMMARY = {"name": "Boats", "slug": "boats", "description": "Models that draw boats"}
COLLECTION = {**COLLECTION_SUMMARY, "full_description": None, "models": [MODEL_2023, MODEL_2025]}

DEPLOYMENT = {
    "owner": "acme",
    "name": "boats-on-demand",
    "current_release": {
        "number": 3,
        "model": "acme/boats",
        "version": _VERSION,
        "created_at": "2025-02-03T04:05:06.789Z",
        "created_by": ACCOUNT,
        "configuration": {"hardware": "gpu-t4", "min_instances": 0, "max_instances": 5},
    },
}
FILE_2024 = {
    "id": "F1L3",
    "name": "boat.png",
    "content_type": "image/png",
    "size": 12345,
    "etag": "0a1b2c",
    "checksums": {"sha256": "ab" * 32, "md5": "cd" * 16},
    "metadata": {"album": {"year": 2024}},
    "created_at": "2024-03-04T05:06:07.089Z",
    "expires_at": "2024-03-05T05:06:07.089Z",
    "urls": {"get": f"{_API}/files/F1L3"},
}
FILE_KEPT = {**FILE_2024, "expires_at": None, "metadata": {}}

SEARCH_RESULTS = {
    "query": "boats",
    "models": [
        {
            "model": MODEL_2025,
            "metadata": {"generated_description": "Boats", "tags": ["boat", "sea"], "score": 0.75},
        },
        {"model": MODEL_2023, "metadata": {"generated_description": None, "score": None}},
    ],
    "collections": [
        {**COLLECTION_SUMMARY, "models": ["acme/boats"]},
        {**COLLECTION_SUMMARY, "models": None},
    ],
    "pages": [{"name": "How to draw boats", "href": "/docs/boats"}],
}


def page(*results: object, following: str | None = None) -> dict[str, object]:
    """A page of a list."""
    return {"previous": None, "next": following, "results": list(results)}


BODIES: dict[str, tuple[Any, ...]] = {
    "account.get": (ACCOUNT, {"type": "user", "username": "ada"}),
    "collections.get": (COLLECTION, {**COLLECTION_SUMMARY, "models": []}),
    "collections.list": (page(COLLECTION_SUMMARY), page(following=f"{_API}/collections?cursor=c")),
    "deployments.create": (DEPLOYMENT, {"owner": "acme", "name": "boats"}),
    "deployments.get": (DEPLOYMENT, {**DEPLOYMENT, "current_release": {"number": 1}}),
    "deployments.list": (page(DEPLOYMENT, following=f"{_API}/deployments?cursor=c"),),
    "deployments.predictions.create": (PREDICTION_2023, PREDICTION_2025),
    "deployments.update": (DEPLOYMENT,),
    "files.create": (FILE_2024,),
    "files.get": (FILE_2024, FILE_KEPT),
    "files.list": (page(FILE_2024, FILE_KEPT),),
    "hardware.list": ([{"name": "CPU", "sku": "cpu"}, {"name": "Nvidia T4", "sku": "gpu-t4"}], []),
    "models.create": (MODEL_WITHOUT_VERSION,),
    "models.examples.list": (page(PREDICTION_2025, PREDICTION_CANCELED),),
    "models.get": (MODEL_2023, MODEL_2025, MODEL_WITHOUT_VERSION, {"owner": "acme"}),
    "models.list": (page(MODEL_2023, MODEL_2025, following=f"{_API}/models?cursor=c"),),
    "models.predictions.create": (PREDICTION_2023, PREDICTION_2025),
    "models.search": (page(MODEL_2025, MODEL_WITHOUT_VERSION),),
    "models.update": (MODEL_2025,),
    "models.versions.get": (VERSION_2023, VERSION_2025),
    "models.versions.list": (page(VERSION_2025, VERSION_2023),),
    "predictions.cancel": (PREDICTION_CANCELED, PREDICTION_2025),
    "predictions.create": (PREDICTION_2023, PREDICTION_2025),
    "predictions.get": (PREDICTION_2023, PREDICTION_2025, PREDICTION_CANCELED, {"id": "bare"}),
    "predictions.list": (page(PREDICTION_CANCELED, PREDICTION_2025),),
    "search": (SEARCH_RESULTS, {"query": "", "models": [], "collections": [], "pages": []}),
    "trainings.cancel": (TRAINING_2023,),
    "trainings.create": (TRAINING_2023,),
    "trainings.get": (TRAINING_2023, TRAINING_2025),
    "trainings.list": (page(TRAINING_2023, TRAINING_2025),),
    "webhooks.default.secret.get": ({"key": "whsec_bm8gc2VjcmV0IGF0IGFsbA=="},),
}
"""By operation id. Operations without an entry have no JSON response."""


def answers_json(operation_id: str) -> bool:
    """Return whether successful responses of the operation have a JSON body."""
    responses = OPERATIONS[operation_id]["responses"].items()
    return any(
        "application/json" in response.get("content", {})
        for status, response in responses
        if status.startswith("2")
    )


def endpoint(operation_id: str) -> ModuleType:
    """Return the module of an operation. A reserved name has an underscore at its end."""
    name = ".".join(("replicate_api", "api", *module_of(operation_id)))
    return import_module(name if find_spec(name) else f"{name}_")


def parse(operation_id: str, body: object) -> Any:
    """Return the object that the operation reads from the JSON body of a successful response."""
    return endpoint(operation_id).parse(httpx.Response(200, content=json.dumps(body)))


def unparse(made: Any) -> Any:
    """Return the JSON of models."""
    if isinstance(made, list):
        return [unparse(item) for item in made]
    return made.to_dict() if hasattr(made, "to_dict") else made


def same_json(made: object, body: object) -> bool:
    """Return whether two values are the same JSON, with the same types and order of keys."""
    return made == body and json.dumps(made) == json.dumps(body)


class Mutation(NamedTuple):
    """A body in which one value was replaced or removed."""

    path: tuple[str | int, ...]
    what: str
    body: Any


_REPLACEMENTS: dict[str, Any] = {
    "null": None,
    "text": "neither a status nor a time",
    "integer": 7,
    "float": 7.5,
    "object": {"unknown": [1]},
    "list": ["unknown", {"unknown": 1}, None],
    "boolean": True,
}


def mutations(body: Any, free_form: frozenset[str] = frozenset()) -> Iterator[Mutation]:
    """Replace each value in a body by every other kind of JSON, and remove each value.

    Args:
        body: A JSON value; it is not changed.
        free_form: The fields that are replaced as a whole, without replacing the values in them.
    """
    yield from (Mutation((), what, other) for what, other in _REPLACEMENTS.items())
    for key in _keys(body):
        yield Mutation((key,), "missing", _without(body, key))
        parts = list(mutations(body[key], free_form))
        if key in free_form:
            parts = [part for part in parts if len(part.path) <= 1]
        for part in parts:
            yield Mutation((key, *part.path), part.what, _with(body, key, part.body))


def _keys(node: Any) -> list[Any]:
    if isinstance(node, dict):
        return list(node)
    return list(range(len(node))) if isinstance(node, list) else []


def _without(node: Any, key: Any) -> Any:
    copy = node.copy()
    del copy[key]
    return copy


def _with(node: Any, key: Any, value: object) -> Any:
    copy = node.copy()
    copy[key] = value
    return copy
