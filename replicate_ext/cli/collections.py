"""``replicate-ext collections``."""

from typing import Annotated

import typer

from replicate_ext.cli._command import Command, examples
from replicate_ext.cli._options import DEFAULT_LIMIT, Limit
from replicate_ext.cli._session import Session

app: typer.Typer = typer.Typer(add_completion=False, no_args_is_help=True)


@app.command("list", cls=Command, epilog=examples("collections list"))
def list_(ctx: typer.Context, *, limit: Limit = DEFAULT_LIMIT) -> None:
    """List the collections of models."""
    session = Session.of(ctx)
    session.out.items(
        session.client.paginate(session.client.collections.list).items(limit),
        {
            "Collection": lambda one: one.slug,
            "Name": lambda one: one.name,
            "Description": lambda one: one.description,
        },
    )


@app.command(cls=Command, epilog=examples("collections show text-to-image"))
def show(
    ctx: typer.Context,
    collection: Annotated[str, typer.Argument(metavar="COLLECTION", show_default=False)],
) -> None:
    """Show the models of a collection. With JSON, one model per line."""
    session = Session.of(ctx)
    found = session.client.collections.get(collection)
    if not session.out.is_json:
        session.out.text(f"{found.name}: {found.description}\n")
    session.out.items(
        found.models,
        {
            "Model": lambda one: f"{one.owner}/{one.name}",
            "Description": lambda one: one.description,
        },
    )
