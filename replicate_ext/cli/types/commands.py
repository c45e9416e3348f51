"""The commands of ``replicate-ext types``."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from replicate_api.models import ModelVersion

from replicate_ext import ModelReference, Replicate, ReplicateError
from replicate_ext._schemas.model import ModelSchema
from replicate_ext.cli._command import Command, examples
from replicate_ext.cli.types.changes import changes
from replicate_ext.cli.types.package import Found, NotOurs, Package, needed
from replicate_ext.typed.versions import function_of, names_of

app: typer.Typer = typer.Typer(add_completion=False, no_args_is_help=True)

FAILED = 3
"""Exit status if a model could not be fetched or a file could not be written."""

Out = Annotated[Path, typer.Option("--out", help="Folder of the package.")]
_OUT = Path("replicate_models")
Names = Annotated[
    list[str] | None, typer.Argument(help="Modules or models. Default: all of the package.")
]


class FailOn(StrEnum):
    """Changes that make `types check` fail."""

    BREAKING = "breaking"
    ANY = "any"


@app.command(
    cls=Command,
    epilog=examples("types add black-forest-labs/flux-schnell"),
)
def add(
    models: Annotated[list[str], typer.Argument(help="owner/name or owner/name:version.")],
    out: Out = _OUT,
) -> None:
    """Write a module for each model.

    Official models run with their latest version; others are pinned to a version.
    """
    package = Package(out)
    with Replicate() as client:
        for model in models:
            _write(package, _found(client, model))


@app.command(cls=Command, epilog=examples("types update flux_schnell"))
def update(names: Names = None, out: Out = _OUT) -> None:
    """Write modules again, from the latest versions of their models."""
    package = Package(out)
    with Replicate() as client:
        for old in _chosen(package, names).values():
            _write(package, _found(client, old.reference.partition(":")[0]))


@app.command(cls=Command, epilog=examples("types check"))
def check(
    names: Names = None,
    out: Out = _OUT,
    fail_on: Annotated[
        FailOn, typer.Option(help="Changes that make the command fail.")
    ] = FailOn.BREAKING,
) -> None:
    """Compare modules with the latest versions of their models, and write nothing.

    Exit status: 0 on success, 1 if there is a change that --fail-on selects, 2 for wrong arguments,
    3 if a model could not be fetched.
    """
    fails = False
    with Replicate() as client:
        for name, old in _chosen(Package(out), names).items():
            new = _found(client, old.reference.partition(":")[0])
            found = changes(ModelSchema.of(old.openapi_schema), ModelSchema.of(new.openapi_schema))
            typer.echo(f"{name}: {new.reference.partition(':')[0]}, {_versions(old, new)}")
            for one in found:
                typer.echo(f"  {one}")
            if not found:
                typer.echo("  no changes")
            fails |= any(one.is_breaking or fail_on is FailOn.ANY for one in found)
    if fails:
        raise typer.Exit(1)


@app.command(cls=Command, epilog=examples("types remove flux_schnell"))
def remove(
    names: Annotated[list[str], typer.Argument(help="Modules or models.")], out: Out = _OUT
) -> None:
    """Delete the modules of models."""
    package = Package(out)
    for name in _chosen(package, names):
        package.remove(name)
        typer.echo(f"deleted {out / name}.py")


def _chosen(package: Package, names: list[str] | None) -> dict[str, Found]:
    models = package.models()
    if not names:
        return models
    chosen: dict[str, Found] = {}
    for name in names:
        fitting = {
            module: one
            for module, one in models.items()
            if name in (module, one.reference, one.reference.partition(":")[0])
        }
        if not fitting:
            known = ", ".join(models) or "no modules"
            raise typer.BadParameter(f"{package.folder} has no {name!r}; it has {known}")
        chosen |= fitting
    return chosen


def _versions(old: Found, new: Found) -> str:
    if old.version == new.version:
        return f"version {old.version[:12]}"
    return f"version {old.version[:12]} -> {new.version[:12]}"


def _found(client: Replicate, model: str) -> Found:
    try:
        reference = ModelReference.of(model)
        owner, name = names_of(reference)
        if reference.version:
            version = client.models.versions.get(owner, name, reference.version)
            function = function_of(reference, version, client)
        else:
            latest = client.models.get(owner, name)
            version = latest.latest_version or ModelVersion(id="")
            function = function_of(latest, version, client)
    except ReplicateError as error:
        typer.echo(f"{model}: {error}", err=True)
        raise typer.Exit(FAILED) from None
    return Found(function.reference, version.id or "", needed(version.openapi_schema))


def _write(package: Package, found: Found) -> None:
    try:
        name = package.write(found)
    except ModuleNotFoundError as error:
        typer.echo(f"{error}: pip install 'replicate-ext[types]'", err=True)
        raise typer.Exit(FAILED) from None
    except (NotOurs, OSError, json.JSONDecodeError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(FAILED) from None
    typer.echo(f"wrote {package.folder / name}.py")
