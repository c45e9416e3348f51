"""What JSON does not hold is refused with its place before anything is sent, by every client."""

from __future__ import annotations

import math
from typing import Any

import pytest
from support.bodies import FILE_2024
from support.clients import Kind, answer, created, start
from support.clock import VirtualClock

from replicate_ext import InvalidInputError

UPLOADED = answer(201, FILE_2024)
DONE = created("succeeded", output="done")


def circular() -> dict[str, Any]:
    value: dict[str, Any] = {"b": [0]}
    value["b"].append(value)
    return value


def deep() -> list[Any]:
    value: list[Any] = []
    for _ in range(5_000):
        value = [value]
    return value


BAD: dict[str, tuple[Any, str]] = {
    "half a surrogate pair": ("\ud83d", r"\.bad: the character '\\ud83d'"),
    "a key with one": ({"\ude00": 1}, r"\.bad: the key '\\ude00'"),
    "a key that is no text": ({1: 2}, r"\.bad: keys must be strings"),
    "not a number": (math.nan, r"\.bad: nan is not valid JSON"),
    "infinity": ([1, math.inf], r"\.bad\[1\]: inf is not valid JSON"),
    "a circle": (circular(), r"\.bad\.b\[1\]: the dict contains itself"),
    "too deep": (deep(), r"\.bad\[0\].*is nested more than"),
}


@pytest.mark.parametrize(("value", "message"), BAD.values(), ids=BAD)
@pytest.mark.parametrize("beside", [{}, {"file": b"a file"}], ids=["alone", "beside a file"])
def test_an_input(
    kind: Kind, clock: VirtualClock, value: Any, message: str, beside: dict[str, Any]
) -> None:
    client, script = start(kind, clock, UPLOADED, DONE)
    given = {**beside, "bad": value}

    with pytest.raises(InvalidInputError, match="^input" + message):
        client.run("owner/name", given, file_encoding="upload")
    with pytest.raises(InvalidInputError, match="^input" + message):
        client.predictions.create("owner/name", given, file_encoding="upload")
    with pytest.raises(InvalidInputError, match="^input" + message):
        client.trainings.create("owner/name:" + "0" * 64, destination="owner/new", input=given)

    assert script.seen == []


@pytest.mark.parametrize(("value", "message"), BAD.values(), ids=BAD)
def test_the_metadata_of_an_upload(
    kind: Kind, clock: VirtualClock, value: Any, message: str
) -> None:
    client, script = start(kind, clock, UPLOADED)

    with pytest.raises(InvalidInputError, match="^metadata" + message):
        client.files.create(b"a file", metadata={"bad": value})

    assert script.seen == []


@pytest.mark.parametrize("depth", [400, 700])
def test_a_deeply_nested_output_is_handed_over(kind: Kind, clock: VirtualClock, depth: int) -> None:
    output = "[" * depth + '"https://a.b/c.png"' + "]" * depth
    body = f'{{"id": "p1", "status": "succeeded", "output": {output}}}'
    client, _ = start(kind, clock, answer(201, body))

    made = client.run("owner/name", {})

    while isinstance(made, list):
        [made] = made
    assert str(made) == "https://a.b/c.png"
