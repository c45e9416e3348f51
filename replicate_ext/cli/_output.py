"""Output for people on a terminal, and JSON for programs."""

from __future__ import annotations

import json
import os
import re
import sys
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import TextIO

    from rich.console import Console
    from rich.text import Text

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class Described(Protocol):
    """An object of the API."""

    def to_dict(self) -> dict[str, Any]:
        """Return the object as JSON."""
        ...


ItemT = TypeVar("ItemT", bound=Described)


class Output:
    """Prints results to standard output, and notes about them to standard error.

    Args:
        is_json: Print JSON also on a terminal.
        color: When to use colors: "auto", "always" or "never".
    """

    def __init__(self, *, is_json: bool, color: str) -> None:
        self.is_json = is_json or not is_terminal(sys.stdout)
        self._color = color

    @cached_property
    def console(self) -> Console:
        """Standard output."""
        return _console(sys.stdout, self._color)

    @cached_property
    def notes(self) -> Console:
        """Standard error."""
        return _console(sys.stderr, self._color)

    @cached_property
    def has_live_notes(self) -> bool:
        """Whether a note on standard error can be updated in place."""
        return not self.is_json and is_terminal(sys.stderr)

    def json(self, value: Any) -> None:
        """Print a value as one line of JSON."""
        text = json.dumps(value, ensure_ascii=False, default=str)
        if has_color(sys.stdout, self._color):
            from rich.json import JSON

            highlighted = JSON(text, indent=None, ensure_ascii=False).text
            self.console.print(highlighted, soft_wrap=True)
        else:
            self.raw(f"{text}\n".encode("utf-8", "backslashreplace"))

    def raw(self, content: bytes) -> None:
        """Write bytes, or text as UTF-8, without changes."""
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()

    def text(self, text: str, end: str = "\n") -> None:
        """Print text; a terminal gets it without control characters."""
        self.console.print(
            plain(text), end=end, markup=False, highlight=False, emoji=False, soft_wrap=True
        )

    def note(self, text: str, style: str = "dim") -> None:
        """Print a line to standard error, for people."""
        self.notes.print(plain(text), style=style, markup=False, highlight=False, soft_wrap=True)

    def done(self, text: str, value: Any) -> None:
        """Print that something was done: a line for people, or JSON."""
        if self.is_json:
            self.json(value)
        else:
            self.text(text)

    def items(
        self, items: Iterable[ItemT], columns: Mapping[str, Callable[[ItemT], object]]
    ) -> None:
        """Print a list: a table, or JSON.

        Args:
            items: Objects of the API.
            columns: Titles, and functions that return the value for an object. The last column is
                shortened to the width of the terminal.
        """
        if self.is_json:
            for item in items:
                self.json(item.to_dict())
            return
        rows = [[show(value(item)) for value in columns.values()] for item in items]
        self.table(list(columns), rows)

    def table(self, titles: list[str], rows: list[list[str]]) -> None:
        """Print a table, whose last column is shortened to the width of the terminal."""
        from rich.table import Table

        if not rows:
            self.note("No results.")
            return
        table = Table(box=None, pad_edge=False, header_style="bold")
        for title in titles:
            table.add_column(title, no_wrap=title != titles[-1], overflow="ellipsis")
        for row in rows:
            table.add_row(*map(_cell, row))
        self.console.print(table)

    def record(self, item: Described, fields: Mapping[str, object]) -> None:
        """Print one object: a line for each field that has a value, or JSON.

        Args:
            item: Object of the API.
            fields: Names and values for people.
        """
        if self.is_json:
            self.json(item.to_dict())
            return
        self.fields(fields)

    def fields(self, fields: Mapping[str, object]) -> None:
        """Print a line for each field that has a value."""
        from rich.table import Table
        from rich.text import Text

        grid = Table.grid(padding=(0, 2))
        grid.add_column(style="bold", no_wrap=True)
        grid.add_column(overflow="fold")
        for name, value in fields.items():
            if value not in (None, "", {}):
                grid.add_row(name, Text(show(value)))
        self.console.print(grid)


def is_terminal(stream: TextIO) -> bool:
    """Return whether a stream is a terminal."""
    return stream.isatty()


def has_color(stream: TextIO, color: str) -> bool:
    """Return whether to print colors to a stream."""
    if color == "auto":
        is_dumb = os.environ.get("TERM") == "dumb"
        return is_terminal(stream) and not os.environ.get("NO_COLOR") and not is_dumb
    return color == "always"


def plain(text: str) -> str:
    """Return a text without control characters, which could change the terminal."""
    printable = text.encode("utf-8", "replace").decode()  # without lone surrogates
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", printable.replace("\r\n", "\n"))


def show(value: object) -> str:
    """Format a value from the API for people to read."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value.astimezone():%Y-%m-%d %H:%M:%S}"
    if isinstance(value, dict | list):
        return plain(json.dumps(value, ensure_ascii=False, default=str))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return plain(str(value))


def _cell(text: str) -> Text:
    from rich.text import Text

    return Text(" ".join(text.split()), no_wrap=True, overflow="ellipsis")


def _console(stream: TextIO, color: str) -> Console:
    from rich.console import Console

    return Console(
        file=stream,
        force_terminal=is_terminal(stream),
        color_system=_color_system() if has_color(stream, color) else None,
        no_color=False,  # color_system is None without colors
    )


def _color_system() -> Any:
    """Return the colors that the environment announces; the 16 standard ones by default."""
    is_true_color = os.environ.get("COLORTERM", "").lower() in ("truecolor", "24bit")
    name = os.environ.get("TERM", "")
    return "truecolor" if is_true_color else "256" if "256" in name else "standard"
