"""Waiting for many predictions that the caller has created."""

from __future__ import annotations

from typing import Any

import anyio
import pytest
from support.batch_api import BatchAPI
from support.clients import TOKEN, Kind
from support.clock import hurried

from replicate_ext import AsyncReplicate, PredictionTimeout, Replicate
from replicate_ext.batch import as_completed, async_as_completed, async_wait_all, wait_all

SECONDS = [0.4, 0.0, 0.2]


def waited(kind: Kind, url: str, *, in_order: bool, seconds: list[float], **options: Any) -> Any:
    """Create predictions, wait for them, and return the outputs in the order of the results."""
    inputs = [{"n": n, "seconds": each} for n, each in enumerate(seconds)]
    if kind == "sync":
        with Replicate(TOKEN, url, _clock=hurried()) as client:
            made = [client.predictions.create("o/n", each) for each in inputs]
            wait = wait_all if in_order else as_completed
            return [each.output for each in wait([made[0].id, *made[1:]], client, **options)]

    async def run() -> Any:
        async with AsyncReplicate(TOKEN, url, _clock=hurried()) as client:
            made = [await client.predictions.create("o/n", each) for each in inputs]
            given: list[Any] = [made[0].id, *made[1:]]
            if in_order:
                return [each.output for each in await async_wait_all(given, client, **options)]
            return [each.output async for each in async_as_completed(given, client, **options)]

    return anyio.run(run, backend=kind)


def test_predictions_are_returned_in_order(kind: Kind, api: BatchAPI) -> None:
    assert waited(kind, api.url, in_order=True, seconds=SECONDS) == [0, 1, 2]


def test_predictions_are_yielded_when_they_end(kind: Kind, api: BatchAPI) -> None:
    assert waited(kind, api.url, in_order=False, seconds=SECONDS) == [1, 2, 0]


def test_a_prediction_that_does_not_end_in_time_is_not_canceled(kind: Kind, api: BatchAPI) -> None:
    with pytest.raises(PredictionTimeout):
        waited(kind, api.url, in_order=True, seconds=[0, 1000], timeout=0.3)

    assert not any(run.canceled for run in api.kept.runs.values())
