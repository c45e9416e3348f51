from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from support.clients import KINDS, Kind
from support.clock import VirtualClock
from support.raw import StartServer, raw_server

from replicate_ext.sandbox import Sandbox


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    chosen: Kind = request.param
    return chosen


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
