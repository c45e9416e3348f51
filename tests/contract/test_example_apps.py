"""Four small apps, as a user writes them from the README."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import tokenize
import warnings
from collections.abc import Iterator
from contextlib import ExitStack
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import httpx
import pytest
from support.receivers import receiving
from support.sandboxes import until

from replicate_ext import Replicate
from replicate_ext.sandbox import Sandbox

EXAMPLES = Path(__file__).parents[2] / "examples"
SCRIPTS = [EXAMPLES / name for name in ("app_fastapi.py", "many_pictures.py", "test_app.py")]
NOTEBOOK = EXAMPLES / "pictures.ipynb"
MAX_LINES = 40


@pytest.fixture
def local(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """A sandbox in the environment, and an empty folder to work in."""
    with Sandbox(strict=True) as sandbox:
        monkeypatch.setenv("REPLICATE_API_TOKEN", sandbox.api_token)
        monkeypatch.setenv("REPLICATE_BASE_URL", sandbox.base_url)
        monkeypatch.chdir(tmp_path)
        yield sandbox


def python(*arguments: str | Path) -> str:
    """Run Python in this folder and return what it prints."""
    done = subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def code_lines(path: Path) -> int:
    """Number of lines of code of a script, without docstrings, comments and blank lines."""
    with path.open("rb") as file:
        skipped = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.ENCODING)
        tokens = [each for each in tokenize.tokenize(file.readline) if each.type not in skipped]
    lines = {line for each in tokens for line in range(each.start[0], each.end[0] + 1)}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            lines -= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return len(lines)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_an_app_is_short_and_uses_no_private_name(path: Path) -> None:
    source = path.read_text(encoding="utf-8")

    assert code_lines(path) < MAX_LINES
    for node in ast.walk(ast.parse(source)):
        name = node.attr if isinstance(node, ast.Attribute) else ""
        module = node.module or "" if isinstance(node, ast.ImportFrom) else ""
        assert not name.startswith("_")
        assert "._" not in module


@pytest.mark.usefixtures("local")
def test_the_web_app_streams_and_receives_webhooks(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = spec_from_file_location("app_fastapi", EXAMPLES / "app_fastapi.py")
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    with ExitStack() as stack:
        url = stack.enter_context(receiving(module.app)).removesuffix("/replicate")
        browser = stack.enter_context(httpx.Client(base_url=url))
        monkeypatch.setenv("PUBLIC_URL", url)
        picture = Replicate().files.create(EXAMPLES / "picture.png")

        story = browser.get("/story", params={"prompt": "a key"})
        run_id = browser.post("/posters", params={"image": picture.urls["get"]}).json()
        until(lambda: browser.get(f"/posters/{run_id}").json())

        assert story.headers["Content-Type"].startswith("text/event-stream")
        assert "Once" in story.text
        assert browser.get(f"/posters/{run_id}").json().startswith("http")
        assert browser.post("/replicate", content=b"{}").status_code == 400


@pytest.mark.usefixtures("local")
def test_the_script_run_twice_replaces_no_picture() -> None:
    first = python(EXAMPLES / "many_pictures.py").split()
    second = python(EXAMPLES / "many_pictures.py").split()

    assert first == [str(Path("posters", f"poster-{index}.png")) for index in range(20)]
    assert len({*first, *second}) == 40
    assert all(Path(path).read_bytes().startswith(b"\x89PNG") for path in [*first, *second])


def test_the_test_suite_of_an_app_passes(tmp_path: Path) -> None:
    printed = python(
        "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", tmp_path,
        EXAMPLES / "test_app.py",
    )  # fmt: skip

    assert "3 passed" in printed


def test_the_notebook_shows_pictures_after_the_sandbox_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of packages that only this test needs
        import nbformat
        from nbclient import NotebookClient

        notebook: Any = nbformat.read(NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call] # it has no types
        with Sandbox(strict=True) as sandbox:
            url = sandbox.base_url
            monkeypatch.setenv("REPLICATE_API_TOKEN", sandbox.api_token)
            monkeypatch.setenv("REPLICATE_BASE_URL", url)
            monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
            resources = {"metadata": {"path": str(EXAMPLES)}}
            NotebookClient(notebook, timeout=60, resources=resources).execute()

    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert sum(len(cell.source.splitlines()) for cell in code) < MAX_LINES
    shown = [output.data["text/html"] for cell in code for output in cell.outputs]
    assert [html.count("data:image/png;base64,") for html in shown] == [1, 1, 1, 1]
    assert url not in json.dumps(shown)


def test_the_notebook_is_stored_without_outputs() -> None:
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]

    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in cells)
