"""``replicate-ext models``."""

from typing import Annotated, Literal

import typer

from replicate_ext._schemas.model import InputSchema
from replicate_ext._schemas.value import ValueSchema
from replicate_ext.cli._command import Command, examples
from replicate_ext.cli._errors import UsageError
from replicate_ext.cli._model import find_model, owner_and_name, owner_name_version
from replicate_ext.cli._options import DEFAULT_LIMIT, Limit, Model, Reference, Yes
from replicate_ext.cli._output import show
from replicate_ext.cli._session import Session

app: typer.Typer = typer.Typer(add_completion=False, no_args_is_help=True)


@app.command(cls=Command, epilog=examples('models search "remove background" --limit 5'))
def search(
    ctx: typer.Context,
    query: Annotated[str, typer.Argument(metavar="TEXT", show_default=False)],
    *,
    limit: Limit = DEFAULT_LIMIT,
) -> None:
    """Search the public models by text."""
    session = Session.of(ctx)
    found = session.client.paginate(session.client.models.search, query)
    session.out.items(
        found.items(limit),
        {
            "Model": lambda one: f"{one.owner}/{one.name}",
            "Runs": lambda one: None if one.run_count is None else f"{one.run_count:,}",
            "Description": lambda one: one.description,
        },
    )


@app.command("show", cls=Command, epilog=examples("models show black-forest-labs/flux-schnell"))
def show_(ctx: typer.Context, model: Model) -> None:
    """Show a model."""
    session = Session.of(ctx)
    found = session.client.models.get(*owner_and_name(model))
    version = found.latest_version
    session.out.record(
        found,
        {
            "Model": f"{found.owner}/{found.name}",
            "Description": found.description,
            "Official": found.is_official,
            "Visibility": found.visibility,
            "Runs": found.run_count,
            "Latest version": None if version is None else version.id,
            "Updated": None if version is None else version.created_at,
            "Page": found.url,
            "Source": found.github_url,
            "Paper": found.paper_url,
            "License": found.license_url,
        },
    )


@app.command(cls=Command, epilog=examples("models inputs black-forest-labs/flux-schnell"))
def inputs(ctx: typer.Context, reference: Reference) -> None:
    """Show the inputs of a model: names, types, defaults and descriptions.

    In a pipe, each input is one line of JSON.
    """
    session = Session.of(ctx)
    known = find_model(session.client, reference).schema.inputs
    if known is None:
        raise UsageError(f"the inputs of {reference} are not known")
    if session.out.is_json:
        for one in known.values():
            session.out.json(_as_json(one))
        return
    rows = [
        [
            f"{one.name}{' (required)' if one.is_required else ''}",
            _kind(one.value),
            show(one.default) if one.has_default else "",
            one.description,
        ]
        for one in known.values()
    ]
    session.out.table(["Input", "Type", "Default", "Description"], rows)


@app.command(cls=Command, epilog=examples("models versions stability-ai/sdxl"))
def versions(ctx: typer.Context, model: Model, *, limit: Limit = DEFAULT_LIMIT) -> None:
    """List the versions of a model, newest first."""
    session = Session.of(ctx)
    found = session.client.paginate(session.client.models.versions.list, *owner_and_name(model))
    session.out.items(
        found.items(limit),
        {
            "Version": lambda one: one.id,
            "Created": lambda one: one.created_at,
            "Cog": lambda one: one.cog_version,
        },
    )


@app.command(cls=Command, epilog=examples("models create ada/fox --hardware cpu --private"))
def create(
    ctx: typer.Context,
    model: Model,
    *,
    hardware: Annotated[
        str, typer.Option(metavar="SKU", help="Hardware to run on; see: replicate-ext hardware")
    ],
    private: Annotated[
        bool, typer.Option("--private/--public", help="Who can see and run the model.")
    ] = True,
    description: Annotated[str | None, typer.Option(metavar="TEXT", show_default=False)] = None,
) -> None:
    """Create a model. It has no versions yet."""
    session = Session.of(ctx)
    owner, name = owner_and_name(model)
    visibility: Literal["private", "public"] = "private" if private else "public"
    made = session.client.models.create(
        owner=owner, name=name, hardware=hardware, visibility=visibility, description=description
    )
    fields = {"Model": f"{owner}/{name}", "Visibility": made.visibility, "Page": made.url}
    session.out.record(made, fields)


@app.command(cls=Command, epilog=examples("models delete ada/fox --yes"))
def delete(
    ctx: typer.Context,
    model: Annotated[
        str,
        typer.Argument(
            metavar="MODEL", help="owner/name, or owner/name:version.", show_default=False
        ),
    ],
    *,
    yes: Yes = False,
) -> None:
    """Delete a private model that has no versions, or one version of a model."""
    session = Session.of(ctx)
    owner, name, version = owner_name_version(model)
    session.confirm(f"Delete {model}?", yes=yes)
    if version is None:
        session.client.models.delete(owner, name)
    else:
        session.client.models.versions.delete(owner, name, version)
    session.out.done(f"Deleted {model}", {"deleted": model})


def _kind(value: ValueSchema) -> str:
    """Return a short description of the type of an input."""
    if value.enum is not None:
        return " | ".join(map(show, value.enum))
    if value.is_file:
        return "file"
    if value.items is not None:
        return f"list of {_kind(value.items)}"
    if value.alternatives:
        return " | ".join(map(_kind, value.alternatives))
    name = " | ".join(value.types) or "any"
    low, high = (None if one is None else f"{one:g}" for one in (value.minimum, value.maximum))
    if low is not None and high is not None:
        return f"{name} {low} to {high}"
    return f"{name} from {low}" if low is not None else f"{name} to {high}" if high else name


def _as_json(one: InputSchema) -> dict[str, object]:
    default = {"default": one.default} if one.has_default else {}
    return {
        "name": one.name,
        "type": _kind(one.value),
        "required": one.is_required,
        **default,
        "description": one.description,
    }
