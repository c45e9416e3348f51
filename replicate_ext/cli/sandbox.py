"""``replicate-ext sandbox``."""

from typing import Annotated

import typer

from replicate_ext.cli._command import Command, examples

app: typer.Typer = typer.Typer(add_completion=False)


@app.command(cls=Command, epilog=examples("sandbox --port 8000"))
def sandbox(
    *,
    port: Annotated[
        int,
        typer.Option(
            metavar="NUMBER",
            help="Port to listen on. Default: any free port.",
            show_default=False,
        ),
    ] = 0,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Host name to accept in addition to loopback names; may be repeated.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Start a local server with the API of Replicate.

    It listens on 127.0.0.1 only, and prints how to use it. It needs the extra sandbox:
    pip install 'replicate-ext[cli,sandbox]'
    """
    from replicate_ext.sandbox.__main__ import main

    hosts = [argument for name in allow_host or () for argument in ("--allow-host", name)]
    main(["--port", str(port), *hosts])
