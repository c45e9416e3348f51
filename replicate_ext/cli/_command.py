"""The base class of the commands, with their common options; formatting of their help."""

import inspect
import re
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from replicate_ext.cli._session import COLORS, Session


class Command(TyperCommand):
    """A command with ``--json``, ``--color`` and ``--debug``."""

    def __init__(self, *args: Any, help: str | None = None, **options: Any) -> None:
        super().__init__(*args, help=unwrapped(help), **options)
        self.params.extend(common_options())


def unwrapped(text: str | None) -> str:
    """Return a docstring with one line for each paragraph, so that it fits any width.

    Brackets are escaped: typer reads ``replicate-ext[cli]`` as markup, and would drop ``[cli]``.
    """
    one_line = re.sub(r"(?<!\n)\n(?!\n)", " ", inspect.cleandoc(text or ""))
    return one_line.replace("[", "\\[")


def examples(*lines: str) -> str:
    """Return the end of a command's help: lines to try in a shell."""
    title = "Example:" if len(lines) == 1 else "Examples:"
    return "\n".join([title, *(f"$ replicate-ext {line}" for line in lines)])


def common_options() -> list[Any]:
    """Return new options that change the session; functions of commands do not receive them."""
    app = typer.Typer(add_completion=False)
    app.command(add_help_option=False)(_with_options)
    return list(typer.main.get_command(app).params)


def _keep(ctx: typer.Context, parameter: typer.CallbackParam, value: Any) -> None:
    if value:
        Session.of(ctx).set(str(parameter.name), value)


_SHARED: dict[str, Any] = {
    "expose_value": False,
    "callback": _keep,
    "is_eager": True,  # so that it applies to errors in later options
    "rich_help_panel": "Common options",
    "show_default": False,
}


def _with_options(
    *,
    json: Annotated[
        bool,
        typer.Option(
            "--json", help="Print JSON, one object per line, also on a terminal.", **_SHARED
        ),
    ] = False,
    color: Annotated[
        str | None,
        typer.Option(metavar="WHEN", help=f"When to use colors: {', '.join(COLORS)}.", **_SHARED),
    ] = None,
    debug: Annotated[
        bool, typer.Option("--debug", help="Print the traceback of an error.", **_SHARED)
    ] = False,
) -> None:
    """Declare the options; typer has no public class for options."""
