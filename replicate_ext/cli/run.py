"""``replicate-ext run``."""

from pathlib import Path
from typing import Annotated, Any

import typer

from replicate_ext.cli._command import Command, examples
from replicate_ext.cli._ending import print_prediction, print_raw, reporting_interrupts
from replicate_ext.cli._errors import UsageError
from replicate_ext.cli._inputs import read_inputs
from replicate_ext.cli._live import Watched, live_line
from replicate_ext.cli._model import FoundModel, find_model
from replicate_ext.cli._options import Inputs, Reference, Timeout, Webhook
from replicate_ext.cli._session import Session
from replicate_ext.cli._streaming import print_stream

app: typer.Typer = typer.Typer(add_completion=False)

_EPILOG = examples(
    'run black-forest-labs/flux-schnell prompt="a fox" -o pictures',
    "run openai/whisper audio=@talk.mp3 --raw > talk.txt",
)


@app.command(cls=Command, epilog=_EPILOG)
def run(
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
            help="Directory for the files of the output. Default: on a terminal, the current "
            "directory; else files are not saved.",
            file_okay=False,
            show_default=False,
        ),
    ] = None,
    raw: Annotated[
        bool, typer.Option("--raw", help="Print only the output: text, or the bytes of a file.")
    ] = False,
    no_wait: Annotated[
        bool, typer.Option("--no-wait", help="Create the prediction, and do not wait for its end.")
    ] = False,
    timeout: Timeout = None,
    webhook: Webhook = None,
) -> None:
    """Run a model, and print or save its output.

    Values are converted to the types in the model's schema. An unknown or invalid input is an
    error, and nothing is sent. Ctrl-C cancels the prediction.

    A community model runs with its latest version, unless the reference has a version.
    """
    session = Session.of(ctx)
    if raw and (no_wait or session.json):
        raise UsageError("--raw cannot be combined with --no-wait or --json")
    model = find_model(session.client, reference)
    given = read_inputs(inputs or (), model.schema.inputs)
    if no_wait:
        created = session.client.predictions.create(model.reference, given, webhook=webhook)
        fields = {"ID": created.id, "Status": created.status, "Page": created.urls.web}
        session.out.record(created, fields)
        return
    if _is_text_stream(model) and not session.out.is_json:
        print_stream(session, model, given, timeout=timeout, webhook=webhook)
        return
    watched = Watched()
    with (
        reporting_interrupts(session, lambda: watched.run),
        live_line(session.out, watched),
    ):
        prediction = session.client.predictions.run(
            model.reference,
            given,
            timeout=timeout,
            webhook=webhook,
            on_progress=watched.update,
        )
    if raw:
        print_raw(session.out, prediction)
    else:
        print_prediction(session.out, prediction, model.name, directory)


def _is_text_stream(model: FoundModel) -> bool:
    output: Any = model.schema.output
    items = output.items
    return bool(output.is_iterator and items and items.types == ("string",) and not items.is_file)
