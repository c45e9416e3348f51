"""``replicate-ext stream``."""

from pathlib import Path
from typing import Annotated

import typer

from replicate_ext.cli._command import Command, examples
from replicate_ext.cli._errors import UsageError
from replicate_ext.cli._inputs import read_inputs
from replicate_ext.cli._model import find_model
from replicate_ext.cli._options import Inputs, Reference, Timeout, Webhook
from replicate_ext.cli._session import Session
from replicate_ext.cli._streaming import print_stream

app: typer.Typer = typer.Typer(add_completion=False)

_EPILOG = examples(
    'stream meta/meta-llama-3-8b-instruct prompt="Tell me a story"',
    "stream meta/meta-llama-3-8b-instruct prompt=@q.txt --raw",
)


@app.command(cls=Command, epilog=_EPILOG)
def stream(
    ctx: typer.Context,
    reference: Reference,
    inputs: Inputs = None,
    *,
    directory: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="DIR",
            help="Directory for the files of the output. Default: the current directory.",
            file_okay=False,
            show_default=False,
        ),
    ] = None,
    raw: Annotated[
        bool, typer.Option("--raw", help="Print only the output, also in a pipe.")
    ] = False,
    timeout: Timeout = None,
    webhook: Webhook = None,
) -> None:
    """Run a model, and print its output as it arrives.

    In a pipe, each event of the stream is one line of JSON: event, data and id. Ctrl-C cancels
    the prediction.
    """
    session = Session.of(ctx)
    if raw and session.json:
        raise UsageError("--raw cannot be combined with --json")
    model = find_model(session.client, reference)
    given = read_inputs(inputs or (), model.schema.inputs)
    print_stream(
        session, model, given, timeout=timeout, webhook=webhook, raw=raw, directory=directory
    )
