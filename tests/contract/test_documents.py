"""Every Python block of the README and the docs runs unchanged against the sandbox."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.blocks import DOCUMENTS, ROOT, Block, blocks

from replicate_ext import AsyncReplicate, Replicate, set_default_client
from replicate_ext.sandbox import Sandbox

BLOCKS = [block for document in DOCUMENTS for block in blocks(document)]


@pytest.fixture(autouse=True)
def newcomer(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty folder with the examples, and a sandbox in place of the API."""
    reset()
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REPLICATE_API_TOKEN", sandbox.api_token)
    monkeypatch.setenv("REPLICATE_BASE_URL", sandbox.base_url)
    logger = logging.getLogger("replicate_ext")
    level = logger.level
    yield
    logger.setLevel(level)
    reset()


def reset() -> None:
    """Let the default clients be created again, from the variables of the environment."""
    for kind in (Replicate, AsyncReplicate):
        set_default_client(None, kind)


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: f"{block.document.name}:{block.line}")
def test_block_runs(block: Block, capsys: pytest.CaptureFixture[str]) -> None:
    compiled = compile(block.padded, str(block.document), "exec")

    exec(compiled, {"__name__": "__main__"})  # noqa: S102 - the documents are ours

    assert capsys.readouterr().out.strip()


def test_the_readme_has_blocks() -> None:
    assert sum(block.document == DOCUMENTS[0] for block in BLOCKS) >= 8
