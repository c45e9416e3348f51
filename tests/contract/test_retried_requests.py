"""Requests of both clients that are sent again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest
from replicate_api.api.deployments import delete as deployments_delete
from support.clients import KINDS, Blocking, Kind, Script, answer, make_client
from support.clock import VirtualClock
from support.outcomes import MAYBE_TAKEN, name_of

from replicate_ext._http.send import perform, send
from replicate_ext.errors import APIError, NotFoundError, OutcomeUnknownError, ServerError

if TYPE_CHECKING:
    from collections.abc import Callable

    from replicate_api.types import RequestArguments

    from replicate_ext._http.flow import Flow
    from replicate_ext._http.policy import Outcome


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


def run_flow(
    kind: Kind,
    clock: VirtualClock,
    flow: Callable[[Any], Flow[Any]],
    *answers: Any,
    max_retries: int = 5,
) -> tuple[Any, Script]:
    """Run a flow as a client runs its own."""
    script = Script(*answers, clock=lambda: clock.time)
    made = make_client(kind, clock=clock.clock, transport=script.transport, max_retries=max_retries)
    driver = made._driver if kind == "sync" else Blocking(made._driver, kind)  # noqa: SLF001 - no method sends DELETE yet
    try:
        return driver.run(flow(made._settings)), script  # noqa: SLF001 - as above
    except APIError as error:
        return error, script


def sending(method: str, path: str, **options: Any) -> Callable[[Any], Flow[Any]]:
    arguments: RequestArguments = {"method": method, "url": path}
    return lambda settings: send(settings, arguments, **options)


def delete(settings: Any) -> Flow[None]:
    arguments = deployments_delete.request("acme", "boats")
    return perform(
        settings, arguments, deployments_delete.parse, repeatable=deployments_delete.REPEATABLE
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("failure", [answer(503), httpx.ReadTimeout("slow")], ids=name_of)
def test_a_delete_that_finds_nothing_on_its_second_try_is_done(
    kind: Kind, clock: VirtualClock, failure: Outcome
) -> None:
    result, script = run_flow(kind, clock, delete, failure, answer(404, {"detail": "Not found"}))

    assert result is None
    assert script.seen == ["DELETE /v1/deployments/acme/boats"] * 2


@pytest.mark.parametrize("kind", KINDS)
def test_a_delete_that_finds_nothing_on_its_first_try_fails(
    kind: Kind, clock: VirtualClock
) -> None:
    result, script = run_flow(kind, clock, delete, answer(404, {"detail": "Not found"}))

    assert isinstance(result, NotFoundError)
    assert len(script.seen) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_anything_else_that_finds_nothing_on_its_second_try_fails(
    kind: Kind, clock: VirtualClock
) -> None:
    flow = sending("GET", "/predictions/p1")

    result, script = run_flow(kind, clock, flow, answer(503), answer(404))

    assert isinstance(result, NotFoundError)
    assert len(script.seen) == 2


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("max_retries", [0, 1, 5])
def test_retries_come_to_an_end(kind: Kind, clock: VirtualClock, max_retries: int) -> None:
    flow = sending("GET", "/predictions")

    result, script = run_flow(kind, clock, flow, answer(502, "<html>"), max_retries=max_retries)

    assert isinstance(result, ServerError)
    assert len(script.seen) == 1 + max_retries


@pytest.mark.parametrize("kind", KINDS)
def test_a_retry_that_would_come_too_late_is_not_waited_for(
    kind: Kind, clock: VirtualClock
) -> None:
    flow = sending("GET", "/predictions", deadline=clock.time + 30)
    soon, late = answer(429, {"retry_after": 10}), answer(429, {"retry_after": 20})

    result, script = run_flow(kind, clock, flow, soon, late)

    assert (result.status, result.retry_after) == (429, 20)
    assert clock.sleeps == [10.5]
    assert len(script.seen) == 2


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("outcome", MAYBE_TAKEN, ids=name_of)
def test_a_create_of_unknown_outcome_says_what_happened(
    kind: Kind, clock: VirtualClock, outcome: Outcome
) -> None:
    result, script = run_flow(kind, clock, sending("POST", "/predictions"), outcome)

    assert isinstance(result, OutcomeUnknownError)
    assert str(result).startswith(f"POST /v1/predictions: {name_of(outcome)}")
    assert "may have succeeded" in str(result)
    assert script.seen == ["POST /v1/predictions"]
