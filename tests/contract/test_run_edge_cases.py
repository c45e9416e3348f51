"""Runs and requests in unusual conditions: retries of held creates, forks, bad encodings."""

from __future__ import annotations

import io
import os
import pickle
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from support.clients import BASE_URL, TOKEN, Kind, Script, answer, created, looked, start
from support.clock import VirtualClock

from replicate_ext import APIError, OutcomeUnknownError, Replicate
from replicate_ext._files.file_source import CHUNK, source_of
from replicate_ext._network.clients import Clients, Opened


def garbled(_: httpx.Request) -> httpx.Response:
    raise httpx.DecodingError("not gzip")


def test_one_file_is_complete_in_each_of_many_concurrent_requests() -> None:
    content = os.urandom(3 * CHUNK + 1)
    file = io.BufferedReader(io.BytesIO(content))

    with ThreadPoolExecutor(8) as pool:
        sent = pool.map(lambda _: b"".join(source_of(file, "key").chunks()), range(40))

    assert all(one == content for one in sent)


def test_a_redirect_leaves_no_token_in_the_error() -> None:
    script = Script(answer(307, {}, location="/v1/elsewhere"))
    client = Replicate(TOKEN, BASE_URL, transport=script.transport)

    with pytest.raises(APIError) as caught:
        client.predictions.get("p1")

    assert TOKEN.encode() not in pickle.dumps(caught.value)
    assert TOKEN not in str(vars(caught.value.response))


def test_an_answer_that_cannot_be_decoded_is_a_documented_error(
    kind: Kind, clock: VirtualClock
) -> None:
    client, script = start(kind, clock, garbled)
    with pytest.raises(OutcomeUnknownError):
        client.run("owner/name", {})
    assert len(script.seen) == 1

    client, script = start(kind, clock, created(), garbled, looked("succeeded", output=1))
    assert client.run("owner/name", {}, wait=False) == 1


def test_a_retried_create_holds_for_the_time_that_is_left(kind: Kind, clock: VirtualClock) -> None:
    busy = answer(429, {"retry_after": 10})
    client, script = start(kind, clock, busy, created("processing", output=1))

    client.run("owner/name", {}, timeout=30)

    held = [request.headers["Prefer"] for request in script.requests]
    assert held == ["wait=30", "wait=19"]


def test_the_wait_for_a_held_response_ends_soon_after_the_deadline(
    kind: Kind, clock: VirtualClock
) -> None:
    client, script = start(kind, clock, created("processing", output=1))

    client.run("owner/name", {}, timeout=2)

    assert script.requests[0].extensions["timeout"]["read"] <= 4


@pytest.mark.parametrize("watching", ["on_progress", "stop"])
def test_a_run_with_callbacks_is_polled_from_the_start(
    kind: Kind, clock: VirtualClock, watching: str
) -> None:
    seen: list[Any] = []
    client, script = start(kind, clock, created(), looked("processing"), looked("succeeded"))

    client.run("owner/name", {}, **{watching: lambda run: seen.append(run.status)})

    assert "Prefer" not in script.requests[0].headers
    assert seen[:2] == ["starting", "processing"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork.*:DeprecationWarning")
def test_a_fork_while_a_client_is_made_does_not_wait_for_it() -> None:
    begun, go_on = threading.Event(), threading.Event()

    class Slow(Clients):
        def _open(self) -> Opened[httpx.Client, httpx.BaseTransport]:
            if os.getpid() == parent:
                begun.set()
                go_on.wait(5)
            return super()._open()

    parent = os.getpid()
    pool = Slow(Replicate(TOKEN, BASE_URL)._access, httpx.Timeout(5))  # noqa: SLF001 - as a client
    thread = threading.Thread(target=pool.sender)
    thread.start()
    begun.wait(5)
    child = os.fork()
    if child == 0:
        pool.sender()
        os._exit(0)
    until = time.monotonic() + 5
    ended = (0, 0)
    while ended[0] == 0 and time.monotonic() < until:
        ended = os.waitpid(child, os.WNOHANG)
    go_on.set()
    thread.join()
    assert ended == (child, 0)


def test_headers_go_to_the_api_alone(kind: Kind, clock: VirtualClock) -> None:
    client, script = start(
        kind,
        clock,
        created("processing", output="https://files.test/a.png"),
        answer(200, b"x"),
        headers={"X-Key": "secret"},
    )

    file = client.run("owner/name", {})
    if kind == "sync":
        file.read()
        assert "X-Key" not in script.requests[1].headers
    assert script.requests[0].headers["X-Key"] == "secret"


@pytest.mark.parametrize(
    "option", [{"proxy": "http://x"}, {"verify": False}, {"transport": httpx.HTTPTransport()}]
)
def test_options_of_an_http_client_cannot_be_combined_with_http_client(
    option: dict[str, Any],
) -> None:
    with pytest.raises(TypeError, match="http_client"):
        Replicate(TOKEN, http_client=httpx.Client(), **option)
