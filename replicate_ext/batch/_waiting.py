# Printed from _async_waiting.py by `make generate`; changes made here are lost.
"""Waiting for many predictions that the caller has created."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from replicate_ext import default_client
from replicate_ext.batch._outcomes import BatchEnded
from replicate_ext.batch._primitives import (
    Channel,
    Workers,
    interrupter,
)

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

    from replicate_api import models

    from replicate_ext import Prediction, Replicate


def wait_all(
    predictions: Iterable[models.Prediction | str],
    client: Replicate | None = None,
    *,
    timeout: float | None = None,
) -> list[Prediction]:
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
    for number, prediction in _ended(given, client, timeout):
        found[number] = prediction
    return found


def as_completed(
    predictions: Iterable[models.Prediction | str],
    client: Replicate | None = None,
    *,
    timeout: float | None = None,
) -> Generator[Prediction]:
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
    for _, prediction in _ended(list(predictions), client, timeout):
        yield prediction


def _ended(
    predictions: list[models.Prediction | str],
    client: Replicate | None,
    timeout: float | None,
) -> Generator[tuple[int, Prediction]]:
    waiter = default_client() if client is None else client
    done: Channel[tuple[int, Prediction] | Exception] = Channel()
    is_over = False

    def check() -> None:
        if is_over:
            raise BatchEnded

    def work(number: int, prediction: Any) -> Any:
        def wait() -> None:
            try:
                ended = waiter.predictions.wait(
                    prediction,
                    check=False,
                    timeout=timeout,
                    stop=interrupter(check),
                    cancel_on_exit=False,
                )
                done.put((number, ended))
            except Exception as error:  # noqa: BLE001 - raised below
                done.put(error)

        return wait

    workers = Workers()
    workers.open()
    try:
        for number, prediction in enumerate(predictions):
            workers.start(work(number, prediction))
        for _ in predictions:
            ended = done.get()
            if isinstance(ended, Exception):
                raise ended
            yield ended
    finally:
        is_over = True
        workers.close()
