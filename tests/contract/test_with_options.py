"""``client.with_options``: other options over the same connections. Guarantee 7."""

from __future__ import annotations

import gc
import inspect
import math
import pickle
from typing import Any

import anyio
import httpx
import pytest
from support.clients import (
    TOKEN,
    Blocking,
    Kind,
    answer,
    created,
    looked,
    prediction,
    start,
)
from support.clock import VirtualClock
from support.raw import DONE, Heard, RawServer, StartServer, Wire, response
from support.sandboxes import until

from replicate_ext import AsyncReplicate, InvalidInputError, RateLimitError, Replicate, ServerError

FILE = "https://replicate.delivery/a/out.png"


def derived(kind: Kind, client: Any, **options: Any) -> Any:
    made = client.with_options(**options)
    return made if kind == "sync" else Blocking(made, kind)


def timeouts(request: httpx.Request) -> dict[str, float | None]:
    found: dict[str, float | None] = request.extensions["timeout"]
    return found


def test_each_option_replaces_that_of_the_client_and_leaves_the_client_alone(
    kind: Kind, clock: VirtualClock
) -> None:
    client, script = start(kind, clock, created("succeeded", output=FILE), timeout=7)
    other = derived(kind, client, timeout=3, use_file_output=False)

    assert other.predictions.get("p1").output == FILE
    assert timeouts(script.requests[-1])["read"] == 3
    assert client.predictions.get("p1").output != FILE
    assert timeouts(script.requests[-1])["read"] == 7


def test_options_that_are_not_given_are_those_of_the_client(
    kind: Kind, clock: VirtualClock
) -> None:
    client, script = start(kind, clock, answer(500, {}), max_retries=2, timeout=7)

    with pytest.raises(ServerError):
        derived(kind, client, headers={"X-Job": "1"}).account.get()

    assert len(script.requests) == 3
    assert timeouts(script.requests[-1])["read"] == 7


def test_max_retries_and_poll_interval(kind: Kind, clock: VirtualClock) -> None:
    client, script = start(kind, clock, answer(429, {}))
    with pytest.raises(RateLimitError):
        derived(kind, client, max_retries=0).run("owner/name")
    assert len(script.requests) == 1

    client, script = start(kind, clock, created(), looked("processing"), looked("succeeded"))
    derived(kind, client, poll_interval=9).run("owner/name", wait=False)
    assert clock.elapsed == 18


def test_infinity_means_no_timeout(kind: Kind, clock: VirtualClock) -> None:
    client, script = start(kind, clock, answer(200, {}))

    derived(kind, client, timeout=math.inf).account.get()

    assert set(timeouts(script.requests[0]).values()) == {None}


def test_file_encoding(kind: Kind, clock: VirtualClock) -> None:
    upload = answer(201, {"id": "f", "urls": {"get": "https://api.test/v1/files/f"}})
    client, script = start(kind, clock, upload, created("succeeded"))

    derived(kind, client, file_encoding="upload").run("owner/name", {"file": b"x"})

    assert script.seen[0] == "POST /v1/files"


def test_headers_are_added_and_replace_those_of_the_same_name(
    kind: Kind, clock: VirtualClock
) -> None:
    client, script = start(
        kind, clock, answer(200, {}), headers={"X-Team": "blue", "X-Job": "none"}
    )
    other = derived(kind, client, headers={"x-job": "7"})

    other.account.get()
    client.account.get()

    ours, theirs = (request.headers for request in script.requests)
    assert (ours["X-Team"], ours["X-Job"]) == ("blue", "7")
    assert theirs["X-Job"] == "none"
    assert ours["Authorization"] == theirs["Authorization"] == f"Bearer {TOKEN}"


def test_the_headers_go_to_no_other_host(kind: Kind, clock: VirtualClock) -> None:
    client, script = start(kind, clock, created("succeeded", output=FILE), answer(200, b"picture"))
    output = derived(kind, client, headers={"X-Job": "7"}).run("owner/name")

    content = output.read() if kind == "sync" else anyio.run(output.aread, backend=kind)

    assert content == b"picture"
    assert script.requests[0].headers["X-Job"] == "7"
    assert "X-Job" not in script.requests[1].headers
    assert "Authorization" not in script.requests[1].headers


def test_bound_objects_and_further_clients_follow(kind: Kind, clock: VirtualClock) -> None:
    client, script = start(
        kind, clock, answer(200, prediction("processing")), answer(500, {}), max_retries=3
    )
    first = client.with_options(max_retries=1)
    second = derived(kind, first, timeout=5)
    run = second.predictions.get("p1")

    with pytest.raises(ServerError):
        run.reload() if kind == "sync" else anyio.run(run.reload, backend=kind)

    assert len(script.requests) == 1 + 2
    assert timeouts(script.requests[-1])["read"] == 5


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("timeout", 0),
        ("max_retries", -1),
        ("poll_interval", 0),
        ("file_encoding", "bogus"),
        ("headers", {"X Job": "1"}),
        ("headers", 5),
    ],
)
def test_a_wrong_option_is_rejected_at_once(
    kind: Kind, clock: VirtualClock, name: str, value: Any
) -> None:
    client, _ = start(kind, clock, answer())

    with pytest.raises(InvalidInputError, match=f"^{name} "):
        client.with_options(**{name: value})


@pytest.mark.parametrize("made", [Replicate, AsyncReplicate])
def test_the_options_are_named_as_in_the_constructor(made: type[Any]) -> None:
    options = list(inspect.signature(made.with_options).parameters)[1:]

    assert set(options) < set(inspect.signature(made).parameters)


# Connections


def runs(kind: Kind, server: RawServer, script: Any) -> None:
    """Run a script, written for both clients, with a client of this kind."""

    async def call(value: Any) -> Any:
        return await value if inspect.isawaitable(value) else value

    async def main() -> None:
        if kind == "sync":
            with Replicate("r8_x", f"{server.url}/v1") as blocking:
                await script(call, blocking, blocking.close)
        else:
            async with AsyncReplicate("r8_x", f"{server.url}/v1") as client:
                await script(call, client, client.aclose)

    anyio.run(main, backend="asyncio" if kind == "sync" else kind)


def test_both_use_the_same_connection_which_the_returned_client_does_not_close(
    kind: Kind, start_server: StartServer
) -> None:
    server = start_server()

    async def script(call: Any, client: Any, _: Any) -> None:
        await call(client.run("owner/name"))
        for headers in (None, {"X-Job": "7"}):
            other = client.with_options(timeout=3, headers=headers)
            await call(other.run("owner/name"))
            await call(other.close() if kind == "sync" else other.aclose())
        await call(client.run("owner/name"))

    runs(kind, server, script)

    assert server.connections == 1
    assert [heard.headers.get("x-job") for heard in server.heard] == [None, None, "7", None]
    assert until(lambda: not server.open or None)


def test_closing_the_client_closes_the_connections_of_both(
    kind: Kind, start_server: StartServer
) -> None:
    server = start_server()

    async def script(call: Any, client: Any, close: Any) -> None:
        other = client.with_options(timeout=3)
        await call(other.run("owner/name"))
        await call(close())
        assert until(lambda: not server.open or None)
        await call(other.run("owner/name"))

    runs(kind, server, script)

    assert server.connections == 2


def test_a_returned_client_can_outlive_the_client(start_server: StartServer) -> None:
    server = start_server()

    other = Replicate("r8_x", f"{server.url}/v1").with_options(timeout=3)
    for _ in range(2):
        other.run("owner/name")
    assert server.connections == 1

    del other
    gc.collect()
    assert until(lambda: not server.open or None)


def test_the_lent_httpx_client_has_the_options(kind: Kind, start_server: StartServer) -> None:
    def reply(_: Heard, wire: Wire) -> None:
        wire.send(response(200, DONE))

    server = start_server(reply)

    async def script(call: Any, client: Any, _: Any) -> None:
        other = client.with_options(timeout=3, headers={"X-Job": "7"})
        lent = other.get_httpx_client() if kind == "sync" else other.get_async_httpx_client()
        assert lent.timeout.read == 3
        await call(lent.get("/account"))

    runs(kind, server, script)

    assert server.heard[0].headers["x-job"] == "7"
    assert server.heard[0].headers["authorization"] == "Bearer r8_x"


# Subclasses and pickles


class Team(Replicate):
    """A subclass with attributes and a constructor of its own."""

    def __init__(self, team: str) -> None:
        super().__init__(TOKEN, headers={"X-Team": team})
        self.team = team


def test_a_subclass_keeps_its_type_and_its_attributes() -> None:
    other = Team("blue").with_options(timeout=3)

    assert type(other) is Team
    assert other.team == "blue"


def test_a_pickle_has_the_options() -> None:
    other = Replicate(TOKEN).with_options(max_retries=9, headers={"X-Job": "7"})

    again = pickle.loads(pickle.dumps(other))  # noqa: S301 - our own data

    state = again.__getstate__()["options"]
    assert (state["max_retries"], state["headers"]) == (9, {"X-Job": "7"})
