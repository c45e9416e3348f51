"""``replicate-ext predictions``."""

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from replicate_ext.cli._command import Command, examples
from replicate_ext.cli._ending import leaving_on_interrupt, print_prediction
from replicate_ext.cli._errors import UsageError
from replicate_ext.cli._live import Watched, live_line
from replicate_ext.cli._options import DEFAULT_LIMIT, Id
from replicate_ext.cli._session import Session
from replicate_ext.cli._times import read_time

if TYPE_CHECKING:
    from replicate_ext import Prediction

app: typer.Typer = typer.Typer(add_completion=False, no_args_is_help=True)


@app.command("list", cls=Command, epilog=examples('predictions list --since "2 days ago"'))
def list_(
    ctx: typer.Context,
    *,
    since: Annotated[
        str | None,
        typer.Option(
            metavar="TIME",
            help='Only predictions created after this time: "2 days ago", 90m or 2026-11-03.',
            show_default=False,
        ),
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(
            metavar="NUMBER",
            help=f"Maximum number of results. Default: {DEFAULT_LIMIT}; with --since, no limit.",
            min=1,
            show_default=False,
        ),
    ] = None,
) -> None:
    """List the predictions of the account, newest first."""
    from replicate_ext import InvalidInputError

    session = Session.of(ctx)
    client = session.client
    if since is None:
        limit = limit or DEFAULT_LIMIT
    found = client.paginate(
        client.predictions.list, created_after=None if since is None else read_time(since)
    )
    try:
        session.out.items(
            found.items(limit),
            {
                "ID": lambda one: one.id,
                "Status": lambda one: one.status,
                "Created": lambda one: one.created_at,
                "Model": lambda one: one.model or one.deployment or one.version,
            },
        )
    except InvalidInputError:
        raise UsageError(
            f"--since: '{since}' is not a time; write '2 days ago', 90m or 2026-11-03"
        ) from None


@app.command(cls=Command, epilog=examples("predictions get wmy9afe4jm9w980v1lwlt42yyp --json"))
def get(ctx: typer.Context, prediction_id: Id) -> None:
    """Show a prediction."""
    session = Session.of(ctx)
    _print(session, session.client.predictions.get(prediction_id))


@app.command(cls=Command, epilog=examples("predictions cancel wmy9afe4jm9w980v1lwlt42yyp"))
def cancel(ctx: typer.Context, prediction_id: Id) -> None:
    """Cancel a prediction."""
    session = Session.of(ctx)
    _print(session, session.client.predictions.cancel(prediction_id))


@app.command(
    cls=Command, epilog=examples("predictions wait wmy9afe4jm9w980v1lwlt42yyp -o pictures")
)
def wait(
    ctx: typer.Context,
    prediction_id: Id,
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
    timeout: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS",
            help="Stop waiting after this time. Default: no limit.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Wait until a prediction ends, and print its output.

    Ctrl-C and the timeout do not cancel the prediction. To cancel it, use:
    replicate-ext predictions cancel
    """
    session = Session.of(ctx)
    prediction = session.client.predictions.get(prediction_id)
    watched = Watched(prediction)
    with leaving_on_interrupt(session, prediction), live_line(session.out, watched):
        prediction.wait(timeout=timeout, on_progress=watched.update, cancel_on_exit=False)
    name = (prediction.model or "output").rpartition("/")[2]
    print_prediction(session.out, prediction, name, directory)


@app.command("open", cls=Command, epilog=examples("predictions open wmy9afe4jm9w980v1lwlt42yyp"))
def open_(ctx: typer.Context, prediction_id: Id) -> None:
    """Open the page of a prediction in a web browser, and print its URL."""
    session = Session.of(ctx)
    url = session.client.predictions.get(prediction_id).urls.web
    if not url:
        raise UsageError(f"prediction {prediction_id} has no web page")
    if session.out.is_json:
        session.out.json({"url": url})
    else:
        session.out.text(url)
    typer.launch(url)


def _print(session: Session, prediction: "Prediction") -> None:
    session.out.record(
        prediction,
        {
            "ID": prediction.id,
            "Status": prediction.status,
            "Model": prediction.model or prediction.deployment or prediction.version,
            "Created": prediction.created_at,
            "Ended": prediction.completed_at,
            "Page": prediction.urls.web,
            "Error": prediction.error,
            "Input": _shortened(prediction.input),
            "Output": _shortened(prediction.to_dict().get("output")),
            "Metrics": prediction.metrics,
            "Logs": "\n".join((prediction.logs or "").splitlines()[-_LAST_LINES:]),
        },
    )


_LAST_LINES = 10
_LONGEST = 500


def _shortened(value: object) -> object:
    """Return a value with long texts shortened, such as data URIs."""
    if isinstance(value, dict):
        return {name: _shortened(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_shortened(one) for one in islice(value, _LONGEST)]
    is_long = isinstance(value, str) and len(value) > _LONGEST
    return f"{str(value)[:_LONGEST]}..." if is_long else value
