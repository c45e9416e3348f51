"""Every Python block of the README and the docs runs unchanged against the sandbox."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from replicate_ext._http import access
from replicate_ext.sandbox import Sandbox

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)

BLOCKS = [
    pytest.param(
        match[1],
        document,
        text[: match.start()].count("\n") + 2,
        id=f"{document.name}:{text[: match.start()].count(chr(10)) + 2}",
    )
    for document in DOCUMENTS
    for text in [document.read_text(encoding="utf-8")]
    for match in BLOCK.finditer(text)
]


@pytest.fixture(autouse=True)
def newcomer(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty folder with the examples, and a sandbox in place of the API."""
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REPLICATE_API_TOKEN", sandbox.api_token)
    monkeypatch.setattr(access, "DEFAULT_BASE_URL", sandbox.base_url)


@pytest.mark.parametrize(("code", "document", "line"), BLOCKS)
def test_block_runs(
    code: str, document: Path, line: int, capsys: pytest.CaptureFixture[str]
) -> None:
    # Padded with empty lines, so that a traceback has the line numbers of the document.
    compiled = compile("\n" * (line - 1) + code, str(document), "exec")

    exec(compiled, {"__name__": "__main__"})  # noqa: S102 - the documents are ours

    assert capsys.readouterr().out.strip()


def test_the_readme_has_blocks() -> None:
    assert sum(parameter.values[1] == DOCUMENTS[0] for parameter in BLOCKS) >= 8
