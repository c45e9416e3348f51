"""Sessions in a real terminal: the final screen, and Ctrl-C."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from support.bodies import ROOT
from support.commands import Cli

pexpect = pytest.importorskip("pexpect", reason="pexpect needs a POSIX system")
if not hasattr(pexpect, "spawn"):
    pytest.skip("there are no pseudo-terminals", allow_module_level=True)
pyte: Any = pytest.importorskip("pyte")

ROWS, COLUMNS = 40, 100
_QUERY = re.compile(rb"\x1b_.*?\x1b\\", re.DOTALL)
"""A query for Kitty's protocol. The emulator would print it; terminals ignore it."""

pytestmark = pytest.mark.usefixtures("cli")


class Terminal:
    """A terminal that runs one command.

    Args:
        arguments: Arguments of the command.
    """

    def __init__(self, *arguments: str) -> None:
        self.process = pexpect.spawn(
            sys.executable,
            ["-m", "replicate_ext", *arguments],
            env={
                **{name: value for name, value in os.environ.items() if name != "COLUMNS"},
                "TERM": "xterm-256color",
                "COLORTERM": "truecolor",
                "NO_COLOR": "",
            },
            dimensions=(ROWS, COLUMNS),
            timeout=40,
        )
        self.received = b""

    def wait_for(self, text: str) -> None:
        """Read until a text appears."""
        self.process.expect_exact(text.encode())
        self.received += self.process.before + self.process.after

    def finish(self) -> int:
        """Read to the end, and return the exit code."""
        self.process.expect(pexpect.EOF)
        self.received += self.process.before
        self.process.close()
        return int(self.process.exitstatus)

    @property
    def screen(self) -> Any:
        """The screen of a terminal emulator that received the output."""
        screen = pyte.Screen(COLUMNS, ROWS)
        pyte.ByteStream(screen).feed(_QUERY.sub(b"", self.received))
        return screen

    @property
    def lines(self) -> list[str]:
        """The lines on the screen that are not empty."""
        return [line.rstrip() for line in self.screen.display if line.strip()]


def colors(screen: Any, row: int) -> tuple[list[str], list[str]]:
    """Return the colors of the upper and lower halves of a row of half blocks."""
    cells = [cell for _, cell in sorted(screen.buffer[row].items()) if cell.data == "▀"]
    return [cell.fg for cell in cells], [cell.bg for cell in cells]


def near(one: str, other: Any) -> bool:
    found = bytes.fromhex(one)
    return all(abs(a - b) < 40 for a, b in zip(found, other, strict=True))


def test_run_shows_the_picture(tmp_path: Path) -> None:
    shutil.copy(ROOT / "examples" / "picture.png", tmp_path)
    terminal = Terminal("run", "sandbox/posterize", "image=@picture.png", "bits=2")

    assert terminal.finish() == 0

    *picture, saved, metrics = terminal.lines
    assert saved == "Saved posterize.png"
    assert re.fullmatch(r"succeeded: \w+ · total time [\d.]+ s · predict time [\d.]+ s", metrics)
    # The picture is 320 x 200, and a cell is as high as two pixels.
    assert set(picture) == {"▀" * 60}
    assert len(picture) == 19
    with Image.open(tmp_path / "posterize.png") as opened:
        small = opened.convert("RGB").resize((60, 38))
    upper, lower = colors(terminal.screen, 3)
    expected = [small.getpixel((column, 7)) for column in range(60)]
    right = [near(one, color) for one, color in zip(lower, expected, strict=True)]
    assert sum(right) >= 50
    assert upper != lower


def test_run_sends_pixels_to_a_terminal_with_sixels(tmp_path: Path) -> None:
    shutil.copy(ROOT / "examples" / "picture.png", tmp_path)
    terminal = Terminal("run", "sandbox/posterize", "image=@picture.png")
    terminal.wait_for("\x1b[c")
    terminal.process.send("\x1b[?62;4c")

    assert terminal.finish() == 0

    assert b"\x1bP" in terminal.received
    assert "▀" not in terminal.received.decode()


def test_run_shows_status_and_progress() -> None:
    terminal = Terminal("run", "me/progress")

    terminal.wait_for("processing · 50% (1/2)")
    assert terminal.finish() == 0

    assert terminal.lines[0] == "done"
    assert terminal.lines[1].startswith("succeeded: ")


def test_stream_prints_the_text() -> None:
    terminal = Terminal("stream", "sandbox/storyteller", "prompt=a fox", "max_tokens=9")

    assert terminal.finish() == 0

    text, metrics = terminal.lines
    assert text == "Once upon a time, a small robot heard about"
    assert metrics.startswith("succeeded: ")


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("run", "me/endless"), "processing"),
        (("run", "me/endless-text"), "begin"),
        (("stream", "me/endless-text"), "begin"),
    ],
)
def test_an_interrupt_cancels_the_prediction(
    cli: Cli, arguments: tuple[str, ...], text: str
) -> None:
    terminal = Terminal(*arguments)
    terminal.wait_for(text)

    terminal.process.sendintr()

    assert terminal.finish() == 130
    [latest] = cli.lines("predictions", "list", "--limit", "1")
    assert latest["status"] == "canceled"
    assert terminal.lines[-1] == f"Interrupted. Canceled prediction {latest['id']}."


def test_an_interrupt_of_wait_cancels_nothing(cli: Cli) -> None:
    [made] = cli.lines("run", "me/endless", "--no-wait")
    terminal = Terminal("predictions", "wait", made["id"])
    terminal.wait_for("processing")

    os.kill(terminal.process.pid, signal.SIGINT)

    assert terminal.finish() == 130
    assert terminal.lines[-1] == f"Interrupted. The prediction {made['id']} was not canceled."
    assert cli.lines("predictions", "cancel", made["id"])[0]["status"] == "canceled"


def test_a_question_before_something_is_deleted(cli: Cli) -> None:
    cli("models", "create", "sandbox/asked", "--hardware", "cpu")
    terminal = Terminal("models", "delete", "sandbox/asked")
    terminal.wait_for("Delete sandbox/asked? [y/N]:")
    terminal.process.sendline("n")

    assert terminal.finish() == 1
    assert terminal.lines[-1] == "Error: stopped; nothing was changed"
    assert cli("models", "delete", "sandbox/asked", "--yes").exit_code == 0
