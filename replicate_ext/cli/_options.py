"""Arguments and options that several commands have."""

from typing import Annotated

import typer

Reference = Annotated[
    str,
    typer.Argument(
        metavar="REF",
        help="owner/name, owner/name:version, a version ID, or deployments/owner/name.",
        show_default=False,
    ),
]
Inputs = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[NAME=VALUE]...",
        help="Inputs of the model: name=text, name=@file, name=@- (standard input) or name:=json. "
        "Repeat a name for a list.",
        show_default=False,
    ),
]
Model = Annotated[
    str,
    typer.Argument(metavar="MODEL", help="Model: owner/name.", show_default=False),
]
Id = Annotated[str, typer.Argument(metavar="ID", show_default=False)]
Timeout = Annotated[
    float | None,
    typer.Option(
        metavar="SECONDS",
        help="Cancel the run if it takes longer. Default: no limit.",
        min=0,
        show_default=False,
    ),
]
Webhook = Annotated[
    str | None,
    typer.Option(
        metavar="URL", help="HTTPS URL that receives events of the run.", show_default=False
    ),
]
Limit = Annotated[
    int, typer.Option(metavar="NUMBER", help="Maximum number of results to print.", min=1)
]
DEFAULT_LIMIT = 25
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")]
