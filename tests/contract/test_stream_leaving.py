"""Streams that are left open: after a break, at the interpreter's exit, in forked children."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import anyio
import pytest
import trio
from support.clients import Kind, make_client
from support.sandboxes import until
from support.server import Api, serving
from support.streams import Live, done, sse

from replicate_ext import StreamInterrupted


@pytest.fixture
def live() -> Iterator[tuple[Api, Live]]:
    """A server whose streams give one event, and then nothing until the client leaves."""
    with serving() as api:
        api.answer = live = Live(lambda _id, _last: (sse("a", 1) + sse("b", 2), "stay"))
        yield api, live


def run_in(kind: Kind, main: Any) -> None:
    asyncio.run(main()) if kind == "asyncio" else trio.run(main)


def test_a_blocking_stream_that_is_collected_is_closed_and_its_run_canceled(
    live: tuple[Api, Live],
) -> None:
    api, server = live
    client = make_client("sync", base_url=api.url)

    def leave() -> None:
        for _ in client.stream("owner/name", {}):
            break

    leave()

    assert server.canceled == ["p1"]
    assert server.left.wait(5)


@pytest.mark.parametrize("way", ["events", "texts"])
@pytest.mark.parametrize("kind", ["asyncio", "trio"])
@pytest.mark.parametrize("goes_on", [True, False])
def test_a_bare_break_cancels_the_run_and_leaves_no_trace(
    kind: Kind,
    live: tuple[Api, Live],
    caplog: pytest.LogCaptureFixture,
    way: str,
    *,
    goes_on: bool,
) -> None:
    api, server = live
    client = make_client(kind, base_url=api.url)

    async def main() -> None:
        stream = client.stream("owner/name", {})
        async for _ in stream if way == "events" else stream.texts():
            break
        del stream
        if goes_on:
            with anyio.fail_after(5):
                await anyio.to_thread.run_sync(lambda: until(lambda: server.canceled or None))

    run_in(kind, main)
    gc.collect()

    assert server.canceled == ["p1"]
    assert server.left.wait(5)
    assert [each.message for each in caplog.records if each.levelno >= logging.WARNING] == []


@pytest.mark.parametrize("kind", ["asyncio", "trio"])
def test_a_stream_that_is_collected_after_its_loop_ended_is_quiet(
    kind: Kind, live: tuple[Api, Live], caplog: pytest.LogCaptureFixture
) -> None:
    api, server = live
    client = make_client(kind, base_url=api.url)
    kept: list[Any] = []

    async def main() -> None:
        kept.append(client.stream("owner/name", {}))
        await anext(kept[0])

    run_in(kind, main)
    kept.clear()
    gc.collect()

    assert server.left.wait(5)
    assert [each.message for each in caplog.records if each.levelno >= logging.ERROR] == []


@pytest.mark.parametrize(
    ("script", "cancels"),
    [
        ("for event in client.stream('owner/name', {}): break", 1),
        ("stream = client.stream('owner/name', {}); next(stream)", 1),
        ("stream = client.stream('owner/name', {}); next(stream); sys.exit(0)", 1),
        ("streams = [client.stream('owner/name', {}) for _ in 'ab']; [*map(next, streams)]", 2),
        ("stream = client.stream('owner/name', {}, cancel_on_exit=False); next(stream)", 0),
        ("stream = client.stream('owner/name', {})", 0),
        ("with client.stream('owner/name', {}) as stream: next(stream)", 1),
    ],
)
def test_a_script_that_leaves_its_streams_open_cancels_their_runs_at_exit(
    live: tuple[Api, Live], script: str, cancels: int
) -> None:
    api, server = live
    start = (
        f"import sys; from replicate_ext import Replicate; client = Replicate('t', {api.url!r})\n"
    )

    ended = subprocess.run(
        [sys.executable, "-W", "error", "-c", start + script],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert (ended.returncode, ended.stderr) == (0, "")
    assert server.canceled == ["p1"] * cancels


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
class TestAForkedChild:
    """A stream belongs to the process that started it; a child never cancels its run."""

    @pytest.fixture
    def api(self) -> Iterator[tuple[Api, Live]]:
        """A server whose streams give two events, and the rest on another connection."""
        connections = [(sse("a", 1) + sse("b", 2), "end"), (sse("c", 3) + done(), "end")]
        with serving() as api:
            api.answer = live = Live(lambda _id, _last: connections.pop(0))
            yield api, live

    SCRIPT = """
import os, sys
from replicate_ext import Replicate, StreamInterrupted
stream = Replicate("t", {url!r}).stream("owner/name", {{}})
texts = [str(next(stream))]
def in_child(leave):
    child = os.fork()
    if child == 0:
        leave()
        sys.exit(0)
    assert os.waitpid(child, 0)[1] == 0
{script}
texts += [str(event) for event in stream]
print("".join(texts))
"""

    @pytest.mark.parametrize(
        "leaving",
        [
            "in_child(lambda: None)",
            "in_child(stream.close)",
            "in_child(lambda: stream.__exit__(None, None, None))",
            "in_child(lambda: globals().pop('stream'))",
            "in_child(lambda: next(stream))",
            """
def read_on():
    try:
        for _ in stream: pass
    except StreamInterrupted as error:
        assert "process" in str(error)
    else:
        raise AssertionError
in_child(read_on)""",
        ],
    )
    def test_never_ends_the_run_of_its_parent(self, api: tuple[Api, Live], leaving: str) -> None:
        server, live = api
        script = self.SCRIPT.format(url=server.url, script=leaving)

        ended = subprocess.run(
            [sys.executable, "-W", "ignore::DeprecationWarning", "-c", script],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

        assert (ended.stderr, ended.stdout) == ("", "abc\n")
        assert live.canceled == []

    def test_has_streams_of_its_own(self, api: tuple[Api, Live]) -> None:
        server, live = api
        script = f"""
import os
from replicate_ext import Replicate
stream = Replicate("t", {server.url!r}).stream("owner/name", {{}})
child = os.fork()
if child == 0:
    next(stream)
    stream.close()
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
"""
        subprocess.run([sys.executable, "-c", script], timeout=30, check=True)

        assert live.canceled == ["p1"]


def test_an_async_stream_that_is_left_by_a_canceled_task_can_be_collected(
    live: tuple[Api, Live],
) -> None:
    api, server = live
    client = make_client("asyncio", base_url=api.url)

    async def main() -> None:
        stream = client.stream("owner/name", {})
        await anext(stream)
        await anext(stream)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(stream), 0.05)
        with pytest.raises(StreamInterrupted):
            await anext(stream)

    asyncio.run(main())
    gc.collect()

    assert server.canceled == ["p1"]
    assert server.left.wait(5)
