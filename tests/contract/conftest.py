from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.clients import KINDS, Kind
from support.clock import VirtualClock

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
