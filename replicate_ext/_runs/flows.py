"""Creating runs, waiting for them, and canceling them. No I/O: flows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack

from replicate_ext._files.plain import is_plain, may_have_files
from replicate_ext._http.flow import shield
from replicate_ext._http.options import (
    MAX_CANCEL_AFTER,
    MIN_CANCEL_AFTER,
    FileEncoding,
    Input,
    WaitOptions,
    cancel_after_header,
    check_file_encoding,
    check_input,
    check_wait,
    check_webhook,
)
from replicate_ext._http.send import Settings, not_the_api, noted, read_object, send, understood
from replicate_ext._http.urls import wrong_base_url_hint
from replicate_ext._runs.reference import ModelReference, Reference
from replicate_ext._runs.wait import CANCEL_SECONDS, Plan, Wait, plan, prediction_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import timedelta

    import httpx
    from replicate_api.models import Prediction, Training
    from replicate_api.types import RequestArguments

    from replicate_ext._http.flow import Flow
    from replicate_ext.errors import APIError

_PIN_A_VERSION = (
    "Only official models run without a version: pin one, as owner/name:version "
    "(client.models.get(...).latest_version has the newest)"
)


def create(
    settings: Settings,
    reference: Reference | None = None,
    input: Input | None = None,
    *,
    version: str | None = None,
    model: str | None = None,
    deployment: str | None = None,
    wait: bool | float = False,
    **options: Any,
) -> Flow[Prediction]:
    """Create a prediction and return it as the API answered."""
    chosen = _chosen(reference, version=version, model=model, deployment=deployment)
    run = Wait(plan(settings))
    creating = _create(settings, run, chosen, input, wait=wait, deadline=None, **options)
    return (yield from run.guarded(_prediction_of(run, creating)))


def _prediction_of(run: Wait, creating: Flow[None]) -> Flow[Prediction]:
    """Create a run and return it: an interrupt between the two still finds it guarded."""
    yield from creating
    return prediction_of(run.run)


def _chosen(reference: Reference | None, **named: str | None) -> Reference:
    """The one thing to run among the ways to name it."""
    given = {name: value for name, value in named.items() if value is not None}
    if reference is not None and not given:
        return reference
    if reference is not None or len(given) != 1:
        raise TypeError(
            "create takes exactly one of a reference, version=, model= and deployment=, but got "
            + (", ".join([*(["a reference"] if reference is not None else []), *given]) or "none")
        )
    name, value = given.popitem()
    return f"deployments/{value}" if name == "deployment" and isinstance(value, str) else value


def run(
    settings: Settings,
    reference: Reference,
    input: Input | None,
    *,
    use_file_output: bool = True,
    **options: Any,
) -> Flow[Any]:
    """Run a model and return its output."""
    prediction = yield from _run(settings, reference, input, **options)
    output = prediction.get("output")
    if not use_file_output or not may_have_files(output):
        return output
    from replicate_ext._files.output import with_files

    return with_files(output, settings.lender, settings.clock, settings.max_download_size)


def run_prediction(
    settings: Settings, reference: Reference, input: Input | None, **options: Any
) -> Flow[Prediction]:
    """Run a model and return the prediction with logs and metrics, which a held answer lacks."""
    prediction = yield from _run(settings, reference, input, whole=True, **options)
    return prediction_of(prediction)


def _run(
    settings: Settings,
    reference: Reference,
    input: Input | None,
    *,
    whole: bool = False,
    wait: bool | float | None = None,
    **options: Any,
) -> Flow[dict[str, Any]]:
    """Create a run and wait for it; ``whole`` waits for its logs and metrics as well."""
    if wait is None:  # while the answer is held there is nothing to show and nothing to stop
        wait = options.get("on_progress") is None and options.get("stop") is None
    waiting = {name: options.pop(name) for name in WaitOptions.__annotations__ if name in options}
    planned = plan(settings, **waiting)
    watched = Wait(planned)
    creating = start(settings, watched, planned, reference, input, wait=wait, **options)
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
    *,
    wait: bool | float = False,
    cancel_after: float | timedelta | str | None = None,
    **options: Any,
) -> Flow[None]:
    """Create a prediction that is waited for as planned."""
    limit = _limit_behind(planned) if cancel_after is None else cancel_after
    return _create(
        settings,
        watched,
        reference,
        input,
        wait=wait,
        deadline=planned.deadline,
        cancel_after=limit,
        **options,
    )


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
    *,
    deadline: float | None,
    wait: bool | float,
    **options: Any,
) -> Flow[None]:
    check_wait(wait)  # before a file is uploaded
    model = ModelReference.of(reference)
    arguments = yield from _request(settings, model, input, deadline=deadline, **options)

    def hint(error: APIError) -> str:
        return _hint(settings, model, input or {}, error)

    sending = send(settings, arguments, deadline=deadline, wait=wait, hint=hint)
    creating = understood(_answered(watched, sending))
    # What is canceled while the API holds its answer has no id yet; a short create is finished
    # first, so that the run can be canceled.
    flow = creating if wait else shield(creating, CANCEL_SECONDS)
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
    *,
    deadline: float | None,
    cancel_after: float | timedelta | str | None = None,
    webhook: str | None = None,
    webhook_events_filter: Iterable[str] | None = None,
    file_encoding: FileEncoding | None = None,
) -> Flow[RequestArguments]:
    """The request of a create, after the files in its input were uploaded."""
    encoding = settings.file_encoding if file_encoding is None else file_encoding
    check_file_encoding(encoding)
    events = check_webhook(webhook, webhook_events_filter)
    optional = {"version": model.version, "webhook": webhook, "webhook_events_filter": events}
    arguments: RequestArguments = {
        "method": "POST",
        "url": model.create_path,
        "json": {name: value for name, value in optional.items() if value is not None},
    }
    if cancel_after is not None:
        arguments["headers"] = {"Cancel-After": cancel_after_header(cancel_after)}
    return (yield from with_input(settings, arguments, input, encoding, deadline=deadline))


def with_input(
    settings: Settings,
    arguments: RequestArguments,
    input: Input | None,
    encoding: FileEncoding,
    *,
    deadline: float | None = None,
) -> Flow[RequestArguments]:
    """Return a create's request with its input in it, whose files may be uploaded for that.

    Args:
        settings: The client's settings.
        arguments: The request without its input.
        input: What the model takes.
        encoding: How files in it are sent.
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

    encoded = yield from encode(settings, given, encoding, deadline=deadline)
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
    *,
    check: bool = True,
    **options: Unpack[WaitOptions],
) -> Flow[Prediction | Training]:
    """Wait for a prediction or training to end and return it."""
    # By name, as importing the class takes longer than anything else here.
    is_training = type(run).__name__ == "Training"
    planned = plan(settings, is_training=is_training, **options)
    waiting = Wait(planned, {"id": run} if isinstance(run, str) else run.to_dict())
    yield from waiting.guarded(waiting.until_done(is_stale=True))
    if check:
        waiting.require_success()
    return planned.read(waiting.run)
