"""``replicate-ext hardware``."""

import typer

from replicate_ext.cli._command import Command, examples
from replicate_ext.cli._session import Session

app: typer.Typer = typer.Typer(add_completion=False)


@app.command(cls=Command, epilog=examples("hardware"))
def hardware(ctx: typer.Context) -> None:
    """List the hardware that models can run on."""
    session = Session.of(ctx)
    session.out.items(
        session.client.hardware.list(), {"SKU": lambda one: one.sku, "Name": lambda one: one.name}
    )
