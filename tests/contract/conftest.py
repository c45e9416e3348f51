from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from support.clients import KINDS, Kind
from support.clock import VirtualClock
from support.raw import StartServer, raw_server
from support.server import Api, serving
from support.streams import Live, sse

from replicate_ext.sandbox import Sandbox


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    chosen: Kind = request.param
    return chosen


@pytest.fixture(params=["short", "long"])
def both_ways(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Runs a test on both ways of a request: to the pool directly, and through httpx."""
    if request.param == "long":
        monkeypatch.setattr("replicate_ext._network.shortcut.is_direct", lambda *_, **__: False)
    return str(request.param)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(strict=True) as running:
        yield running


@pytest.fixture
def start_server() -> Iterator[StartServer]:
    """Starts raw servers that run until the test ends."""
    with ExitStack() as stack:
        yield lambda *args, **kwargs: stack.enter_context(raw_server(*args, **kwargs))


@pytest.fixture
def live() -> Iterator[tuple[Api, Live]]:
    """A server whose streams give one event, and then nothing until the client leaves."""
    with serving() as api:
        api.answer = live = Live(lambda _id, _last: (sse("a", 1), "stay"))
        yield api, live
