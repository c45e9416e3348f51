"""``replicate-ext request``."""

from typing import Annotated

import typer

from replicate_ext.cli._command import Command, examples
from replicate_ext.cli._inputs import read_values
from replicate_ext.cli._session import Session

app: typer.Typer = typer.Typer(add_completion=False)

_WITH_PARAMETERS = ("GET", "HEAD", "DELETE")


@app.command(
    cls=Command,
    epilog=examples(
        "request GET /account",
        "request GET /models sort_by=model_created_at",
        """request POST /predictions version=a/b input:='{"seed": 1}'""",
    ),
)
def request(
    ctx: typer.Context,
    method: Annotated[str, typer.Argument(metavar="METHOD", help="GET, POST, ...")],
    path: Annotated[str, typer.Argument(metavar="PATH", help="Path below the base URL.")],
    values: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME=VALUE]...",
            help="name=text, name=@file or name:=json. With GET and DELETE, values are sent in the "
            "query; otherwise in a JSON body.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Send any request to the API, and print the response."""
    session = Session.of(ctx)
    given = read_values(values or ()) or None
    is_query = method.upper() in _WITH_PARAMETERS
    response = session.client.request(
        method.upper(),
        path,
        params=given if is_query else None,
        json=None if is_query else given,
    )
    media_type = response.headers.get("content-type", "").partition(";")[0].strip()
    if not response.content:
        return
    if not media_type.endswith("json"):
        session.out.raw(response.content)
    elif session.out.is_json:
        session.out.json(response.json())
    else:
        session.out.console.print_json(response.text, ensure_ascii=False)
