"""``replicate-ext trainings``."""

from typing import TYPE_CHECKING, Annotated

import typer

from replicate_ext._schemas.model import ModelSchema
from replicate_ext.cli._command import Command, examples
from replicate_ext.cli._ending import leaving_on_interrupt
from replicate_ext.cli._errors import UsageError
from replicate_ext.cli._inputs import read_inputs
from replicate_ext.cli._live import Watched, live_line
from replicate_ext.cli._model import owner_name_version
from replicate_ext.cli._options import DEFAULT_LIMIT, Id, Inputs, Limit, Webhook
from replicate_ext.cli._session import Session

if TYPE_CHECKING:
    from replicate_ext import Training

app: typer.Typer = typer.Typer(add_completion=False, no_args_is_help=True)


@app.command(
    cls=Command,
    epilog=examples("trainings create ada/fox:5c7d5dc6 ada/my-fox images=@foxes.zip"),
)
def create(
    ctx: typer.Context,
    model: Annotated[
        str,
        typer.Argument(
            metavar="MODEL", help="Version to train: owner/name:version.", show_default=False
        ),
    ],
    destination: Annotated[
        str,
        typer.Argument(
            metavar="DESTINATION",
            help="Model that gets the new version: owner/name.",
            show_default=False,
        ),
    ],
    inputs: Inputs = None,
    *,
    webhook: Webhook = None,
) -> None:
    """Start a training, and do not wait for its end."""
    session = Session.of(ctx)
    owner, name, version = owner_name_version(model)
    if version is None:
        raise UsageError(f"'{model}' has no version; write owner/name:version")
    found = session.client.models.versions.get(owner, name, version)
    given = read_inputs(inputs or (), ModelSchema.of(found.openapi_schema).training_inputs)
    made = session.client.trainings.create(
        owner, name, version, destination=destination, input=given, webhook=webhook
    )
    _print(session, made)


@app.command(cls=Command, epilog=examples("trainings get zz4ibbonubfz7carwiefibzgga"))
def get(ctx: typer.Context, training_id: Id) -> None:
    """Show a training."""
    session = Session.of(ctx)
    _print(session, session.client.trainings.get(training_id))


@app.command(cls=Command, epilog=examples("trainings wait zz4ibbonubfz7carwiefibzgga"))
def wait(
    ctx: typer.Context,
    training_id: Id,
    *,
    timeout: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS",
            help="Stop waiting after this time. Default: no limit.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Wait until a training ends, and show it.

    Ctrl-C and the timeout do not cancel the training. To cancel it, use:
    replicate-ext trainings cancel
    """
    session = Session.of(ctx)
    training = session.client.trainings.get(training_id)
    watched = Watched(training)
    with leaving_on_interrupt(session, training), live_line(session.out, watched):
        training.wait(timeout=timeout, on_progress=watched.update, cancel_on_exit=False)
    _print(session, training)


@app.command(cls=Command, epilog=examples("trainings cancel zz4ibbonubfz7carwiefibzgga"))
def cancel(ctx: typer.Context, training_id: Id) -> None:
    """Cancel a training."""
    session = Session.of(ctx)
    _print(session, session.client.trainings.cancel(training_id))


@app.command("list", cls=Command, epilog=examples("trainings list --limit 5"))
def list_(ctx: typer.Context, *, limit: Limit = DEFAULT_LIMIT) -> None:
    """List the trainings of the account, newest first."""
    session = Session.of(ctx)
    session.out.items(
        session.client.paginate(session.client.trainings.list).items(limit),
        {
            "ID": lambda one: one.id,
            "Status": lambda one: one.status,
            "Created": lambda one: one.created_at,
            "Model": lambda one: one.model,
        },
    )


def _print(session: Session, training: "Training") -> None:
    output = training.output
    session.out.record(
        training,
        {
            "ID": training.id,
            "Status": training.status,
            "Model": training.model,
            "Created": training.created_at,
            "Ended": training.completed_at,
            "New version": None if output is None else output.version,
            "Weights": None if output is None else output.weights,
            "Error": training.error,
            "Input": training.input,
            "Metrics": training.metrics,
        },
    )
