"""vcrpy records and replays our clients, and a cassette never has the token.

`make record` records anew, against the sandbox; the tests replay without it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import vcr
from support.clients import Kind, make_client
from support.clock import VirtualClock

from replicate_ext import NotFoundError
from replicate_ext.sandbox import Sandbox

CASSETTES = Path(__file__).parents[1] / "cassettes"
RECORDING = "RECORD" in os.environ
ADDRESS = "http://127.0.0.1:49152"
"""Where the sandbox is when it records; its answers name it."""

recorder = vcr.VCR(
    cassette_library_dir=str(CASSETTES),
    record_mode=vcr.record_mode.RecordMode.ALL if RECORDING else vcr.record_mode.RecordMode.NONE,
    match_on=("method", "scheme", "host", "port", "path", "query", "body"),
    filter_headers=["authorization"],
)


@pytest.fixture
def client(kind: Kind, clock: VirtualClock) -> Iterator[Any]:
    if not RECORDING:
        yield make_client(
            kind, clock=clock.clock, api_token="r8_never_recorded", base_url=f"{ADDRESS}/v1"
        )
        return
    if kind != "sync":
        pytest.skip("one kind of client records for all")
    with Sandbox(port=int(ADDRESS.rpartition(":")[2])) as sandbox:
        yield make_client(kind, api_token=sandbox.api_token, base_url=f"{ADDRESS}/v1")


def test_a_held_run(client: Any) -> None:
    with recorder.use_cassette("held-run.yaml") as cassette:
        assert client.run("replicate/hello-world", {"text": "Ada"}) == "hello Ada"
        assert len(cassette) == 1


def test_a_polled_run(client: Any) -> None:
    with recorder.use_cassette("polled-run.yaml"):
        output = client.run("sandbox/storyteller", {"prompt": "a key", "max_tokens": 5}, wait=False)
        assert "".join(output) == "Once upon a time, a"


def test_an_error(client: Any) -> None:
    with (
        recorder.use_cassette("error.yaml"),
        pytest.raises(NotFoundError, match="Use owner/name:version"),
    ):
        client.run("nobody/nothing", {})


@pytest.mark.parametrize("path", sorted(CASSETTES.glob("*.yaml")), ids=lambda path: path.name)
def test_no_cassette_has_a_token(path: Path) -> None:
    text = path.read_text(encoding="utf-8").lower()
    assert "bearer" not in text
    assert "r8_" not in text
