"""timeout= is one deadline for the whole call, whatever the server does. Guarantee 4."""

from __future__ import annotations

import io
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import anyio
import pytest
import trustme
from support.clients import KINDS, Kind, make_client, prediction
from support.raw import Heard, RawServer, Wire, raw_server, response

from replicate_ext import (
    APITimeoutError,
    AsyncReplicate,
    OutcomeUnknownError,
    PredictionTimeout,
    Replicate,
)

pytestmark = pytest.mark.usefixtures("both_ways")
TIMEOUT = 0.5
PROMISED = TIMEOUT + 0.5
BUSY = 3.0
"""Seconds that a busy machine may take beside the promised half; the servers here drag for ever."""
ENDLESS = b"x" * 1000
CREATED = response(201, prediction())
TOO_LATE = (PredictionTimeout, APITimeoutError, OutcomeUnknownError)

Way = Callable[[RawServer], dict[str, Any]]


def direct(server: RawServer) -> dict[str, Any]:
    return {"base_url": f"{server.url}/v1"}


def proxied(server: RawServer) -> dict[str, Any]:
    return {"base_url": "http://nowhere.test/v1", "proxy": server.url}


def tunneled(server: RawServer) -> dict[str, Any]:
    return {"base_url": "https://nowhere.test/v1", "proxy": server.url}


def run(client: Any, **options: Any) -> None:
    client.run("owner/name", **{"input": {}, "timeout": TIMEOUT, "wait": False, **options})


def each_in_time(limit: float, *calls: Callable[[Kind], object]) -> list[BaseException]:
    """Make calls with all kinds of clients at once, and return what they raise before the limit."""
    raised: list[BaseException] = []
    times: list[float] = []

    def measured(call: Callable[[Kind], object], kind: Kind) -> None:
        began = time.monotonic()
        try:
            call(kind)
        except BaseException as error:  # noqa: BLE001 - returned
            raised.append(error)
        times.append(time.monotonic() - began)

    threads = [
        threading.Thread(target=measured, args=(call, kind), daemon=True)
        for call in calls
        for kind in KINDS
    ]
    for thread in threads:
        thread.start()
    until = time.monotonic() + limit + BUSY
    for thread in threads:
        thread.join(max(until - time.monotonic(), 0))
    assert len(times) == len(threads), f"{len(threads) - len(times)} calls still go on"
    assert len(raised) == len(threads)
    return raised


def slow_head(_: Heard, wire: Wire) -> None:
    wire.drip(b"HTTP/1.1 200 OK\r\nX-A: " + ENDLESS)


def slow_body(_: Heard, wire: Wire) -> None:
    wire.send(b"HTTP/1.1 201 Created\r\nContent-Length: 1000\r\n\r\n")
    wire.drip(ENDLESS)


def slow_chunks(_: Heard, wire: Wire) -> None:
    wire.send(b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n")
    wire.drip(b"1\r\nx\r\n" * 1000)


def slow_error(_: Heard, wire: Wire) -> None:
    wire.send(b"HTTP/1.1 503 Unavailable\r\nContent-Length: 1000\r\n\r\n")
    wire.drip(ENDLESS)


def slow_refusal(_: Heard, wire: Wire) -> None:
    wire.send(b"HTTP/1.1 429 Slow down\r\nContent-Length: 1000\r\n\r\n")
    wire.drip(ENDLESS)


def continues(_: Heard, wire: Wire) -> None:
    while True:
        wire.send(b"HTTP/1.1 100 Continue\r\n\r\n" * 10)
        wire.drip(b"HTTP/1.1 100 Continue\r\n\r\n", every=0.001)


def silence(_: Heard, wire: Wire) -> None:
    wire.hang()


def slow_poll(heard: Heard, wire: Wire) -> None:
    if heard.method == "GET":
        slow_body(heard, wire)
    canceled = heard.target.endswith("/cancel")
    wire.send(response(200, prediction("canceled")) if canceled else CREATED)


ANSWERS = [
    slow_head,
    slow_body,
    slow_chunks,
    slow_error,
    slow_refusal,
    continues,
    silence,
    slow_poll,
]


@pytest.mark.parametrize("way", [direct, proxied])
@pytest.mark.parametrize("answer", ANSWERS)
def test_a_slow_answer_ends_at_the_deadline(answer: Any, way: Way) -> None:
    with raw_server(answer) as server:
        raised = each_in_time(PROMISED, lambda kind: run(make_client(kind, **way(server))))

    # A 429 was certainly not taken: its status says more than the time.
    kinds = (*TOO_LATE, Exception) if answer is slow_refusal else TOO_LATE
    assert all(isinstance(error, kinds) for error in raised), raised


def test_a_poll_that_drags_ends_in_the_predictions_own_timeout_and_cancels_it() -> None:
    with raw_server(slow_poll) as server:
        raised = each_in_time(PROMISED, lambda kind: run(make_client(kind, **direct(server))))

        assert [getattr(error, "prediction").id for error in raised] == ["p1"] * 3  # noqa: B009
        assert {type(error) for error in raised} == {PredictionTimeout}
        assert server.seen.count("POST /v1/predictions/p1/cancel") == 3


@pytest.mark.parametrize("answer", [slow_head, slow_body, silence])
def test_a_held_answer_has_two_more_seconds(answer: Any) -> None:
    held = 1.5  # the API holds for whole seconds

    with raw_server(answer) as server:
        at = direct(server)
        each_in_time(held + 2.5, lambda kind: run(make_client(kind, **at), wait=True, timeout=held))

        assert [heard.headers["prefer"] for heard in server.heard] == ["wait=1"] * 3


def test_a_held_answer_that_comes_just_after_the_deadline_is_not_lost(kind: Kind) -> None:
    def answer(_: Heard, wire: Wire) -> None:
        time.sleep(1.7)
        wire.send(response(201, prediction("succeeded", output="paid for")))

    with raw_server(answer) as server:
        client = make_client(kind, **direct(server))

        assert client.run("owner/name", {}, timeout=1.2, wait=True) == "paid for"


def sipping(_: Heard, wire: Wire) -> None:
    wire.sip()


def large_text(client: Any) -> None:
    run(client, input={"text": "x" * 8_000_000})


def large_file(client: Any) -> None:
    run(client, input={"file": io.BytesIO(b"x" * 6_000_000)}, file_encoding="data-uri")


def uploaded_file(client: Any) -> None:
    run(client, input={"file": io.BytesIO(b"x" * 8_000_000)}, file_encoding="upload")


@pytest.mark.parametrize("way", [direct, proxied])
@pytest.mark.parametrize("call", [large_text, large_file, uploaded_file])
def test_an_upload_to_a_slow_reader_ends_at_the_deadline(
    call: Callable[[Any], None], way: Way
) -> None:
    with raw_server(sipping, reads_bodies=False) as server:
        options = {"max_retries": 0, **way(server)}
        raised = each_in_time(PROMISED, lambda kind: call(make_client(kind, **options)))

    assert all(isinstance(error, TOO_LATE) for error in raised), raised


@contextmanager
def deaf() -> Iterator[str]:
    """A server that takes no connection: those that wait for it fill its queue."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        waiting = [socket.socket() for _ in range(4)]
        for connection in waiting:
            connection.setblocking(False)  # noqa: FBT003 - socket's own interface
            connection.connect_ex(listener.getsockname())
        yield f"127.0.0.1:{listener.getsockname()[1]}"
        for connection in waiting:
            connection.close()


@pytest.mark.parametrize("way", ["direct", "proxied", "tunneled"])
def test_a_host_that_takes_no_connection_ends_at_the_deadline(way: str) -> None:
    with deaf() as host:
        options: dict[str, Any] = {
            "direct": {"base_url": f"http://{host}/v1"},
            "proxied": {"base_url": "http://nowhere.test/v1", "proxy": f"http://{host}"},
            "tunneled": {"base_url": "https://nowhere.test/v1", "proxy": f"http://{host}"},
        }[way]
        raised = each_in_time(PROMISED, lambda kind: run(make_client(kind, **options)))

    # Nothing was sent, so nothing is unknown.
    assert {type(error) for error in raised} == {APITimeoutError}


def drip_handshake(wire: Wire) -> None:
    wire.socket.recv(1)  # what the client says first
    wire.drip(b"\x16\x03\x03\x02\x00" + b"\x02\x00\x01\xfc" + ENDLESS)  # a long ServerHello


def slow_tunnel(_: Heard, wire: Wire) -> None:
    wire.drip(b"HTTP/1.1 200 OK\r\nX-A: " + ENDLESS)


def slow_handshake_behind(_: Heard, wire: Wire) -> None:
    wire.send(b"HTTP/1.1 200 OK\r\n\r\n")
    drip_handshake(wire)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def trusting(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@pytest.fixture(scope="module")
def server_tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


def test_a_tls_handshake_that_trickles_ends_at_the_deadline() -> None:
    with slow_handshakes() as url:
        raised = each_in_time(PROMISED, lambda kind: run(make_client(kind, base_url=url)))

    assert {type(error) for error in raised} == {APITimeoutError}


@contextmanager
def slow_handshakes() -> Iterator[str]:
    """Serve TLS handshakes that trickle, and yield a base URL."""
    stop = threading.Event()

    def answer(connection: socket.socket) -> None:
        drip_handshake(Wire(connection, stop))

    def accept() -> None:
        # A busy machine may reach the deadline before a client connects, so the number of
        # connections is not known.
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=quietly, args=(answer, connection), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield f"https://127.0.0.1:{listener.getsockname()[1]}/v1"
        finally:
            stop.set()
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(10)


def quietly(function: Callable[..., None], connection: socket.socket, *rest: Any) -> None:
    with connection, suppress(OSError):
        function(connection, *rest)


@pytest.mark.parametrize("answer", [slow_tunnel, slow_handshake_behind])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_tunnel_that_trickles_ends_at_the_deadline(
    answer: Any, scheme: str, trusting: ssl.SSLContext, server_tls: ssl.SSLContext
) -> None:
    with raw_server(answer, server_tls if scheme == "https" else None) as proxy:
        options = {"verify": trusting, **tunneled(proxy)}
        raised = each_in_time(PROMISED, lambda kind: run(make_client(kind, **options)))
        assert proxy.seen == ["CONNECT nowhere.test:443"] * 3

    assert all(isinstance(error, TOO_LATE) for error in raised), raised


def stream(kind: Kind, url: str) -> None:
    if kind == "sync":
        with Replicate("r8_x", url).stream("owner/name", {}, timeout=TIMEOUT) as events:
            list(events)
        return

    async def consume() -> None:
        async with AsyncReplicate("r8_x", url).stream("owner/name", {}, timeout=TIMEOUT) as events:
            async for _ in events:
                pass

    anyio.run(consume, backend=kind)


def streaming(answer: Callable[[Wire], None], canceled: Callable[[Wire], None]) -> Any:
    def respond(heard: Heard, wire: Wire) -> None:
        url = f"http://{heard.headers['host']}"
        run = prediction("processing", urls={"stream": f"{url}/stream"})
        if heard.target == "/stream":
            answer(wire)
        elif heard.target.endswith("/cancel"):
            canceled(wire)
        else:
            wire.send(response(201 if heard.method == "POST" else 200, run))

    return respond


def cancel(wire: Wire) -> None:
    wire.send(response(200, prediction("canceled")))


def slow_events(wire: Wire) -> None:
    wire.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
    wire.drip(b": comment\n" * 100)


def slow_event_head(wire: Wire) -> None:
    wire.drip(b"HTTP/1.1 200 OK\r\nX-A: " + ENDLESS)


@pytest.mark.parametrize("answer", [slow_events, slow_event_head])
def test_a_stream_that_trickles_ends_at_the_deadline(answer: Callable[[Wire], None]) -> None:
    with raw_server(streaming(answer, cancel)) as server:
        raised = each_in_time(PROMISED, lambda kind: stream(kind, f"{server.url}/v1"))

    assert {type(error) for error in raised} == {PredictionTimeout}


def test_a_cancel_that_trickles_takes_five_more_seconds_at_most() -> None:
    def respond(heard: Heard, wire: Wire) -> None:
        if heard.target.endswith("/cancel"):
            slow_body(heard, wire)
        wire.send(response(201 if heard.method == "POST" else 200, prediction("processing")))

    def slow_cancel(wire: Wire) -> None:
        wire.drip(b"HTTP/1.1 200 OK\r\nX-A: " + ENDLESS)

    with (
        raw_server(respond) as server,
        raw_server(streaming(slow_events, slow_cancel)) as streams,
    ):
        at = direct(server)
        each_in_time(
            TIMEOUT + 5.0,
            lambda kind: run(make_client(kind, **at)),
            lambda kind: run(make_client(kind, **at), stop=lambda _: True),
            lambda kind: stream(kind, f"{streams.url}/v1"),
        )


def test_waiting_for_a_run_ends_in_its_own_timeout() -> None:
    with raw_server(slow_poll) as server:
        raised = each_in_time(
            PROMISED, lambda kind: make_client(kind, **direct(server)).wait("p1", timeout=TIMEOUT)
        )

    assert {type(error) for error in raised} == {PredictionTimeout}
