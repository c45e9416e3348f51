"""The sandbox responds to recorded requests as the API did: status, headers, fields and types."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TypeAlias

import httpx
import pytest
from recordings.differences import ABSENT, REASONS, Difference, explaining
from recordings.replica import Replica, read
from support.places import cases, own, real
from support.recordings import Exchange, method_of

Kinds: TypeAlias = Mapping[str, str]

OF_THE_SANDBOX = "every-operation.yaml"
"""Recorded from the sandbox itself, so it says nothing about the API."""
MODEL_DEFINED = frozenset({"input", "output", "openapi_schema", "default_example"})
"""Fields whose members depend on the model, not on the API."""
LIMITS = (600, 3_000, 60_000)
REMAINING = "header ratelimit-remaining"


def kinds(value: object) -> Kinds:
    """Return the JSON types of each field of a body, by its path."""
    found: dict[str, set[str]] = {}
    for path, kind in _kinds(value, ""):
        found.setdefault(path, set()).add(kind)
    return {path: "|".join(sorted(each)) for path, each in found.items()}


def _kinds(value: object, path: str) -> Iterator[tuple[str, str]]:
    yield path, {int: "number", float: "number"}.get(type(value), type(value).__name__)
    if path.rpartition(".")[2] in MODEL_DEFINED:
        return
    if isinstance(value, Mapping):
        for name, member in value.items():
            yield from _kinds(member, f"{path}.{name}".lstrip("."))
    elif isinstance(value, list):
        for item in value:
            yield from _kinds(item, f"{path}[]")


def headers_of(headers: httpx.Headers) -> Kinds:
    """Return the headers of a response, with values that can be compared."""
    return {f"header {name}": _comparable(name, value) for name, value in headers.items()}


def _comparable(name: str, value: str) -> str:
    if name == "date":
        return re.sub(r"\d+|[A-Z][a-z]{2}", "…", value)
    if name == "ratelimit-remaining":  # the limit that it counts down from
        return str(min(limit for limit in LIMITS if int(value) < limit))
    return value


@cache
def differences(recording: Path) -> frozenset[Difference]:
    """Send the requests of a recording to a sandbox, and compare the responses."""
    with tempfile.TemporaryDirectory() as folder:
        recorded = read(recording, Path(folder))
    with Replica.of(recorded) as replica:
        return frozenset(
            difference
            for exchange in recorded
            # The JSON of a prediction was recorded without status and headers.
            for difference in compare(
                exchange, replica.ask(exchange), body_only=recording.suffix == ".json"
            )
        )


def compare(
    exchange: Exchange, response: httpx.Response, *, body_only: bool
) -> Iterator[Difference]:
    """Yield the differences between a recorded response and the sandbox's."""
    pairs = [(kinds(exchange.answer), kinds(response.json() if response.content else None))]
    if not body_only:
        pairs += [
            ({"status": str(exchange.status)}, {"status": str(response.status_code)}),
            (headers_of(exchange.headers), headers_of(response.headers)),
        ]
    operation, _ = method_of(exchange)
    for recorded, ours in pairs:
        for field in recorded.keys() | ours.keys():
            difference = Difference(
                operation, field, recorded.get(field, ABSENT), ours.get(field, ABSENT)
            )
            if difference.recorded != difference.ours:
                yield difference


@pytest.mark.parametrize(
    "recording", [case for case in cases("recordings/**/*") if OF_THE_SANDBOX not in str(case.id)]
)
def test_the_sandbox_responds_as_recorded(recording: Path) -> None:
    assert [each for each in differences(recording) if not explaining(each)] == []


if real("recordings/*"):  # without them, the test does not exist

    def test_each_listed_difference_exists() -> None:
        recordings = [path for path in own("recordings/*") if path.name != OF_THE_SANDBOX]
        found = {
            entry
            for recording in [*recordings, *real("recordings/**/*")]
            for difference in differences(recording)
            for entry in explaining(difference)
        }
        assert REASONS.keys() - found == set()


@pytest.mark.parametrize(
    ("status", "body", "headers", "expected"),
    [
        (202, {"id": "x"}, {}, ("status", "201", "202")),
        (201, {"id": None}, {}, ("id", "str", "NoneType")),
        (201, {}, {}, ("id", "str", ABSENT)),
        (201, {"id": "x", "new": [1]}, {}, ("new[]", ABSENT, "number")),
        (201, {"id": "x"}, {"ratelimit-remaining": "2999"}, (REMAINING, "600", "3000")),
        (201, {"id": "x"}, {"location": "/x"}, ("header location", ABSENT, "/x")),
    ],
)
def test_a_difference_is_found(
    status: int, body: object, headers: dict[str, str], expected: tuple[str, str, str]
) -> None:
    limit = {"ratelimit-remaining": "598"}
    exchange = Exchange(
        method="POST",
        url=httpx.URL("https://api.replicate.com/v1/predictions"),
        content_type="",
        content=b"",
        status=201,
        answer={"id": "x"},
        sent_headers=httpx.Headers(),
        headers=httpx.Headers({"content-type": "application/json", **limit}),
    )
    response = httpx.Response(status, json=body, headers={**limit, **headers})
    found = {each[1:] for each in compare(exchange, response, body_only=False)}
    assert expected in found
    assert {field for field, *_ in found} <= {expected[0], "new", "header content-length"}
