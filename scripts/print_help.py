"""Print the help of every command into docs/command-line.md.

Run by `make generate`; `make drift` runs it with `--check`, which writes nothing and fails if the
document is not up to date.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

os.environ |= {"COLUMNS": "80", "NO_COLOR": "1", "_TYPER_FORCE_DISABLE_TERMINAL": "1"}

from typer.main import get_command
from typer.testing import CliRunner

from replicate_ext.cli.app import COMMANDS, app

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs" / "command-line.md"
BEGIN = "<!-- Everything below is printed by `make generate`; changes made here are lost. -->\n"

_SHARED = re.compile(r"╭─ Common options .*?╯\n", re.DOTALL)


def main() -> int:
    """Print the help of all commands, or check it; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, fail on a difference")
    options = parser.parse_args()
    before = DOCUMENT.read_text(encoding="utf-8")
    after = printed(before)
    if options.check:
        print("docs/command-line.md is", "up to date" if before == after else "not up to date")
        return int(before != after)
    DOCUMENT.write_text(after, encoding="utf-8", newline="\n")
    return 0


def printed(document: str) -> str:
    """Return the document with the help of all commands after its handwritten part."""
    sections = [
        f"{'#' * (2 + len(command))} {' '.join(('replicate-ext', *command))}\n\n"
        f"```text\n{help_of(*command)}\n```\n"
        for command in ((), *commands())
    ]
    return "\n".join([document.partition(BEGIN)[0] + BEGIN, *sections])


def commands() -> Iterator[tuple[str, ...]]:
    """Yield each command, followed by its subcommands."""
    for name in COMMANDS:
        yield (name,)
        found = get_command(import_module(f"replicate_ext.cli.{name}").app)
        for below in getattr(found, "commands", ()):
            yield name, below


def help_of(*command: str) -> str:
    """Return the help of a command at 80 columns. Only the root has the common options."""
    result = CliRunner().invoke(app, [*command, "--help"], prog_name="replicate-ext")
    shown = _SHARED.sub("", result.stdout) if command else result.stdout
    return "\n".join(line.rstrip() for line in shown.splitlines()).strip("\n")


if __name__ == "__main__":
    sys.exit(main())
