"""The help of the commands, and docs/command-line.md, which has all of it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import print_help
import pytest
from support.bodies import ROOT
from support.commands import Cli

from replicate_ext.cli._errors import ExitCode

DOCUMENT = print_help.DOCUMENT.read_text(encoding="utf-8")
WRITTEN = DOCUMENT.partition(print_help.BEGIN)[0]
BLOCKS = [
    block
    for block in re.findall(r"```shell\n(.*?)```", WRITTEN, re.DOTALL)
    if not block.startswith(("pip ", "replicate-ext sandbox\n"))
]
COMMANDS = [(), *print_help.commands()]


def test_the_document_has_the_help_of_every_command() -> None:
    assert print_help.printed(DOCUMENT) == DOCUMENT, "run `make generate`"


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_fits_80_columns_and_ends_with_an_example(command: tuple[str, ...]) -> None:
    shown = print_help.help_of(*command)
    lines = shown.splitlines()

    assert max(map(len, lines)) <= 80
    if "COMMAND [ARGS]" not in lines[0]:
        title, *examples = shown.rpartition("\n\n")[2].splitlines()
        assert title.strip() in ("Example:", "Examples:")
        assert examples
        begin = f" $ replicate-ext {' '.join(command)}"
        assert [line for line in examples if not line.startswith(begin)] == []


@pytest.mark.parametrize("command", [("sandbox",), ("webhooks", "listen")], ids=" ".join)
def test_help_has_the_names_of_extras(command: tuple[str, ...]) -> None:
    assert "pip install 'replicate-ext[cli,sandbox]'" in print_help.help_of(*command)


def test_the_document_has_every_exit_code() -> None:
    codes = re.findall(r"^\| (\d+) \|", WRITTEN, re.MULTILINE)

    assert codes == [str(int(code)) for code in ExitCode]


@pytest.mark.skipif(os.name != "posix", reason="runs the lines in a POSIX shell")
@pytest.mark.parametrize("block", BLOCKS)
def test_the_blocks_of_the_document_run(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: str
) -> None:
    shutil.copy(ROOT / "examples" / "picture.png", tmp_path)
    (tmp_path / "question.txt").write_text("Why?")
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    cli("run", "replicate/hello-world", "text=x")

    command = ["/bin/sh", "-e", "-c", block]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout


def test_the_document_has_blocks_to_run() -> None:
    assert len(BLOCKS) >= 3


def test_help_imports_neither_the_client_nor_the_commands() -> None:
    code = "from replicate_ext.cli.app import app; app(['--help'])"
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", code], capture_output=True, text=True, check=True
    )
    names = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}

    assert "replicate_ext.cli.app" in names
    late = {"httpx", "replicate_api", "replicate_ext.cli.run", "textual_image"}
    assert names & late == set()


class TestCompletion:
    """Completion as shells ask for it."""

    @pytest.mark.parametrize(
        ("words", "expected"),
        [
            ("replicate-ext pre", {"predictions"}),
            ("replicate-ext predictions ", {"list", "get", "cancel", "wait", "open"}),
            ("replicate-ext models in", {"inputs"}),
            ("replicate-ext predictions list --si", {"--since"}),
            ("replicate-ext run --no", {"--no-wait"}),
        ],
    )
    def test_completes_commands_and_options(self, words: str, expected: set[str]) -> None:
        environment = {
            **os.environ,
            "_REPLICATE_EXT_COMPLETE": "complete_bash",
            "COMP_WORDS": words,
            "COMP_CWORD": str(len(words.split(" ")) - 1),
        }
        done = subprocess.run(
            [str(Path(sys.executable).with_name("replicate-ext"))],
            capture_output=True,
            text=True,
            env=environment,
            check=True,
        )

        assert set(done.stdout.split()) == expected

    @pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
    def test_the_script_of_a_shell_is_printed(self, shell: str) -> None:
        code = (
            "import shellingham, sys; "
            f"shellingham.detect_shell = lambda *_: ({shell!r}, None); "
            "sys.argv[1:] = ['--show-completion']; from replicate_ext.cli import main; main()"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )

        assert "_REPLICATE_EXT_COMPLETE" in done.stdout
