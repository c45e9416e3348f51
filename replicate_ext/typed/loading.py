# Printed from async_loading.py by `make generate`; changes made here are lost.
"""Models as typed functions, made from the schemas that the API returns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from replicate_ext import ModelReference, default_client
from replicate_ext.typed.versions import function_of, names_of

if TYPE_CHECKING:
    from replicate_ext import Replicate
    from replicate_ext.typed.function import ModelFunction


def load(reference: str, client: Replicate | None = None) -> ModelFunction[dict[str, Any], Any]:
    """Return a model as a function of its inputs.

    Official models run with their latest version. Other models are pinned to their current latest
    version, because the API does not run them without a version.

    Args:
        reference: ``owner/name`` or ``owner/name:version``.
        client: Client that gets the schema and runs the model. Default: the default client.

    Raises:
        InvalidReferenceError: The reference has another form.
        APIError: The model or its version could not be fetched.
    """
    chosen = default_client() if client is None else client
    model = ModelReference.of(reference)
    owner, name = names_of(model)
    if model.version:
        return function_of(model, chosen.models.versions.get(owner, name, model.version), chosen)
    found = chosen.models.get(owner, name)
    return function_of(found, found.latest_version, chosen)
