"""Unit tests start no process and no server: what does belongs in tests/contract."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

FORBIDDEN = {"subprocess.Popen", "os.fork", "os.posix_spawn", "os.system"}
if sys.platform != "win32":  # where an event loop binds a socket to wake itself up
    FORBIDDEN.add("socket.bind")

_unit_tests_run = False


def _forbid(event: str, _: tuple[object, ...]) -> None:
    if _unit_tests_run and event in FORBIDDEN:
        raise AssertionError(f"{event} in a unit test; move the test to tests/contract")


sys.addaudithook(_forbid)


@pytest.fixture(autouse=True, scope="module")
def _without_processes_and_servers() -> Iterator[None]:
    global _unit_tests_run  # noqa: PLW0603 - an audit hook stays for good
    _unit_tests_run = True
    yield
    _unit_tests_run = False
