"""Waiting for many predictions that the caller has created."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from replicate_ext import default_async_client
from replicate_ext.batch._async_primitives import (
    AsyncChannel,
    AsyncWorkers,
    async_interrupter,
)
from replicate_ext.batch._outcomes import BatchEnded

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable

    from replicate_api import models

    from replicate_ext import AsyncPrediction, AsyncReplicate


async def async_wait_all(
    predictions: Iterable[models.Prediction | str],
    client: AsyncReplicate | None = None,
    *,
    timeout: float | None = None,
) -> list[AsyncPrediction]:
    """Wait until all predictions have ended, and return them in the same order.

    Predictions that failed or were canceled are returned too: see their ``status``.

    Args:
        predictions: The predictions or their IDs.
        client: The client. Default: the default client.
        timeout: Seconds for each prediction. Default: no limit.

    Raises:
        PredictionTimeout: A prediction did not end in time. The predictions are not canceled.
        APIError: A request failed.
    """
    given = list(predictions)
    found: list[Any] = [None] * len(given)
    async for number, prediction in _ended(given, client, timeout):
        found[number] = prediction
    return found


async def async_as_completed(
    predictions: Iterable[models.Prediction | str],
    client: AsyncReplicate | None = None,
    *,
    timeout: float | None = None,
) -> AsyncGenerator[AsyncPrediction]:
    """Yield predictions when they end.

    Predictions that failed or were canceled are yielded too: see their ``status``. To stop early,
    close the iterator.

    Args:
        predictions: The predictions or their IDs.
        client: The client. Default: the default client.
        timeout: Seconds for each prediction. Default: no limit.

    Raises:
        PredictionTimeout: A prediction did not end in time. The predictions are not canceled.
        APIError: A request failed.
    """
    async for _, prediction in _ended(list(predictions), client, timeout):
        yield prediction


async def _ended(
    predictions: list[models.Prediction | str],
    client: AsyncReplicate | None,
    timeout: float | None,
) -> AsyncGenerator[tuple[int, AsyncPrediction]]:
    waiter = default_async_client() if client is None else client
    done: AsyncChannel[tuple[int, AsyncPrediction] | Exception] = AsyncChannel()
    is_over = False

    def check() -> None:
        if is_over:
            raise BatchEnded

    def work(number: int, prediction: Any) -> Any:
        async def wait() -> None:
            try:
                ended = await waiter.predictions.wait(
                    prediction,
                    check=False,
                    timeout=timeout,
                    stop=async_interrupter(check),
                    cancel_on_exit=False,
                )
                done.put((number, ended))
            except Exception as error:  # noqa: BLE001 - raised below
                done.put(error)

        return wait

    workers = AsyncWorkers()
    await workers.open()
    try:
        for number, prediction in enumerate(predictions):
            workers.start(work(number, prediction))
        for _ in predictions:
            ended = await done.get()
            if isinstance(ended, Exception):
                raise ended
            yield ended
    finally:
        is_over = True
        await workers.close()
