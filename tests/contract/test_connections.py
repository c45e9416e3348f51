"""Connections of the clients: their number, reuse and closing."""

from __future__ import annotations

import gc
import threading
from contextlib import suppress
from typing import Any

import anyio
import anyio.lowlevel
import httpx
import pytest
from support.clients import KINDS, Kind
from support.raw import CLOSE, DONE, Heard, RawServer, StartServer, Wire, done, response
from support.sandboxes import until

from replicate_ext import APIConnectionError, AsyncReplicate, OutcomeUnknownError, Replicate
from replicate_ext._network import transports as _transports

pytestmark = pytest.mark.usefixtures("both_ways")


def runs(kind: Kind, server: RawServer, times: int, **options: Any) -> list[Any]:
    """Run a model so often, one after the other, with one client and on one event loop."""
    url = f"{server.url}/v1"
    if kind == "sync":
        with Replicate("r8_x", url, **options) as client:
            return [client.run("owner/name", {}) for _ in range(times)]

    async def main() -> list[Any]:
        async with AsyncReplicate("r8_x", url, **options) as client:
            return [await client.run("owner/name", {}) for _ in range(times)]

    return anyio.run(main, backend=kind)


def closed_everything(server: RawServer) -> bool:
    return until(lambda: not server.open or None)


@pytest.mark.parametrize("kind", KINDS)
def test_runs_share_a_connection_that_is_closed_with_the_client(
    kind: Kind, start_server: StartServer
) -> None:
    server = start_server()

    runs(kind, server, 5)

    assert server.connections == 1
    assert closed_everything(server)


def goodbye(_: Heard, wire: Wire) -> str:
    wire.send(response(201, DONE, Connection="close"))
    return CLOSE


def old(_: Heard, wire: Wire) -> str:
    wire.send(response(201, DONE).replace(b"HTTP/1.1", b"HTTP/1.0"))
    return CLOSE


def old_without_length(_: Heard, wire: Wire) -> str:
    wire.send(b"HTTP/1.0 201 X\r\n\r\n" + httpx.Response(201, json=DONE).content)
    return CLOSE


def gone_while_idle(_: Heard, wire: Wire) -> str:
    wire.send(response(201, DONE))
    return CLOSE


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("answer", [goodbye, old, old_without_length, gone_while_idle])
def test_a_connection_that_the_server_closes_is_not_used_again(
    kind: Kind, answer: Any, start_server: StartServer
) -> None:
    server = start_server(answer)
    url = f"{server.url}/v1"

    def gone() -> bool:
        return closed_everything(server)

    if kind == "sync":
        with Replicate("r8_x", url) as client:
            outputs = [(client.run("owner/name", {}), gone()) for _ in range(3)]
    else:

        async def main() -> list[Any]:
            async with AsyncReplicate("r8_x", url) as client:
                return [
                    (await client.run("owner/name", {}), await anyio.to_thread.run_sync(gone))
                    for _ in range(3)
                ]

        outputs = anyio.run(main, backend=kind)

    assert outputs == [("done", True)] * 3
    assert server.connections == 3


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(_transports, "max_connections", lambda: 2)
    return 2


def many(kind: Kind, server: RawServer, times: int, **options: Any) -> list[Any]:
    """Run a model so often, all at once, with one client."""
    url = f"{server.url}/v1"
    results: list[Any] = []
    if kind == "sync":
        client = Replicate("r8_x", url, **options)

        def run() -> None:
            try:
                results.append(client.run("owner/name", {}))
            except Exception as error:  # noqa: BLE001 - returned
                results.append(error)

        threads = [threading.Thread(target=run) for _ in range(times)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        client.close()
        return results

    async def main() -> None:
        async with AsyncReplicate("r8_x", url, **options) as awaited:

            async def run() -> None:
                try:
                    results.append(await awaited.run("owner/name", {}))
                except Exception as error:  # noqa: BLE001 - returned
                    results.append(error)

            async with anyio.create_task_group() as group:
                for _ in range(times):
                    group.start_soon(run)

    anyio.run(main, backend=kind)
    return results


@pytest.mark.parametrize("kind", KINDS)
def test_more_runs_than_connections_take_turns(
    kind: Kind, few: int, start_server: StartServer
) -> None:
    server = start_server()

    assert many(kind, server, 200) == ["done"] * 200
    assert server.connections == few
    assert closed_everything(server)


@pytest.mark.parametrize("kind", KINDS)
def test_failures_give_their_places_back(kind: Kind, few: int, start_server: StartServer) -> None:
    def answer(heard: Heard, wire: Wire) -> str:
        if heard.connection < 10 * few:
            return CLOSE
        done(heard, wire)
        return ""

    server = start_server(answer)
    url = f"{server.url}/v1"
    options: dict[str, Any] = {"max_retries": 0, "timeout": httpx.Timeout(5, pool=2)}
    if kind == "sync":
        with Replicate("r8_x", url, **options) as client:
            for _ in range(10 * few):
                with pytest.raises(Exception, match="Server disconnected"):
                    client.run("owner/name", {})
            assert client.run("owner/name", {}) == "done"
        return

    async def main() -> None:
        async with AsyncReplicate("r8_x", url, **options) as awaited:
            for _ in range(10 * few):
                with pytest.raises(Exception, match="Server disconnected"):
                    await awaited.run("owner/name", {})
            assert await awaited.run("owner/name", {}) == "done"

    anyio.run(main, backend=kind)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("limit", ["pool timeout", "deadline"])
def test_a_wait_for_a_connection_ends_in_time_and_says_what_to_do(
    kind: Kind, few: int, limit: str, start_server: StartServer
) -> None:
    server = start_server(lambda _, wire: wire.hang())
    url = f"{server.url}/v1"
    options: dict[str, Any] = {"max_retries": 0}
    if limit == "pool timeout":
        options["timeout"] = httpx.Timeout(30, pool=0.3)
    timeout = 0.3 if limit == "deadline" else None
    assert few == 2

    if kind == "sync":
        client = Replicate("r8_x", url, **options)
        http = client.get_httpx_client()
        threads = [threading.Thread(target=hold, args=(http,), daemon=True) for _ in range(few)]
        for thread in threads:
            thread.start()
        until(lambda: len(server.heard) == few or None)
        with pytest.raises(APIConnectionError, match=r"PoolTimeout.*ulimit -n"):
            client.run("owner/name", {}, timeout=timeout)
        server.close()
        for thread in threads:
            thread.join(10)
        return

    async def main() -> None:
        client = AsyncReplicate("r8_x", url, **options)
        async with anyio.create_task_group() as group:
            for _ in range(few):
                group.start_soon(client.get_async_httpx_client().get, "/x")
            await anyio.to_thread.run_sync(until, lambda: len(server.heard) == few or None)
            with pytest.raises(APIConnectionError, match=r"PoolTimeout.*ulimit -n"):
                await client.run("owner/name", {}, timeout=timeout)
            group.cancel_scope.cancel()

    anyio.run(main, backend=kind)


def hold(client: httpx.Client) -> None:
    """Keep a connection busy for as long as the server lets it hang."""
    with suppress(httpx.TransportError):
        client.get("/x")


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_canceled_request_passes_its_turn_on(
    backend: str, few: int, start_server: StartServer
) -> None:
    go_on = threading.Event()

    def answer(heard: Heard, wire: Wire) -> None:
        go_on.wait(10)
        done(heard, wire)

    server = start_server(answer)
    outputs: list[Any] = []

    async def main() -> None:
        async with AsyncReplicate("r8_x", f"{server.url}/v1") as client:

            async def run() -> None:
                outputs.append(await client.run("owner/name", {}))

            async def give_up() -> None:
                with anyio.move_on_after(0.1):
                    await run()
                go_on.set()

            async with anyio.create_task_group() as group:
                for _ in range(few):
                    group.start_soon(run)
                await anyio.to_thread.run_sync(until, lambda: len(server.heard) == few or None)
                group.start_soon(give_up)
                await anyio.sleep(0.05)
                group.start_soon(run)

    anyio.run(main, backend=backend)

    assert outputs == ["done"] * (few + 1)


def test_closing_breaks_no_run_of_another_thread_and_leaves_nothing_open(
    start_server: StartServer,
) -> None:
    server = start_server()
    client = Replicate("r8_x", f"{server.url}/v1")
    results: list[Any] = []

    def run() -> None:
        for _ in range(30):
            try:
                results.append(client.run("owner/name", {}))
            except Exception as error:  # noqa: BLE001 - compared below
                results.append(error)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        client.close()
    for thread in threads:
        thread.join()
    client.close()

    assert results == ["done"] * 120
    assert closed_everything(server)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # as it should be
def test_a_response_that_nobody_closed_gives_its_place_back(
    few: int, start_server: StartServer
) -> None:
    server = start_server()
    client = Replicate("r8_x", f"{server.url}/v1", timeout=httpx.Timeout(5, pool=2))
    http = client.get_httpx_client()
    for _ in range(3 * few):
        http.send(http.build_request("GET", "/x"), stream=True)
        gc.collect()

    assert client.run("owner/name", {}) == "done"
    client.close()


def test_two_threads_that_create_the_pool_at_once_use_one(
    start_server: StartServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = threading.Barrier(2)
    made: list[Any] = []
    closed: list[Any] = []

    class Watched(_transports.PooledTransport):
        def __init__(self, *settings: Any) -> None:
            super().__init__(*settings)
            made.append(self)
            both.wait(10)

        def close(self) -> None:
            closed.append(self)
            super().close()

    monkeypatch.setattr("replicate_ext._network.transports.PooledTransport", Watched)
    client = Replicate("r8_x", f"{start_server().url}/v1")
    threads = [threading.Thread(target=client.run, args=("owner/name", {})) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)

    assert len(made) == 2
    assert len(closed) == 1
    client.close()
    assert set(closed) == set(made)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_an_upload_that_fails_leaves_no_generator_open(
    backend: str, start_server: StartServer
) -> None:
    server = start_server(lambda _, __: CLOSE, None, reads_bodies=False)

    async def main() -> None:
        client = AsyncReplicate("r8_x", f"{server.url}/v1", max_retries=0)
        with pytest.raises(OutcomeUnknownError):
            await client.run("owner/name", {"text": "x" * 8_000_000})
        gc.collect()  # what is collected while open, trio warns of
        await anyio.lowlevel.checkpoint()

    anyio.run(main, backend=backend)
