"""The base class of the commands, with their common options; formatting of their help."""

import inspect
import re
from typing import Any

from typer.core import TyperCommand, TyperOption

from replicate_ext.cli._session import COLORS, Session

_PANEL = "Common options"


class Command(TyperCommand):
    """A command with ``--json``, ``--color`` and ``--debug``."""

    def __init__(self, *args: Any, help: str | None = None, **options: Any) -> None:
        super().__init__(*args, help=unwrapped(help), **options)
        self.params.extend(common_options())


def unwrapped(text: str | None) -> str:
    """Return a docstring with one line for each paragraph, so that it fits any width."""
    return re.sub(r"(?<!\n)\n(?!\n)", " ", inspect.cleandoc(text or ""))


def examples(*lines: str) -> str:
    """Return the end of a command's help: lines to try in a shell."""
    title = "Example:" if len(lines) == 1 else "Examples:"
    return "\n".join([title, *(f"$ replicate-ext {line}" for line in lines)])


def common_options() -> list[Any]:
    """Return new options that change the session; commands get no arguments for them."""
    return [
        _option("--json", "Print JSON, one object per line, also on a terminal.", is_flag=True),
        _option("--color", f"When to use colors: {', '.join(COLORS)}.", metavar="WHEN"),
        _option("--debug", "Print the traceback of an error.", is_flag=True),
    ]


def _option(name: str, text: str, **options: Any) -> TyperOption:
    return TyperOption(
        param_decls=[name],
        help=text,
        expose_value=False,
        callback=_keep,
        # Before other options, so that it applies to their errors too.
        is_eager=True,
        rich_help_panel=_PANEL,
        **options,
    )


def _keep(ctx: Any, parameter: Any, value: Any) -> None:
    if value:
        Session.of(ctx).set(parameter.name, value)
