"""Requests that create runs: their body, with files in the input encoded or uploaded. Flows."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, cast

from replicate_ext._files.json_values import is_plain
from replicate_ext._files.local_paths import warn_of_paths
from replicate_ext._http.checks import cancel_after_header, check_input
from replicate_ext._network.urls import wrong_base_url_hint

if TYPE_CHECKING:
    from collections.abc import Callable

    from replicate_api.types import RequestArguments

    from replicate_ext._http.flow import Flow
    from replicate_ext._http.settings import Settings
    from replicate_ext._runs.options import CreateOptions
    from replicate_ext._runs.reference import ModelReference
    from replicate_ext.errors import APIError
    from replicate_ext.types import FileEncoding, Input

_PIN_A_VERSION = (
    "Only official models run without a version. Use owner/name:version "
    "(client.models.get(...).latest_version is the newest)"
)


def create_request(
    settings: Settings,
    model: ModelReference,
    input: Input | None,
    options: CreateOptions,
    *,
    cancel_after: float | None,
    deadline: float | None,
) -> Flow[RequestArguments]:
    """Return the request that creates a prediction, after uploading the files in its input.

    Args:
        settings: Settings of the client.
        model: The model to run.
        input: Inputs of the model.
        options: Options of the caller.
        cancel_after: Seconds after which the API cancels the prediction, if the options do not set
            this.
        deadline: Clock time of the deadline; None for no deadline.

    Raises:
        InvalidInputError: Something in the input cannot be sent.
        APIError: A file could not be uploaded.
    """
    optional = {
        "version": model.version,
        "webhook": options.webhook,
        "webhook_events_filter": options.events,
    }
    body = {name: value for name, value in optional.items() if value is not None}
    limit = cancel_after if options.cancel_after is None else options.cancel_after
    arguments = operation_of(model)(
        body=body, cancel_after=None if limit is None else cancel_after_header(limit)
    )
    return with_input(settings, arguments, input, options.file_encoding, deadline=deadline)


def operation_of(model: ModelReference) -> Callable[..., RequestArguments]:
    """Return the function that builds the request for a model.

    Args:
        model: The model to run.
    """
    # Imported late, because most programs need only one of them.
    if model.version:
        from replicate_api.api.predictions import create

        return create.request
    if model.is_deployment:
        from replicate_api.api.deployments import predictions_create as on_deployment

        return partial(on_deployment.request, cast("str", model.owner), cast("str", model.name))
    from replicate_api.api.models import predictions_create as official

    return partial(official.request, cast("str", model.owner), cast("str", model.name))


def with_input(
    settings: Settings,
    arguments: RequestArguments,
    input: Input | None,
    encoding: FileEncoding | None,
    *,
    deadline: float | None = None,
) -> Flow[RequestArguments]:
    """Return a request with the input in its body, after uploading the files in the input.

    Args:
        settings: Settings of the client.
        arguments: The request without its input.
        input: Inputs of the model.
        encoding: How files are sent; None for the client's choice.
        deadline: Clock time of the deadline; None for no deadline.

    Raises:
        InvalidInputError: Something in the input cannot be sent.
        APIError: A file could not be uploaded.
    """
    given = check_input(input)
    warn_of_paths(given)
    body: dict[str, Any] = arguments.get("json", {})
    if is_plain(given):
        return {**arguments, "json": {**body, "input": given}}
    # Imported late, as most inputs have no files.
    from replicate_ext._files.encoding import encode, json_request

    way = encoding or settings.file_encoding
    encoded = yield from encode(settings, given, way, deadline=deadline)
    headers = arguments.get("headers", {})
    return json_request(arguments["url"], {**body, "input": encoded}, headers)


def advice(settings: Settings, model: ModelReference, input: Input, error: APIError) -> str:
    """Return advice on an error of a create; an empty string if there is none.

    Args:
        settings: Settings of the client.
        model: The model to run.
        input: Inputs of the model.
        error: The error.
    """
    if error.status == 404:
        is_pinned = model.version or model.is_deployment
        return wrong_base_url_hint(settings.base_url) or ("" if is_pinned else _PIN_A_VERSION)
    if error.invalid_fields:
        from replicate_ext._files.inputs import path_hint

        return path_hint(input, error.invalid_fields)
    return ""
