"""``replicate-ext files``."""

from pathlib import Path
from typing import Annotated

import typer

from replicate_ext.cli._command import Command, examples
from replicate_ext.cli._options import DEFAULT_LIMIT, Id, Limit
from replicate_ext.cli._session import Session

app: typer.Typer = typer.Typer(add_completion=False, no_args_is_help=True)


@app.command(cls=Command, epilog=examples("files upload talk.mp3 picture.png"))
def upload(
    ctx: typer.Context,
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", exists=True, dir_okay=False, show_default=False),
    ],
) -> None:
    """Upload files of up to 100 MB each. They expire after a day."""
    session = Session.of(ctx)
    for path in paths:
        made = session.client.files.create(path)
        session.out.record(
            made, {"ID": made.id, "Name": made.name, "URL": made.urls.get, "Until": made.expires_at}
        )


@app.command("list", cls=Command, epilog=examples("files list"))
def list_(ctx: typer.Context, *, limit: Limit = DEFAULT_LIMIT) -> None:
    """List the uploaded files, newest first."""
    session = Session.of(ctx)
    session.out.items(
        session.client.paginate(session.client.files.list).items(limit),
        {
            "ID": lambda one: one.id,
            "Size": lambda one: f"{one.size:,}",
            "Type": lambda one: one.content_type,
            "Until": lambda one: one.expires_at,
            "Name": lambda one: one.name,
        },
    )


@app.command(cls=Command, epilog=examples("files get cneyjc7xxdrgc0r3e8jtjhh6dr"))
def get(ctx: typer.Context, file_id: Id) -> None:
    """Show an uploaded file."""
    session = Session.of(ctx)
    found = session.client.files.get(file_id)
    session.out.record(
        found,
        {
            "ID": found.id,
            "Name": found.name,
            "Type": found.content_type,
            "Bytes": found.size,
            "Created": found.created_at,
            "Until": found.expires_at,
            "URL": found.urls.get,
            "SHA-256": found.checksums.sha256,
            "Metadata": found.metadata,
        },
    )


@app.command(cls=Command, epilog=examples("files delete cneyjc7xxdrgc0r3e8jtjhh6dr"))
def delete(
    ctx: typer.Context,
    file_ids: Annotated[list[str], typer.Argument(metavar="ID...", show_default=False)],
) -> None:
    """Delete uploaded files."""
    session = Session.of(ctx)
    for file_id in file_ids:
        session.client.files.delete(file_id)
        session.out.done(f"Deleted {file_id}", {"deleted": file_id})
