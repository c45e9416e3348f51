"""Runs the command line in this process."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import anyio
import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from replicate_ext import Replicate
from replicate_ext.cli import _output
from replicate_ext.cli.app import app
from replicate_ext.sandbox import Input, Sandbox


@dataclass
class Cli:
    """The command, with a sandbox in place of the API.

    Args:
        sandbox: The sandbox.
        patch: Pytest's patches.
    """

    sandbox: Sandbox
    patch: pytest.MonkeyPatch

    def __call__(
        self, *arguments: str | Path, terminal: bool = False, stdin: bytes | None = None
    ) -> Result:
        """Run the command, in a pipe or on a terminal."""
        self.patch.setattr(_output, "is_terminal", lambda _stream: terminal)
        return CliRunner().invoke(
            app, [str(one) for one in arguments], input=stdin, prog_name="replicate-ext"
        )

    def sandbox_client(self) -> Replicate:
        """Return another client of the sandbox."""
        return Replicate(api_token=self.sandbox.api_token, base_url=self.sandbox.base_url)

    def lines(self, *arguments: str | Path, stdin: bytes | None = None) -> list[Any]:
        """Run the command in a pipe, and return the JSON of each line."""
        result = self(*arguments, stdin=stdin)
        assert result.exit_code == 0, result.stderr
        return [json.loads(line) for line in result.stdout.splitlines()]

    def shown(self, *arguments: str | Path, stdin: bytes | None = None) -> str:
        """Run the command on a terminal, and return what it prints to standard output."""
        result = self(*arguments, terminal=True, stdin=stdin)
        assert result.exit_code == 0, result.stderr
        return result.stdout


def pictures(count: int = 2) -> list[Image.Image]:
    """Draw pictures."""
    return [Image.new("RGB", (16, 8), (20 * one, 90, 200)) for one in range(count)]


def typed(
    *,
    text: str = "",
    number: float = 0.5,
    count: Annotated[int, Input(ge=1, le=9)] = 1,
    flag: bool = False,
    size: Literal["small", "large"] = "small",
    words: list[str] | None = None,
    numbers: list[int] | None = None,
) -> dict[str, Any]:
    """Return the inputs."""
    return {
        "text": text,
        "number": number,
        "count": count,
        "flag": flag,
        "size": size,
        "words": words or [],
        "numbers": numbers or [],
    }


def failing(reason: str = "no luck\x1b[31m") -> str:
    """Fail."""
    raise ValueError(reason)


def lengths(file: Path, files: list[Path] | None = None) -> list[int]:
    """Return the sizes of files."""
    return [path.stat().st_size for path in [file, *(files or [])]]


async def endless() -> str:
    """Never end."""
    await anyio.sleep_forever()
    return ""


async def endless_text() -> AsyncIterator[str]:
    """Begin, and never end."""
    yield "begin"
    await anyio.sleep_forever()


def progress() -> str:
    """Show the progress of one second."""
    for done in range(2):
        print(  # noqa: T201 - it becomes the log of the prediction
            f"{50 * done}%|{'#' * 5 * done:<10}| {done}/2 [00:00<00:01]"
        )
        time.sleep(0.5)
    return "done"


MODELS: dict[str, Callable[..., object]] = {
    "me/pictures": pictures,
    "me/typed": typed,
    "me/progress": progress,
    "me/failing": failing,
    "me/lengths": lengths,
    "me/endless": endless,
    "me/endless-text": endless_text,
}
