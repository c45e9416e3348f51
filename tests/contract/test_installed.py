"""The wheel in an empty environment: its dependencies, its extras, and the demo."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from support.bodies import ROOT
from support.installed import Installation, build_wheel

from replicate_ext.sandbox import Sandbox

# What each extra is for, done with this extra alone. The others are in tests of their own.
WORKS = {
    "": [
        "import replicate_ext, replicate_ext.batch, replicate_ext.typed",
        "from replicate_api.api.predictions import get",
        "print(all(getattr(replicate_ext, name) for name in replicate_ext.__all__))",
    ],
    "fast": [
        "import msgspec, replicate_ext",
        "print(replicate_ext.Replicate('r8_token') is not None)",
    ],
    "progress": [
        "from replicate_ext import progress_bar",
        "print(progress_bar('a picture') is not None)",
    ],
}
TEST = """
def test_run(replicate_client):
    assert replicate_client.run("replicate/hello-world", {"text": "Ada"}) == "hello Ada"
"""


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    wheel = build_wheel(tmp_path_factory.mktemp("wheel"))
    return Installation.create(tmp_path_factory.mktemp("installation"), wheel)


def test_the_base_install_is_light(installation: Installation) -> None:
    requirements = [Requirement(each) for each in installation.metadata.requires or ()]
    base = {each.name for each in requirements if "extra" not in str(each.marker)}

    assert base == {"attrs", "httpcore", "httpx", "python-dateutil", "sniffio"}
    names = {file.parts[0] for file in installation.metadata.files or ()} - {".."}
    assert {name for name in names if not name.endswith(".dist-info")} == {
        "replicate_api",
        "replicate_ext",
    }


def test_each_extra_has_a_test(installation: Installation) -> None:
    extras = set(installation.metadata.metadata.get_all("Provides-Extra") or ())

    assert extras == {"cli", "fast", "progress", "sandbox", "testing", "types"}


@pytest.mark.parametrize("extra", WORKS)
def test_an_extra_alone_is_enough(installation: Installation, tmp_path: Path, extra: str) -> None:
    extras = (extra,) if extra else ()

    done = installation.run("python", "-c", "\n".join(WORKS[extra]), extras=extras, cwd=tmp_path)

    assert (done.stdout, done.stderr) == ("True\n", "")


def test_the_extra_sandbox_alone_runs_the_demo(installation: Installation, tmp_path: Path) -> None:
    examples = shutil.copytree(ROOT / "examples", tmp_path / "examples")

    done = installation.run("python", examples / "demo.py", extras=("sandbox",), cwd=tmp_path)

    assert (done.returncode, done.stderr) == (0, "")
    assert list(tmp_path.glob("demo-output/*"))


def test_the_extra_cli_alone_runs_a_model(
    installation: Installation, tmp_path: Path, sandbox: Sandbox
) -> None:
    done = installation.run(
        *("replicate-ext", "run", "replicate/hello-world", "text=Ada", "--raw"),
        extras=("cli",),
        cwd=tmp_path,
        REPLICATE_API_TOKEN=sandbox.api_token,
        REPLICATE_BASE_URL=sandbox.base_url,
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "hello Ada", "")
    shown = installation.run(
        *("python", "-c", "from textual_image import renderable; print(renderable.Image)"),
        extras=("cli",),
        cwd=tmp_path,
    )
    assert shown.returncode == 0, shown.stderr


def test_the_extra_types_alone_writes_a_module(
    installation: Installation, tmp_path: Path, sandbox: Sandbox
) -> None:
    done = installation.run(
        *("replicate-ext", "types", "add", "replicate/hello-world"),
        extras=("types",),
        cwd=tmp_path,
        REPLICATE_API_TOKEN=sandbox.api_token,
        REPLICATE_BASE_URL=sandbox.base_url,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "replicate_models" / "hello_world.py").exists()


def test_the_extra_testing_alone_runs_a_test(installation: Installation, tmp_path: Path) -> None:
    (tmp_path / "test_app.py").write_text(TEST, encoding="utf-8")

    done = installation.run("python", "-m", "pytest", "-q", extras=("testing",), cwd=tmp_path)

    assert "1 passed" in done.stdout, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("code", "missing"),
    [
        ("import replicate_ext.sandbox", "sandbox"),
        ("import replicate_ext.testing", "testing"),
        ("import replicate_ext as r; r.progress_bar()", "progress"),
        ("import replicate_ext.batch._progress as p; p.progress_of([])", "progress"),
        ("import replicate_ext.cli as c; c.main()", "cli"),
    ],
)
def test_a_missing_extra_is_named_in_one_line(
    installation: Installation, tmp_path: Path, code: str, missing: str
) -> None:
    done = installation.run("python", "-c", code, cwd=tmp_path)

    assert done.returncode == 1
    assert (
        f": pip install 'replicate-ext[{missing}]'\n" in done.stderr.splitlines(keepends=True)[-1]
    )
    assert "During handling" not in done.stderr


def test_the_sandbox_from_a_terminal_names_its_extra_in_one_line(
    installation: Installation, tmp_path: Path
) -> None:
    done = installation.run("python", "-m", "replicate_ext.sandbox", "--port", "0", cwd=tmp_path)

    assert (done.returncode, done.stdout) == (2, "")
    [line] = done.stderr.splitlines()
    assert line.endswith(": pip install 'replicate-ext[sandbox]'")


@pytest.mark.parametrize(
    ("arguments", "extras", "missing"),
    [
        (["--help"], (), "cli"),
        (["sandbox"], ("cli",), "sandbox"),
        (["webhooks", "listen"], ("cli",), "sandbox"),
        (["types", "add", "replicate/hello-world"], ("cli",), "types"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_a_command_without_its_extra_prints_one_line(
    installation: Installation,
    tmp_path: Path,
    sandbox: Sandbox,
    arguments: list[str],
    extras: tuple[str, ...],
    missing: str,
) -> None:
    done = installation.run(
        "replicate-ext",
        *arguments,
        extras=extras,
        cwd=tmp_path,
        REPLICATE_API_TOKEN=sandbox.api_token,
        REPLICATE_BASE_URL=sandbox.base_url,
    )

    assert done.returncode != 0
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert done.stderr.endswith(f"pip install 'replicate-ext[{missing}]'\n")
