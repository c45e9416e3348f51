"""The root command. Each of its commands is imported when it is used."""

import sys
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from replicate_ext.cli._color import chosen_color, help_in_color
from replicate_ext.cli._command import common_options, examples, unwrapped
from replicate_ext.cli._errors import exit_code, report
from replicate_ext.cli._session import Session

COMMANDS = {
    "run": "Run a model, and print or save its output.",
    "stream": "Run a model, and print its output as it arrives.",
    "batch": "Run a model for each row of a CSV or JSON Lines file.",
    "predictions": "List, show, wait for and cancel predictions.",
    "models": "Search, show, create and delete models.",
    "collections": "Show collections of models.",
    "files": "Upload, list and delete files.",
    "deployments": "Create, show, change and delete deployments.",
    "trainings": "Start, show, wait for and cancel trainings.",
    "hardware": "List the hardware that models can run on.",
    "account": "Show the account that the API token belongs to.",
    "webhooks": "Verify webhooks, and receive them during development.",
    "types": "Write models as Python modules with typed functions.",
    "sandbox": "Start a local server with the API of Replicate.",
    "request": "Send any request to the API, and print the response.",
}
"""The first sentence of the help of each command. Its ``app`` is in the module of the same name."""

_EPILOG = examples('run black-forest-labs/flux-schnell prompt="a fox"')


class Root(TyperGroup):
    """Imports commands late, and turns errors into messages and exit codes."""

    def __init__(self, help: str | None = None, **options: Any) -> None:
        super().__init__(help=unwrapped(help), **options)
        self.params.extend(common_options())
        for name, summary in COMMANDS.items():
            self.add_command(TyperCommand(name, help=summary))

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[Any, Any, list[str]]:
        """Return the command that the arguments name, imported now."""
        name, command, rest = super().resolve_command(ctx, args)
        if command is not None:
            command = typer.main.get_command(import_module(f"replicate_ext.cli.{name}").app)
            command.name = name
            command.help = command.help or COMMANDS[str(name)]
        return name, command, rest

    def main(self, *args: Any, **options: Any) -> Any:
        """Run the command, and exit with its code."""
        given = next(iter(args), options.get("args"))
        session = Session()
        session.color = chosen_color(sys.argv[1:] if given is None else given)
        try:
            with help_in_color(session.color):
                code = super().main(*args, **{**options, "standalone_mode": False, "obj": session})
        except Exception as error:  # noqa: BLE001 - every error gets its message and code
            report(error, session)
            code = exit_code(error)
        finally:
            session.close()
        raise SystemExit(code if isinstance(code, int) else 0)


app: typer.Typer = typer.Typer(
    cls=Root,
    no_args_is_help=True,
    epilog=_EPILOG,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(value: bool) -> None:  # noqa: FBT001 - typer calls it
    if value:
        from replicate_ext import __version__

        typer.echo(f"replicate-ext {__version__}")
        raise typer.Exit


@app.callback()
def root(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version.", callback=_print_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Run machine-learning models on Replicate.

    On a terminal, commands print tables, colors and pictures. In a pipe or a file, they print JSON,
    one object per line.

    The environment variable REPLICATE_API_TOKEN must contain an API token. To try the commands
    without one, start a local server with: replicate-ext sandbox
    """
