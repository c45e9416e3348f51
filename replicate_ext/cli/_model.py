"""Find the model that a command names, with the schema of its inputs and output."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from replicate_ext._schemas.model import ModelSchema
from replicate_ext.cli._errors import UsageError

if TYPE_CHECKING:
    from replicate_ext import Replicate


class FoundModel(NamedTuple):
    """A model that can be run.

    Args:
        reference: The reference to run. A community model has the version that was found.
        name: Name for the files of its output.
        schema: Its inputs and output; empty if they are not known.
    """

    reference: str
    name: str
    schema: ModelSchema


def find_model(client: Replicate, text: str) -> FoundModel:
    """Return the model that a reference names.

    Args:
        client: Client to get the model with.
        text: The reference. For a version ID without a name, the schema is not known.

    Raises:
        InvalidReferenceError: The reference is malformed.
        APIError: The model does not exist, or a request failed.
    """
    from replicate_ext import ModelReference

    reference = ModelReference.of(text)
    owner, name = reference.owner, reference.name
    if owner is None or name is None:
        return FoundModel(text, "output", ModelSchema())
    if reference.is_deployment:
        release = client.deployments.get(owner, name).current_release
        version: Any = None
        if release is not None and release.model and release.version:
            version = client.models.versions.get(f"{release.model}:{release.version}")
    elif reference.version:
        version = client.models.versions.get(owner, name, reference.version)
    else:
        found = client.models.get(owner, name)
        version = found.latest_version
        if found.is_official is False and version is not None:
            text = f"{owner}/{name}:{version.id}"
    return FoundModel(text, name, ModelSchema.of(getattr(version, "openapi_schema", None)))


def owner_and_name(text: str) -> tuple[str, str]:
    """Return the owner and the name in ``owner/name``.

    Raises:
        UsageError: The text has another form.
    """
    owner, name, version = owner_name_version(text)
    if version is not None:
        raise UsageError(f"'{text}' has a version; write {owner}/{name}")
    return owner, name


def owner_name_version(text: str) -> tuple[str, str, str | None]:
    """Return the parts of ``owner/name`` or ``owner/name:version``.

    Raises:
        UsageError: The text has another form.
    """
    from replicate_ext import InvalidReferenceError, ModelReference

    try:
        reference = ModelReference.of(text)
    except InvalidReferenceError:
        reference = ModelReference()
    if reference.owner is None or reference.name is None or reference.is_deployment:
        raise UsageError(f"'{text}' does not have the form owner/name")
    return reference.owner, reference.name, reference.version
