"""Make the function of a model from one of its versions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from replicate_ext import InvalidInputError, InvalidReferenceError, ModelReference
from replicate_ext.typed.function import ModelFunction

if TYPE_CHECKING:
    from replicate_api.models import Model, ModelVersion

    from replicate_ext import AsyncReplicate, Replicate


def names_of(model: ModelReference) -> tuple[str, str]:
    """Return the owner and the name of a model.

    Args:
        model: A reference to the model or to a version of it.

    Raises:
        InvalidReferenceError: The reference is a deployment, or a version ID without a name.
    """
    if model.is_deployment or model.owner is None or model.name is None:
        raise InvalidReferenceError(
            f"invalid reference {str(model)!r}: expected owner/name or owner/name:version"
        )
    return model.owner, model.name


def function_of(
    model: Model | ModelReference,
    version: ModelVersion | None,
    client: Replicate | AsyncReplicate | None,
) -> ModelFunction[dict[str, Any], Any]:
    """Return the function of a version.

    Args:
        model: The model, or a reference to the version.
        version: The version, as the API has it.
        client: Client that runs the model; None for the default client.

    Raises:
        InvalidInputError: The model has no version.
    """
    if version is None or not version.id:
        raise InvalidInputError(f"{model.owner}/{model.name} has no version to run")
    reference = f"{model.owner}/{model.name}"
    if isinstance(model, ModelReference) or not model.is_official:
        reference += f":{version.id}"
    return ModelFunction(reference, version.openapi_schema, client)
