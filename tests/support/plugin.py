"""Settings of the separate pytest runs in tests of the plugin."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import pytest

Run: TypeAlias = Callable[..., pytest.RunResult]

STRICT = "[pytest]\nfilterwarnings = error\naddopts = --strict-markers --strict-config\n"

FOR_ALL = f"{STRICT}replicate_sandbox = true\n"

VARIABLES = (
    "REPLICATE_API_TOKEN",
    "REPLICATE_BASE_URL",
    "REPLICATE_API_BASE_URL",
    "PYTEST_XDIST_WORKER",  # set if this test runs in a worker itself
    "PYTEST_XDIST_WORKER_COUNT",
)
