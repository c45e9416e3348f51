"""The command ``replicate-ext``: one group of commands per folder."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line."""
    try:
        import typer
    except ModuleNotFoundError:
        sys.exit("The command line needs typer: pip install 'replicate-ext[cli]'")
    from replicate_ext.cli.types import commands as types

    app = typer.Typer(
        name="replicate-ext",
        help="Tools for Replicate's HTTP API.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    app.callback()(lambda: None)  # without it, typer leaves out the name of a single group
    app.add_typer(types.app, name="types")
    app()
