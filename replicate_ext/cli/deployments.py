"""``replicate-ext deployments``."""

from typing import TYPE_CHECKING, Annotated

import typer

from replicate_ext.cli._command import Command, examples
from replicate_ext.cli._errors import UsageError
from replicate_ext.cli._model import owner_and_name, owner_name_version
from replicate_ext.cli._options import DEFAULT_LIMIT, Limit, Yes
from replicate_ext.cli._session import Session

if TYPE_CHECKING:
    from replicate_api.models import Deployment

app: typer.Typer = typer.Typer(add_completion=False, no_args_is_help=True)

Name = Annotated[
    str, typer.Argument(metavar="DEPLOYMENT", help="Deployment: owner/name.", show_default=False)
]


@app.command("list", cls=Command, epilog=examples("deployments list"))
def list_(ctx: typer.Context, *, limit: Limit = DEFAULT_LIMIT) -> None:
    """List the deployments of the account."""
    session = Session.of(ctx)
    session.out.items(
        session.client.paginate(session.client.deployments.list).items(limit),
        {
            "Deployment": lambda one: f"{one.owner}/{one.name}",
            "Model": lambda one: one.current_release and one.current_release.model,
        },
    )


@app.command(cls=Command, epilog=examples("deployments show ada/fox-app"))
def show(ctx: typer.Context, deployment: Name) -> None:
    """Show a deployment."""
    session = Session.of(ctx)
    _print(session, session.client.deployments.get(*owner_and_name(deployment)))


@app.command(
    cls=Command,
    epilog=examples("deployments create app ada/fox:5c7d5dc6 --hardware cpu --max 2"),
)
def create(
    ctx: typer.Context,
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Name of the deployment.", show_default=False)
    ],
    model: Annotated[
        str, typer.Argument(metavar="MODEL", help="owner/name:version", show_default=False)
    ],
    *,
    hardware: Annotated[
        str, typer.Option(metavar="SKU", help="Hardware to run on; see: replicate-ext hardware")
    ],
    least: Annotated[
        int, typer.Option("--min", metavar="NUMBER", help="Fewest instances.", min=0)
    ] = 0,
    most: Annotated[int, typer.Option("--max", metavar="NUMBER", help="Most instances.")] = 1,
) -> None:
    """Create a deployment of a version of a model."""
    session = Session.of(ctx)
    owner, model_name, version = owner_name_version(model)
    if version is None:
        raise UsageError(f"'{model}' has no version; write owner/name:version")
    made = session.client.deployments.create(
        name=name,
        model=f"{owner}/{model_name}",
        version=version,
        hardware=hardware,
        min_instances=least,
        max_instances=most,
    )
    _print(session, made)


@app.command(cls=Command, epilog=examples("deployments update ada/fox-app --min 1 --max 5"))
def update(
    ctx: typer.Context,
    deployment: Name,
    *,
    version: Annotated[
        str | None, typer.Option(metavar="ID", help="Version to run.", show_default=False)
    ] = None,
    hardware: Annotated[
        str | None,
        typer.Option(
            metavar="SKU",
            help="Hardware to run on; see: replicate-ext hardware",
            show_default=False,
        ),
    ] = None,
    least: Annotated[
        int | None,
        typer.Option(
            "--min", metavar="NUMBER", help="Fewest instances.", min=0, show_default=False
        ),
    ] = None,
    most: Annotated[
        int | None,
        typer.Option("--max", metavar="NUMBER", help="Most instances.", min=0, show_default=False),
    ] = None,
) -> None:
    """Change the version, the hardware or the number of instances of a deployment."""
    session = Session.of(ctx)
    if version is None and hardware is None and least is None and most is None:
        raise UsageError("nothing to change; use --version, --hardware, --min or --max")
    changed = session.client.deployments.update(
        *owner_and_name(deployment),
        version=version,
        hardware=hardware,
        min_instances=least,
        max_instances=most,
    )
    _print(session, changed)


@app.command(cls=Command, epilog=examples("deployments delete ada/fox-app --yes"))
def delete(ctx: typer.Context, deployment: Name, *, yes: Yes = False) -> None:
    """Delete a deployment. The API refuses to delete a deployment that is in use."""
    session = Session.of(ctx)
    owner, name = owner_and_name(deployment)
    session.confirm(f"Delete {deployment}?", yes=yes)
    session.client.deployments.delete(owner, name)
    session.out.done(f"Deleted {deployment}", {"deleted": deployment})


def _print(session: Session, deployment: "Deployment") -> None:
    release = deployment.current_release
    configuration = None if release is None else release.configuration
    fields: dict[str, object] = {"Deployment": f"{deployment.owner}/{deployment.name}"}
    if release is not None:
        fields |= {
            "Release": release.number,
            "Model": release.model,
            "Version": release.version,
            "Created": release.created_at,
        }
    if configuration is not None:
        fields |= {
            "Hardware": configuration.hardware,
            "Instances": f"{configuration.min_instances} to {configuration.max_instances}",
        }
    session.out.record(deployment, fields)
