"""Running a model in four steps: prepare, send, wait, output. No I/O: flows."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING, Any, TypeVar

from replicate_ext._files.json_values import may_have_files
from replicate_ext._http.checks import MAX_CANCEL_AFTER, MIN_CANCEL_AFTER
from replicate_ext._http.flow import shield
from replicate_ext._http.send import send
from replicate_ext._runs.options import CreateOptions, WaitOptions
from replicate_ext._runs.pending import CANCEL_SECONDS, PendingRun
from replicate_ext._runs.plan import plan
from replicate_ext._runs.reference import AnyReference, ModelReference
from replicate_ext._runs.request import advice, create_request

if TYPE_CHECKING:
    from collections.abc import Callable

    from replicate_ext._http.flow import Flow
    from replicate_ext._http.settings import Settings
    from replicate_ext.types import CheckInput, Input

T = TypeVar("T")


class Until(Enum):
    """How long a flow waits for a run."""

    CREATED = auto()
    OUTPUT = auto()
    """Until the output is complete; a held response may have it before the run has ended."""
    END = auto()


def run(
    settings: Settings,
    reference: AnyReference,
    input: Input | None,
    options: CreateOptions,
    waiting: WaitOptions,
) -> Flow[Any]:
    """Run a model and return its output."""
    pending = PendingRun(plan(settings, waiting))

    def output() -> Any:
        output = pending.state.get("output")
        wanted = waiting.use_file_output
        use_files = settings.use_file_output if wanted is None else wanted
        if not use_files or not may_have_files(output):
            return output
        from replicate_ext._files.output import with_files

        return with_files(
            output, settings.download_client, settings.clock, settings.max_download_size
        )

    flow = steps(pending, reference, input, options, until=Until.OUTPUT, output=output)
    return pending.guarded(flow)


def run_prediction(
    settings: Settings,
    reference: AnyReference,
    input: Input | None,
    options: CreateOptions,
    waiting: WaitOptions,
) -> Flow[Any]:
    """Run a model and return the prediction with logs and metrics, which a held response lacks."""
    pending = PendingRun(plan(settings, waiting))

    def output() -> Any:
        return pending.plan.read(pending.state)

    flow = steps(pending, reference, input, options, until=Until.END, output=output)
    return pending.guarded(flow)


def create(
    settings: Settings, reference: AnyReference, input: Input | None, options: CreateOptions
) -> Flow[Any]:
    """Create a prediction and return it without polling."""
    pending = PendingRun(plan(settings, WaitOptions.of()))

    def output() -> Any:
        return pending.plan.read(pending.state)

    flow = steps(pending, reference, input, options, until=Until.CREATED, output=output)
    return pending.guarded(flow)


def steps(
    pending: PendingRun,
    reference: AnyReference,
    input: Input | None,
    options: CreateOptions,
    *,
    until: Until,
    output: Callable[[], T],
) -> Flow[T]:
    """Prepare a request, send it, wait for the run, and return its output.

    Args:
        pending: The run, not created yet. Pass the returned flow to its ``guarded``.
        reference: The model to run.
        input: Inputs of the model.
        options: Options of the request.
        until: How long to wait.
        output: Returns the result.

    Raises:
        PredictionError: The run failed, was canceled or aborted, or did not end before the
            deadline.
        APIError: A request failed.
    """
    settings, deadline = pending.plan.settings, pending.plan.deadline

    # 1. Prepare
    model = ModelReference.of(reference)
    given = input
    if checking := how_to_check(settings, reference, options.check_input):
        # Imported late, as most inputs are not checked.
        from replicate_ext._runs.checking import checked_input

        given = yield from checked_input(
            settings, reference, model, input, how=checking, deadline=deadline
        )
    request = yield from create_request(
        settings,
        model,
        given,
        options,
        cancel_after=_cancel_after_timeout(pending),
        deadline=deadline,
    )

    # 2. Send
    sending = send(
        settings,
        request,
        deadline=deadline,
        wait=options.wait,
        hint=lambda error: advice(settings, model, given or {}, error),
    )
    pending.is_sent = True
    if options.wait:
        pending.read_created((yield from sending), is_held=True)
    else:
        # Shielded from cancellation, so that the ID of the run is known and it can be canceled too.
        yield from shield(pending.create_with(sending), CANCEL_SECONDS)

    # 3. Wait
    if until is not Until.CREATED:
        is_done = until is Until.OUTPUT and pending.is_complete
        yield from pending.until_done(is_done=is_done)
        if not is_done:
            pending.require_success()

    # 4. Output
    return output()


def how_to_check(
    settings: Settings, reference: AnyReference, check_input: CheckInput | None
) -> CheckInput:
    """Return whether and how an input is checked against the model's schema.

    Args:
        settings: Settings of the client.
        reference: The model to run. The inputs of a ModelFunction are checked by default.
        check_input: The option of the call; None for the client's choice.
    """
    if check_input is not None:
        return check_input
    return settings.check_input or hasattr(reference, "__openapi_schema__")


def _cancel_after_timeout(pending: PendingRun) -> float | None:
    """Return the time limit for the API, one second after the timeout; None for no limit."""
    plan = pending.plan
    if plan.deadline is None or not plan.options.cancel_on_exit:
        return None
    timeout = plan.deadline - plan.started
    return timeout + 1 if MIN_CANCEL_AFTER <= timeout <= MAX_CANCEL_AFTER - 1 else None


def sole_reference(reference: AnyReference | None, **named: str | None) -> AnyReference:
    """Return the reference from the only argument that was passed.

    Args:
        reference: The positional argument.
        named: The arguments ``version``, ``model`` and ``deployment``.

    Raises:
        TypeError: No argument was passed, or more than one.
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
