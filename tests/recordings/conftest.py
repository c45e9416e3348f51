"""Recorded answers: the project's own, and real ones where there are any."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx
import pytest
import yaml
from support.bodies import SPEC
from support.places import own, real

if TYPE_CHECKING:
    from collections.abc import Iterator

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Recorded(NamedTuple):
    """The JSON body of a recorded success, and the operation that it answered."""

    source: str
    operation_id: str
    body: Any


@pytest.fixture(scope="session", params=[own, *([real] if real("recordings/*") else [])])
def recorded(request: pytest.FixtureRequest) -> list[Recorded]:
    files = request.param
    cassettes = files("recordings/**/*.yaml")
    predictions = files("recordings/**/*.json")
    return [answer for path in cassettes for answer in _answers(path)] + [
        Recorded(path.name, "predictions.get", json.loads(path.read_text(encoding="utf-8")))
        for path in predictions
    ]


def _answers(cassette: Path) -> Iterator[Recorded]:
    loaded = yaml.load(cassette.read_text(encoding="utf-8"), _LOADER)  # noqa: S506 - a safe one
    for number, interaction in enumerate(loaded["interactions"]):
        request, response = interaction["request"], interaction["response"]
        # vcrpy has written answers in two forms over the years.
        status = response.get("status_code") or response["status"]["code"]
        content = _content(response["content"] if "content" in response else response["body"])
        if 200 <= status < 300 and content:
            operation_id = operation_of(request["method"], httpx.URL(request["uri"]).path)
            yield Recorded(f"{cassette.name} {number}", operation_id, json.loads(content))


def _content(recorded: Any) -> bytes:
    content = recorded["string"] if isinstance(recorded, dict) else recorded
    if isinstance(content, str):
        return content.encode()
    # Only what was recorded as bytes is still compressed, whatever the headers say.
    return gzip.decompress(content) if content.startswith(b"\x1f\x8b") else bytes(content)


def operation_of(method: str, path: str) -> str:
    """The operation that a request calls."""
    for template, item in SPEC["paths"].items():
        # The parts of a path that are no parameters hold letters and slashes only.
        pattern = re.sub(r"\{\w+\}", "[^/]+", template)
        if method.lower() in item and re.fullmatch(f"/v1{pattern}", path):
            return str(item[method.lower()]["operationId"])
    raise LookupError(f"no operation answers {method} {path}")
