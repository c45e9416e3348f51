"""Low file limits, many event loops, and forks; each test in its own process."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time

import httpx
import pytest
from support.clients import BASE_URL, TOKEN, prediction
from support.measure import open_files
from support.raw import DONE, Heard, StartServer, Wire, response
from support.sandboxes import until

from replicate_ext import Replicate
from replicate_ext._network.clients import Clients, Opened

FEW_FILES = """
import asyncio, logging, resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))
from replicate_ext import AsyncReplicate

# Every retry is logged: there is to be none.
logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="%(message)s")
logging.getLogger("httpx").setLevel(logging.WARNING)

async def main(api, files):
    client = AsyncReplicate("r8_x", api)
    outputs = await asyncio.gather(*[client.run("owner/name", {}) for _ in range(300)])
    contents = await asyncio.gather(*[output.aread() for output in outputs])
    assert contents == [b"file"] * 300

asyncio.run(main(*sys.argv[1:]))
"""


def test_idle_connections_to_one_host_make_room_for_those_to_another(
    start_server: StartServer,
) -> None:
    pytest.importorskip("resource", reason="Windows has no limit of open files")
    files = start_server(lambda _, wire: wire.send(response(200, b"file")))
    output = prediction("succeeded", output=f"{files.url}/file.txt")
    api = start_server(lambda _, wire: wire.send(response(201, output)))

    done = subprocess.run(
        [sys.executable, "-c", FEW_FILES, f"{api.url}/v1", files.url],
        check=True,
        timeout=60,
        stdout=subprocess.PIPE,
        text=True,
    )

    assert done.stdout == ""


STREAM_AND_FEW_FILES = """
import resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100))
from replicate_ext import Replicate

client = Replicate("r8_x", sys.argv[1])
with client.stream("owner/name", {}) as events:
    next(events)
    assert client.run("owner/name", {}, timeout=10) == "done"
"""


def test_a_run_inside_an_open_stream_needs_no_second_hundred_files(
    start_server: StartServer,
) -> None:
    pytest.importorskip("resource", reason="Windows has no limit of open files")

    def answer(heard: Heard, wire: Wire) -> None:
        if heard.target == "/stream":
            head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
            wire.send(head + b"event: output\ndata: x\n\n")
            wire.hang()
        is_streamed = len(server.heard) == 1
        urls = {"stream": f"{server.url}/stream"}
        run = prediction("processing", urls=urls) if is_streamed else DONE
        wire.send(response(200 if heard.target.endswith("/cancel") else 201, run))

    server = start_server(answer)

    subprocess.run(
        [sys.executable, "-c", STREAM_AND_FEW_FILES, f"{server.url}/v1"], check=True, timeout=60
    )


LOOPS = """
import asyncio, gc, sys, warnings
from pathlib import Path
import trio
from replicate_ext import AsyncReplicate

warnings.simplefilter("ignore", ResourceWarning)  # a loop that is dropped closes nothing itself
client = AsyncReplicate("r8_x", sys.argv[1])

async def run():
    assert await client.run("owner/name", {}) == "done"

def closed_by_hand():
    loop = asyncio.new_event_loop()
    loop.run_until_complete(run())
    loop.close()

def dropped():
    asyncio.new_event_loop().run_until_complete(run())

def opened():
    gc.collect()
    return sum(1 for _ in Path("/proc/self/fd").iterdir())

ways = {
    "closed by hand": closed_by_hand,
    "dropped": dropped,
    "asyncio.run": lambda: asyncio.run(run()),
    "trio.run": lambda: trio.run(run),
}
way = ways[sys.argv[2]]
way()
before = opened()
for _ in range(20 if sys.argv[2] == "trio.run" else 50):
    way()
assert opened() <= before + 2, f"{before} open files became {opened()}"
"""


@pytest.mark.parametrize("way", ["closed by hand", "dropped", "asyncio.run", "trio.run"])
def test_event_loops_leave_no_open_files_behind(way: str, start_server: StartServer) -> None:
    open_files()  # skips where that cannot be counted
    server = start_server()

    subprocess.run([sys.executable, "-c", LOOPS, f"{server.url}/v1", way], check=True, timeout=60)

    assert until(lambda: not server.open or None)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_forked_child_has_connections_of_its_own(start_server: StartServer) -> None:
    server = start_server()
    client = Replicate("r8_x", f"{server.url}/v1")
    client.run("owner/name", {})

    child = os.fork()
    if child == 0:
        try:
            os._exit(0 if client.run("owner/name", {}) == "done" else 1)
        finally:
            os._exit(2)
    _, status = os.waitpid(child, 0)
    client.run("owner/name", {})
    client.close()

    assert status == 0
    assert [heard.connection for heard in server.heard] == [0, 1, 0]


LEAVES = """
import os, sys
from replicate_ext import Replicate

parent = os.getpid()

def leave(_):
    if os.getpid() == parent:
        child = os.fork()
        if child == 0:
            sys.exit()
        os.waitpid(child, 0)

output = Replicate("r8_x", sys.argv[1]).run("owner/name", {}, on_progress=leave)
assert output == "done"
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_child_that_leaves_cancels_nothing_of_its_parent(
    start_server: StartServer,
) -> None:
    def answer(heard: Heard, wire: Wire) -> None:
        run = prediction("processing") if heard.method == "POST" else DONE
        wire.send(response(201, run))

    server = start_server(answer)

    subprocess.run([sys.executable, "-c", LEAVES, f"{server.url}/v1"], check=True, timeout=60)

    assert not any(seen.endswith("/cancel") for seen in server.seen)


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
