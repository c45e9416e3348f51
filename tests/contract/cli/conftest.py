from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.commands import MODELS, Cli

from replicate_ext.sandbox import Sandbox


@pytest.fixture(scope="session")
def local() -> Iterator[Sandbox]:
    with Sandbox(MODELS, strict=True) as sandbox:

        @sandbox.model("me/community", official=False)
        def community(text: str = "it") -> str:
            return f"ran {text}"

        yield sandbox


@pytest.fixture
def cli(local: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """The command in an empty folder."""
    monkeypatch.chdir(tmp_path)
    for name, value in {
        "REPLICATE_API_TOKEN": local.api_token,
        "REPLICATE_BASE_URL": local.base_url,
        "COLUMNS": "100",
        "TERM": "xterm",
        "NO_COLOR": "1",
    }.items():
        monkeypatch.setenv(name, value)
    return Cli(local, monkeypatch)
