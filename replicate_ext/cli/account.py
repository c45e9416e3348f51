"""``replicate-ext account``."""

import typer

from replicate_ext.cli._command import Command, examples
from replicate_ext.cli._session import Session

app: typer.Typer = typer.Typer(add_completion=False)


@app.command(cls=Command, epilog=examples("account"))
def account(ctx: typer.Context) -> None:
    """Show the account that the API token belongs to."""
    session = Session.of(ctx)
    found = session.client.account.get()
    session.out.record(
        found,
        {
            "Username": found.username,
            "Name": found.name,
            "Type": found.type,
            "GitHub": found.github_url,
        },
    )
