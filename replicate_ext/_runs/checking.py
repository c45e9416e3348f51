"""Checking an input against the schema of its model before anything is sent. Flows."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from replicate_ext._http.checks import check_input
from replicate_ext._http.flow import work
from replicate_ext._http.responses import read_object
from replicate_ext._http.send import send
from replicate_ext._runs import schema_files
from replicate_ext._runs.reference import ModelReference
from replicate_ext._schemas.check import check
from replicate_ext._schemas.model import ModelSchema
from replicate_ext.errors import InvalidInputError, InvalidReferenceError, NotFoundError

if TYPE_CHECKING:
    from replicate_api.types import RequestArguments

    from replicate_ext._http.flow import Flow
    from replicate_ext._http.settings import Settings
    from replicate_ext._runs.reference import AnyReference
    from replicate_ext.types import CheckInput, Input

_MOST_KEPT = 200
"""Number of schemas that a client keeps in memory."""


def checked_input(
    settings: Settings,
    reference: AnyReference,
    model: ModelReference,
    input: Input | None,
    *,
    how: CheckInput,
    deadline: float | None = None,
) -> Flow[Input]:
    """Return an input converted to the types of the model's schema, after checking it.

    The schema of a version is fetched once. The schema of a model or a deployment changes with
    its versions, so it is fetched again before an input is refused.

    Args:
        settings: Settings of the client.
        reference: The model to run, as the caller passed it.
        model: The same reference, parsed.
        input: Inputs of the model.
        how: True to raise an error for an invalid input, "warn" to warn.
        deadline: Clock time of the deadline; None for no deadline.

    Raises:
        InvalidInputError: The input does not match the schema.
        APIError: The schema could not be fetched.
    """
    given = check_input(input)
    key = f"{settings.base_url} {model}"
    schema = settings.schemas.get(key)
    is_new = False
    if schema is None:
        found = yield from work(lambda: _kept(reference, key))
        is_new = found is None
        if found is None:
            found = yield from _fetched(settings, model, key, deadline)
        schema = _remember(settings, key, found)
    checked = check(schema.inputs, given)
    if checked.invalid and not (is_new or model.version):
        found = yield from _fetched(settings, model, key, deadline)
        checked = check(_remember(settings, key, found).inputs, given)
    if checked.invalid:
        error = InvalidInputError(f"invalid input for {model}; nothing was sent", checked.invalid)
        if how != "warn":
            raise error
        message = str(error).replace("; nothing was sent", "", 1)
        warnings.warn(message, UserWarning, stacklevel=2)
    return checked.input


def _kept(reference: AnyReference, key: str) -> object:
    """Return the schema from the reference, or else from the disk; None if neither has it."""
    read = getattr(reference, "__openapi_schema__", None)
    found: object = read() if callable(read) else None
    if found is None:
        version = getattr(reference, "latest_version", reference)
        found = getattr(version, "openapi_schema", None)
    return schema_files.load(key) if found is None else found


def _remember(settings: Settings, key: str, openapi_schema: object) -> ModelSchema:
    schema = ModelSchema.of(openapi_schema)
    while len(settings.schemas) >= _MOST_KEPT:
        settings.schemas.pop(next(iter(settings.schemas)), None)
    settings.schemas[key] = schema
    return schema


def _fetched(
    settings: Settings, model: ModelReference, key: str, deadline: float | None
) -> Flow[object]:
    """Return the ``openapi_schema`` of a model; None if the API has none."""
    try:
        if model.is_deployment:
            model = yield from _released(settings, model, deadline)
        found = yield from _fetch(settings, _request(model), deadline)
    except NotFoundError:
        return None  # the create request will fail, and its error has the reason
    version = found if model.version else found.get("latest_version")
    schema = version.get("openapi_schema") if isinstance(version, dict) else None
    if schema is not None:
        yield from work(lambda: schema_files.save(key, schema))
    return schema


def _released(
    settings: Settings, deployment: ModelReference, deadline: float | None
) -> Flow[ModelReference]:
    """Return the version that a deployment runs."""
    from replicate_api.api.deployments import get

    arguments = get.request(str(deployment.owner), str(deployment.name))
    found = yield from _fetch(settings, arguments, deadline)
    release = found.get("current_release")
    if isinstance(release, dict):
        try:
            return ModelReference.of(f"{release.get('model')}:{release.get('version')}")
        except InvalidReferenceError:
            pass
    return deployment._replace(is_deployment=False)


def _request(model: ModelReference) -> RequestArguments:
    if model.owner is None or model.name is None:
        raise InvalidInputError(
            "check_input needs the name of the model: pass owner/name:version instead of the ID of "
            "a version, or check_input=False"
        )
    if model.version:
        from replicate_api.api.models import versions_get

        return versions_get.request(model.owner, model.name, model.version)
    from replicate_api.api.models import get

    return get.request(model.owner, model.name)


def _fetch(
    settings: Settings, arguments: RequestArguments, deadline: float | None
) -> Flow[dict[str, Any]]:
    return read_object((yield from send(settings, arguments, deadline=deadline)))
