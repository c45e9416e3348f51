"""Fixtures for tests of the sandbox."""

from collections.abc import Iterator

import httpx
import pytest
from support.sandboxes import Local, client_of, everything_model

from replicate_ext.sandbox import Sandbox


@pytest.fixture(scope="module")
def client(sandbox: Sandbox) -> Iterator[httpx.Client]:
    with client_of(sandbox) as connected:
        yield connected


@pytest.fixture
def local() -> Iterator[Local]:
    with Local.running() as running:
        yield running


@pytest.fixture(scope="module")
def everything() -> Iterator[httpx.Client]:
    with (
        Sandbox({"me/everything": everything_model}, strict=True) as sandbox,
        client_of(sandbox) as client,
    ):
        yield client
