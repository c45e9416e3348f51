"""Tracing of httpx sees the requests of this client, enabled before or after the client is made."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import anyio
import httpx
import pytest
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from support.clients import prediction
from support.raw import Heard, RawServer, Wire, raw_server, response

from replicate_ext import AsyncReplicate, Replicate

MOMENTS = ["before", "after"]


@pytest.fixture
def server() -> Iterator[RawServer]:
    def answer(_: Heard, wire: Wire) -> None:
        wire.send(response(201, prediction("succeeded", output="done")))

    with raw_server(answer) as running:
        yield running


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    yield exporter
    exporter.clear()


def traced(exporter: InMemorySpanExporter) -> TracerProvider:
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    return provider


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize("moment", MOMENTS)
def test_opentelemetry_sees_every_request_while_it_is_enabled(
    kind: str, moment: str, server: RawServer, spans: InMemorySpanExporter
) -> None:
    instrumentor = HTTPXClientInstrumentor()

    @contextmanager
    def tracing() -> Iterator[None]:
        instrumentor.instrument(tracer_provider=traced(spans))
        yield
        instrumentor.uninstrument()

    async def run(client: Replicate | AsyncReplicate) -> None:
        output = client.run("owner/name", {})
        assert (output if isinstance(client, Replicate) else await output) == "done"

    async def main() -> None:
        with ExitStack() as stack:
            if moment == "before":
                stack.enter_context(tracing())
            client = (Replicate if kind == "sync" else AsyncReplicate)("r8_x", f"{server.url}/v1")
            if moment == "after":
                await run(client)
                stack.enter_context(tracing())
            await run(client)
        await run(client)

    anyio.run(main)

    assert [span.name for span in spans.get_finished_spans()] == ["POST"]


def test_opentelemetry_on_one_client_sees_the_requests_of_its_methods(
    server: RawServer, spans: InMemorySpanExporter
) -> None:
    client = Replicate("r8_x", f"{server.url}/v1")
    client.run("owner/name", {})
    HTTPXClientInstrumentor.instrument_client(
        client.get_httpx_client(), tracer_provider=traced(spans)
    )

    client.run("owner/name", {})

    assert [span.name for span in spans.get_finished_spans()] == ["POST"]


def test_a_hook_on_the_lent_client_sees_the_requests_of_the_methods(server: RawServer) -> None:
    client = Replicate("r8_x", f"{server.url}/v1")
    client.run("owner/name", {})
    seen: list[httpx.Request] = []
    client.get_httpx_client().event_hooks = {"request": [seen.append], "response": []}

    client.run("owner/name", {})

    assert [request.url.path for request in seen] == ["/v1/models/owner/name/predictions"]


SENTRY = """
import asyncio, json, sys
import sentry_sdk
from replicate_ext import AsyncReplicate, Replicate

url, kind, moment = sys.argv[1:]
spans = []

def start():
    sentry_sdk.init(
        "http://key@127.0.0.1:9/1",
        traces_sample_rate=1.0,
        before_send_transaction=lambda event, _: spans.extend(event["spans"]),
    )

def run():
    client = Replicate("r8_x", url)
    if moment == "after":
        client.run("owner/name", {})
        start()
    with sentry_sdk.start_transaction(name="test"):
        client.run("owner/name", {})

async def run_async():
    client = AsyncReplicate("r8_x", url)
    if moment == "after":
        await client.run("owner/name", {})
        start()
    with sentry_sdk.start_transaction(name="test"):
        await client.run("owner/name", {})

if moment == "before":
    start()
run() if kind == "sync" else asyncio.run(run_async())
print(json.dumps([span["op"] for span in spans]))
"""


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize("moment", MOMENTS)
def test_sentry_sees_every_request(kind: str, moment: str, server: RawServer) -> None:
    # In a process of its own: what Sentry replaces stays replaced.
    done = subprocess.run(
        [sys.executable, "-c", SENTRY, f"{server.url}/v1", kind, moment],
        capture_output=True,
        text=True,
        check=True,
    )

    assert json.loads(done.stdout) == ["http.client"]
    assert "sentry-trace" in server.heard[-1].headers
