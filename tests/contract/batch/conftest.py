from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.batch_api import BatchAPI, batch_api
from support.batches import Maps
from support.clients import Kind


@pytest.fixture
def api() -> Iterator[BatchAPI]:
    with batch_api() as running:
        yield running


@pytest.fixture
def maps(api: BatchAPI, kind: Kind, tmp_path: Path) -> Maps:
    return Maps(kind, api.url, tmp_path / "runs.db")
