"""Scripts in Node that drive a browser, or are a client."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from support.bodies import ROOT

SCRIPTS = ROOT / "build" / "browser"
"""The folder where `make test-browser` installs the packages of the scripts."""


class Script:
    """A script in Node that prints JSON, one value a line."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    @classmethod
    @contextmanager
    def running(cls, name: str, *arguments: str) -> Iterator[Script]:
        command = ["node", str(SCRIPTS / name), *arguments]
        pipe = subprocess.PIPE
        with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
            try:
                yield cls(process)
            finally:
                process.kill()

    def __iter__(self) -> Iterator[Any]:
        assert self._process.stdout
        for line in self._process.stdout:
            print(line, end="")  # noqa: T201 - shown by pytest -s
            yield json.loads(line)

    def ask(self, **command: object) -> Any:
        """Send a command, and return the result."""
        self._write(json.dumps(command))
        return next(iter(self))

    def go_on(self) -> None:
        self._write("")

    def _write(self, line: str) -> None:
        assert self._process.stdin
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
