"""An uncaught error is short enough to read."""

from __future__ import annotations

import logging
import os
import re
import subprocess
import sys
from typing import Any

import anyio
import httpx
import pytest
from support.clients import Kind, answer, created, start
from support.clock import VirtualClock

from replicate_ext import APIConnectionError, AsyncReplicate, Replicate, errors

MAX_LINES = 15
CLOSED = "http://127.0.0.1:9/v1"  # the discard port, where nothing listens

SYNC = """
from replicate_ext import Replicate
client = Replicate(max_retries=0)
{}
"""
ASYNC = """
import asyncio
from replicate_ext import AsyncReplicate
async def main():
    client = AsyncReplicate(max_retries=0)
    {}
asyncio.run(main())
"""
CALLS = [
    SYNC.format('output = client.run("a/b", {"prompt": "x"})'),
    SYNC.format('prediction = client.predictions.create("a/b", {"prompt": "x"})'),
    SYNC.format('prediction = client.predictions.get("x")'),
    SYNC.format('prediction = client.wait("x")'),
    SYNC.format('account = client.request("GET", "/account")'),
    SYNC.format('file = client.files.create(b"x")'),
    SYNC.format('with client.stream("a/b", {}) as stream:\n    print(stream.text())'),
    SYNC.format('for event in client.stream("a/b", {}):\n    print(event)'),
    SYNC.format("for page in client.paginate(client.models.list):\n    print(page)"),
    SYNC.format("for model in client.paginate(client.models.list).items():\n    print(model)"),
    ASYNC.format('return await client.run("a/b", {"prompt": "x"})'),
    ASYNC.format('return await client.predictions.get("x")'),
    ASYNC.format('return await client.wait("x")'),
    ASYNC.format('async with client.stream("a/b", {}) as stream:\n        print(stream)'),
    ASYNC.format("async for page in client.paginate(client.models.list):\n        print(page)"),
]


def name_of(code: str) -> str:
    call = re.search(r"client\.([\w.]+)\(\"", code) or re.search(r"client\.([\w.]+)\(b?\"", code)
    return f"{'async' if 'async' in code else 'sync'}-{call[1] if call else ''}"


def traceback_of(code: str, **environment: str) -> str:
    """What Python prints for an uncaught error, without the frames of asyncio and warnings."""
    clean = {name: value for name, value in os.environ.items() if "REPLICATE" not in name}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**clean, **environment},
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    printed = re.sub(
        r'^  File "[^"]*asyncio[/\\](?:runners|base_events)\.py".*\n(?:    .*\n)*',
        "",
        done.stderr,
        flags=re.MULTILINE,
    )
    # `wait` tried to cancel the run, and says so in the log.
    return re.sub(r"^prediction x could not be canceled.*\n", "", printed, flags=re.MULTILINE)


@pytest.mark.parametrize("code", CALLS, ids=name_of)
def test_a_missing_token_is_one_readable_error(code: str) -> None:
    printed = traceback_of(code, REPLICATE_BASE_URL=CLOSED)

    assert len(printed.splitlines()) <= MAX_LINES, printed
    assert printed.splitlines()[-1].startswith("replicate_ext.errors.MissingTokenError: No API")


# A wait goes on for a minute without a network.
@pytest.mark.parametrize("code", [call for call in CALLS if ".wait(" not in call], ids=name_of)
def test_a_dead_network_is_one_readable_error(code: str) -> None:
    printed = traceback_of(code, REPLICATE_BASE_URL=CLOSED, REPLICATE_API_TOKEN="r8_x")

    assert len(printed.splitlines()) <= MAX_LINES, printed
    assert printed.startswith("httpx.ConnectError: ")
    assert re.match(
        r"replicate_ext\.errors\.APIConnectionError: .*127\.0\.0\.1:9", printed.splitlines()[-1]
    )


def test_the_cause_of_an_error_has_no_traceback_and_keeps_its_own_cause(kind: Kind) -> None:
    def call() -> None:
        if kind == "sync":
            Replicate("r8_x", CLOSED, max_retries=0).account.get()
        else:
            client = AsyncReplicate("r8_x", CLOSED, max_retries=0)
            anyio.run(client.account.get, backend=kind)

    with pytest.raises(APIConnectionError) as caught:
        call()

    cause = caught.value.__cause__
    assert isinstance(cause, httpx.ConnectError)
    assert cause.__traceback__ is None
    assert cause.__cause__ is None
    assert cause.__context__ is not None


def test_the_frames_of_a_callback_stay(kind: Kind, clock: VirtualClock) -> None:
    client, _ = start(kind, clock, created("processing"))

    def show(_: object) -> None:
        raise errors.ReplicateError("from a callback")

    with pytest.raises(errors.ReplicateError, match="from a callback") as caught:
        client.run("owner/name", {}, on_progress=show)

    assert "show" in [entry.name for entry in caught.traceback]


def warnings_of(caplog: pytest.LogCaptureFixture) -> list[str]:
    """The warnings that the client logged."""
    return [
        record.message
        for record in caplog.records
        if record.name == "replicate_ext" and record.levelno == logging.WARNING
    ]


def test_retrying_for_seconds_is_logged_once_as_a_warning(
    kind: Kind, clock: VirtualClock, caplog: pytest.LogCaptureFixture
) -> None:
    failures: list[Any] = [httpx.ConnectError("no route")] * 5
    client, _ = start(kind, clock, *failures, answer(200, {"username": "ada", "type": "user"}))

    client.account.get()

    (warning,) = warnings_of(caplog)
    assert re.fullmatch(r"GET /account: ConnectError: no route; retrying in \d\.\d s", warning)


def test_a_short_retry_is_no_warning(
    kind: Kind, clock: VirtualClock, caplog: pytest.LogCaptureFixture
) -> None:
    done = answer(200, {"username": "ada", "type": "user"})
    client, _ = start(kind, clock, httpx.ConnectError("no route"), done)

    client.account.get()

    assert not warnings_of(caplog)
