"""Bodies of the fake API's responses: invented, but as large and deep as real ones."""

from __future__ import annotations

import base64
import hmac
import json
import time
from typing import Any

PAGES = 200
PAGE_SIZE = 25
STAMP = "2026-03-04T05:06:07.890123Z"

_WORDS = (
    *("amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heron", "inlet", "jetty"),
    *("knoll", "lotus", "maple", "north", "otter", "prism", "quill", "river", "stone", "tulip"),
    *("umber", "vapor", "willow", "xenon", "yucca", "zephyr"),
)
_KINDS = ("integer", "number", "string", "boolean")


def models() -> list[dict[str, Any]]:
    """Return the models of one page."""
    return [_model(index) for index in range(PAGE_SIZE)]


def version(index: int) -> dict[str, Any]:
    """Return a version with the schema that Cog writes."""
    return {
        "id": f"{index:064x}",
        "created_at": STAMP,
        "cog_version": "0.9.4",
        "openapi_schema": _schema(12 + index % 12),
    }


def prediction(run_id: str, status: str, inputs: Any, output: Any) -> dict[str, Any]:
    """Return a prediction."""
    url = f"https://api.replicate.com/v1/predictions/{run_id}"
    return {
        "id": run_id,
        "model": "owner/name",
        "version": "hidden",
        "input": inputs,
        "logs": "",
        "output": output,
        "data_removed": False,
        "error": None,
        "source": "api",
        "status": status,
        "created_at": STAMP,
        "urls": {
            "cancel": f"{url}/cancel",
            "get": url,
            "stream": f"https://stream.replicate.com/v1/files/{run_id * 2}",
            "web": f"https://replicate.com/p/{run_id}",
        },
    }


def file(file_id: str) -> dict[str, Any]:
    """Return an uploaded file."""
    return {
        "id": file_id,
        "name": "file.bin",
        "content_type": "application/octet-stream",
        "size": 1000,
        "etag": file_id,
        "checksums": {"sha256": f"{file_id:0>64}", "md5": f"{file_id:0>32}"},
        "metadata": {},
        "created_at": STAMP,
        "expires_at": STAMP,
        "urls": {"get": f"https://api.replicate.com/v1/files/{file_id}"},
    }


def events(count: int, size: int) -> list[bytes]:
    """Return a stream's events: outputs of so many characters, and the one that ends it."""
    text = ("token" * (size // 5 + 1))[:size]
    outputs = (f"event: output\nid: 1772600767:{n}\ndata: {text}\n\n" for n in range(count))
    return [*map(str.encode, outputs), b"event: done\nid: 1772600767:%d\ndata: {}\n\n" % count]


def delivery(size: int) -> tuple[str, dict[str, str], bytes]:
    """Return a webhook's secret, and the headers and the body of so many bytes that come now."""
    run = prediction("0" * 26, "succeeded", {}, "")
    body = encode({**run, "output": "x" * (size - len(encode(run)))})
    key = bytes(range(24))
    sent = str(int(time.time()))
    signed = f"msg_{'0' * 27}.{sent}.".encode() + body
    signature = base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
    headers = {
        "host": "customer.example.com",
        "user-agent": "Webhooks/1.66.0",
        "content-length": str(size),
        "accept": "*/*",
        "accept-encoding": "gzip",
        "content-type": "application/json",
        "webhook-id": f"msg_{'0' * 27}",
        "webhook-signature": f"v1,{signature}",
        "webhook-timestamp": sent,
    }
    return f"whsec_{base64.b64encode(key).decode()}", headers, body


def encode(value: object) -> bytes:
    """Return the JSON that the API would send."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _model(index: int) -> dict[str, Any]:
    owner, name = _WORDS[index], f"{_WORDS[-index]}-{_WORDS[index // 2]}"
    return {
        "url": f"https://replicate.com/{owner}/{name}",
        "owner": owner,
        "name": name,
        "description": _prose(index, 18),
        "visibility": "public",
        "github_url": f"https://github.com/{owner}/{name}" if index % 2 else None,
        "paper_url": None,
        "license_url": None,
        "run_count": 977 * index * index,
        "cover_image_url": f"https://files.example.com/{owner}/{index:032x}/cover.png",
        "default_example": _example(index),
        "latest_version": version(index),
    }


def _example(index: int) -> dict[str, Any]:
    steps = 20 + 2 * index
    bar = (
        f"{100 * step // steps:3}%|{'█' * (10 * step // steps):10}| {step}/{steps} "
        f"[00:{step // 4:02}<00:{(steps - step) // 4:02}, 3.{step % 10}7it/s]"
        for step in range(steps + 1)
    )
    inputs = {_property(index, n): _default(index, n) for n in range(12)}
    output = [f"https://files.example.com/{index:032x}/{n}.png" for n in range(index % 5 + 1)]
    return {
        **prediction(f"{index:026x}", "succeeded", inputs, output),
        "logs": f"Using seed: {index * 7919}\n" + "\n".join(bar),
        "started_at": STAMP,
        "completed_at": STAMP,
        "metrics": {"predict_time": 4.25 + index, "total_time": 6.5 + index},
    }


def _schema(inputs: int) -> dict[str, Any]:
    routes = (
        ("/", "get", "root"),
        ("/health-check", "get", "healthcheck"),
        ("/shutdown", "post", "start_shutdown"),
        ("/predictions", "post", "predict"),
        ("/predictions/{prediction_id}", "put", "predict_idempotent"),
        ("/predictions/{prediction_id}/cancel", "post", "cancel"),
        ("/trainings", "post", "train"),
        ("/trainings/{training_id}/cancel", "post", "cancel_training"),
    )
    return {
        "openapi": "3.0.2",
        "info": {"title": "Cog", "version": "0.1.0"},
        "paths": {path: {method: _operation(path, name)} for path, method, name in routes},
        "components": {"schemas": _components(inputs)},
    }


def _operation(path: str, name: str) -> dict[str, Any]:
    def answer(schema: str, description: str) -> dict[str, Any]:
        content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
        return {"description": description, "content": content}

    return {
        "summary": name.replace("_", " ").title(),
        "description": f"The operation {name} of a model's own server",
        "operationId": f"{name}_{path.strip('/').replace('/', '_')}",
        "parameters": [
            {"in": "header", "name": "prefer", "required": False, "schema": {"type": "string"}}
        ],
        "responses": {
            "200": answer("PredictionResponse", "Successful Response"),
            "422": answer("HTTPValidationError", "Validation Error"),
        },
    }


def _components(inputs: int) -> dict[str, Any]:
    fields = ("id", "version", "created_at", "started_at", "completed_at", "logs", "error")
    response = {name: {"type": "string", "title": name.title()} for name in fields}
    return {
        "Input": {
            "type": "object",
            "title": "Input",
            "required": [_property(inputs, 0)],
            "properties": {_property(inputs, n): _parameter(inputs, n) for n in range(inputs)},
        },
        "Output": {
            "type": "array",
            "title": "Output",
            "items": {"type": "string", "format": "uri"},
        },
        "Status": {"enum": ["starting", "processing", "succeeded", "canceled", "failed"]},
        "PredictionRequest": {
            "type": "object",
            "properties": {"input": {"$ref": "#/components/schemas/Input"}},
        },
        "PredictionResponse": {"type": "object", "properties": response},
        "HTTPValidationError": {
            "type": "object",
            "properties": {"detail": {"type": "array", "items": {"type": "object"}}},
        },
    }


def _parameter(seed: int, number: int) -> dict[str, Any]:
    return {
        "type": _KINDS[number % 4],
        "title": _property(seed, number).replace("_", " ").title(),
        "default": _default(seed, number),
        "x-order": number,
        "description": _prose(seed + number, 4 + number % 12),
        **({"minimum": 0, "maximum": 10 * number} if number % 4 < 2 else {}),
    }


def _property(seed: int, number: int) -> str:
    return f"{_WORDS[(seed + number) % 26]}_{_WORDS[number]}"


def _default(seed: int, number: int) -> Any:
    return (seed + number, 0.5 + number, _prose(seed + number, 12), number % 8 == 3)[number % 4]


def _prose(seed: int, words: int) -> str:
    return " ".join(_WORDS[(seed * 5 + n * 7) % 26] for n in range(words)).capitalize() + "."
