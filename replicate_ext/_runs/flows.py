"""Creating runs, waiting for them, and canceling them. No I/O: flows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from replicate_ext._files.plain import is_plain, may_have_files
from replicate_ext._http.flow import shield
from replicate_ext._http.options import (
    MAX_CANCEL_AFTER,
    MIN_CANCEL_AFTER,
    FileEncoding,
    Input,
    cancel_after_header,
    check_input,
)
from replicate_ext._http.send import not_the_api, noted, read_object, send, understood
from replicate_ext._http.urls import wrong_base_url_hint
from replicate_ext._runs.options import CreateOptions, WaitOptions
from replicate_ext._runs.reference import ModelReference, Reference
from replicate_ext._runs.wait import CANCEL_SECONDS, Plan, Wait, plan, prediction_of

if TYPE_CHECKING:
    import httpx
    from replicate_api.models import Prediction, Training
    from replicate_api.types import RequestArguments

    from replicate_ext._http.flow import Flow
    from replicate_ext._http.settings import Settings
    from replicate_ext.errors import APIError

_PIN_A_VERSION = (
    "Only official models run without a version: pin one, as owner/name:version "
    "(client.models.get(...).latest_version has the newest)"
)


def create(
    settings: Settings, reference: Reference, input: Input | None, options: CreateOptions
) -> Flow[Prediction]:
    """Create a prediction and return it as the API responded."""
    watched = Wait(plan(settings, WaitOptions()))
    creating = _create(settings, watched, reference, input, options, deadline=None)
    return (yield from watched.guarded(_prediction_of(watched, creating)))


def _prediction_of(run: Wait, creating: Flow[None]) -> Flow[Prediction]:
    """Create a run and return it: an interrupt between the two still finds it guarded."""
    yield from creating
    return prediction_of(run.run)


def sole_reference(reference: Reference | None, **named: str | None) -> Reference:
    """Return the one reference among the ways to give it.

    Args:
        reference: The positional argument.
        named: The arguments ``version``, ``model`` and ``deployment``.

    Raises:
        TypeError: There is not exactly one.
    """
    given = {name: value for name, value in named.items() if value is not None}
    if reference is not None and not given:
        return reference
    if reference is not None or len(given) != 1:
        raise TypeError(
            "create() takes exactly one of reference, version=, model= and deployment=, got "
            + (", ".join([*(["reference"] if reference is not None else []), *given]) or "none")
        )
    name, value = given.popitem()
    return f"deployments/{value}" if name == "deployment" and isinstance(value, str) else value


def run(
    settings: Settings,
    reference: Reference,
    input: Input | None,
    options: CreateOptions,
    waiting: WaitOptions,
    *,
    use_file_output: bool,
) -> Flow[Any]:
    """Run a model and return its output."""
    prediction = yield from _run(settings, reference, input, options, waiting, whole=False)
    output = prediction.get("output")
    if not use_file_output or not may_have_files(output):
        return output
    from replicate_ext._files.output import with_files

    return with_files(output, settings.lender, settings.clock, settings.max_download_size)


def run_prediction(
    settings: Settings,
    reference: Reference,
    input: Input | None,
    options: CreateOptions,
    waiting: WaitOptions,
) -> Flow[Prediction]:
    """Run a model and return the prediction with logs and metrics, which a held response lacks."""
    prediction = yield from _run(settings, reference, input, options, waiting, whole=True)
    return prediction_of(prediction)


def hold_by_default(
    wait: bool | float | None,  # noqa: FBT001 - as run has it
    *functions: object,
) -> bool | float:
    """Return the ``wait`` of a run; None holds unless a function needs to see the run meanwhile.

    Args:
        wait: As the caller gave it.
        functions: The caller's ``on_progress`` and ``stop``.
    """
    return all(function is None for function in functions) if wait is None else wait


def _run(
    settings: Settings,
    reference: Reference,
    input: Input | None,
    options: CreateOptions,
    waiting: WaitOptions,
    *,
    whole: bool,
) -> Flow[dict[str, Any]]:
    """Create a run and wait for it; ``whole`` waits for its logs and metrics as well."""
    planned = plan(settings, waiting)
    watched = Wait(planned)
    creating = start(settings, watched, planned, reference, input, options)
    yield from watched.guarded(_until_done(watched, creating, whole=whole))
    if whole or not watched.is_complete:
        watched.require_success()
    return watched.run


def _until_done(watched: Wait, creating: Flow[None], *, whole: bool) -> Flow[None]:
    yield from creating
    yield from watched.until_done(is_done=watched.is_complete and not whole)


def start(
    settings: Settings,
    watched: Wait,
    planned: Plan,
    reference: Reference,
    input: Input | None,
    options: CreateOptions,
) -> Flow[None]:
    """Create a prediction that is waited for as planned."""
    if options.cancel_after is None and (limit := _limit_behind(planned)) is not None:
        options = replace(options, cancel_after=limit)
    return _create(settings, watched, reference, input, options, deadline=planned.deadline)


def _limit_behind(planned: Plan) -> float | None:
    """The API's own limit, a second behind the caller's so that ours speaks first."""
    if planned.deadline is None or not planned.cancel_on_exit:
        return None
    timeout = planned.deadline - planned.started
    return timeout + 1 if MIN_CANCEL_AFTER <= timeout <= MAX_CANCEL_AFTER - 1 else None


def _create(
    settings: Settings,
    watched: Wait,
    reference: Reference,
    input: Input | None,
    options: CreateOptions,
    *,
    deadline: float | None,
) -> Flow[None]:
    model = ModelReference.of(reference)
    arguments = yield from _request(settings, model, input, options, deadline=deadline)

    def hint(error: APIError) -> str:
        return _hint(settings, model, input or {}, error)

    sending = send(settings, arguments, deadline=deadline, wait=options.wait, hint=hint)
    creating = understood(_answered(watched, sending))
    # What is canceled while the API holds its answer has no id yet; a short create is finished
    # first, so that the run can be canceled.
    flow = creating if options.wait else shield(creating, CANCEL_SECONDS)
    yield from noted(flow, lambda: watched.is_created)


def _hint(settings: Settings, model: ModelReference, input: Input, error: APIError) -> str:
    """Return what to do about an error of a create, an empty text where that is clear."""
    if error.status == 404:
        is_pinned = model.version or model.is_deployment
        return wrong_base_url_hint(settings.base_url) or ("" if is_pinned else _PIN_A_VERSION)
    if error.invalid_fields:
        from replicate_ext._files.inputs import path_hint

        return path_hint(input, error.invalid_fields)
    return ""


def _request(
    settings: Settings,
    model: ModelReference,
    input: Input | None,
    options: CreateOptions,
    *,
    deadline: float | None,
) -> Flow[RequestArguments]:
    """The request of a create, after the files in its input were uploaded."""
    optional = {
        "version": model.version,
        "webhook": options.webhook,
        "webhook_events_filter": options.events,
    }
    arguments: RequestArguments = {
        "method": "POST",
        "url": model.create_path,
        "json": {name: value for name, value in optional.items() if value is not None},
    }
    if options.cancel_after is not None:
        arguments["headers"] = {"Cancel-After": cancel_after_header(options.cancel_after)}
    encoding = options.file_encoding
    return (yield from with_input(settings, arguments, input, encoding, deadline=deadline))


def with_input(
    settings: Settings,
    arguments: RequestArguments,
    input: Input | None,
    encoding: FileEncoding | None,
    *,
    deadline: float | None = None,
) -> Flow[RequestArguments]:
    """Return a create's request with its input in it, whose files may be uploaded for that.

    Args:
        settings: The client's settings.
        arguments: The request without its input.
        input: What the model takes.
        encoding: How files in it are sent; None for the client's choice.
        deadline: The clock's time after which nothing is waited for.

    Raises:
        InvalidInputError: Something in the input cannot be sent.
        APIError: A file could not be uploaded.
    """
    given = check_input(input)
    body: dict[str, Any] = arguments.get("json", {})
    if is_plain(given):
        return {**arguments, "json": {**body, "input": given}}
    # Imported late, as in most inputs there are no files.
    from replicate_ext._files.encoding import encode, json_request

    encoded = yield from encode(
        settings, given, encoding or settings.file_encoding, deadline=deadline
    )
    headers = arguments.get("headers", {})
    return json_request(arguments["url"], {**body, "input": encoded}, headers)


def _answered(watched: Wait, sending: Flow[httpx.Response]) -> Flow[None]:
    response = yield from sending
    prediction = read_object(response)
    is_held = "Prefer" in response.request.headers
    is_complete = is_held and _is_complete(response, prediction)
    if not is_complete and not prediction.get("id"):
        raise not_the_api(response)
    watched.created(prediction, is_complete=is_complete)


def _is_complete(response: httpx.Response, prediction: dict[str, Any]) -> bool:
    """A held answer with its output is complete though it says processing; a 202 never is."""
    return (
        response.status_code == 201
        and prediction.get("status") == "processing"
        and prediction.get("output") not in (None, "", [], {})
        and "Reason" not in response.headers
    )


def wait(
    settings: Settings,
    run: Prediction | Training | str,
    options: WaitOptions,
    *,
    check: bool,
) -> Flow[Prediction | Training]:
    """Wait for a prediction or training to end and return it."""
    # By name, as importing the class takes longer than anything else here.
    planned = plan(settings, options, is_training=type(run).__name__ == "Training")
    waiting = Wait(planned, {"id": run} if isinstance(run, str) else run.to_dict())
    yield from waiting.guarded(waiting.until_done(is_stale=True))
    if check:
        waiting.require_success()
    return planned.read(waiting.run)
