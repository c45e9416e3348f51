"""The parts of the API as attributes of the clients: ``client.predictions`` and so on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Unpack

from replicate_ext import _predictions

if TYPE_CHECKING:
    from replicate_api.models import Prediction

    from replicate_ext._flow import AsyncDriver, Settings, SyncDriver
    from replicate_ext._options import CreateOptions, Input, RunOptions
    from replicate_ext._references import Reference


@dataclass(frozen=True, slots=True)
class Predictions:
    """Predictions, each one run of a model."""

    _driver: SyncDriver
    _settings: Settings

    def create(
        self, reference: Reference, input: Input | None = None, **options: Unpack[CreateOptions]
    ) -> Prediction:
        """Create a prediction and return it as it starts.

        Args:
            reference: What to run, as ``Replicate.run`` takes it.
            input: What the model takes.
            options: See CreateOptions.
        """
        flow = _predictions.create(self._settings, reference, input, **options)
        return self._driver.run(flow)

    def run(
        self, reference: Reference, input: Input | None = None, **options: Unpack[RunOptions]
    ) -> Prediction:
        """Run a model and return the finished prediction, with logs and metrics.

        Args:
            reference: What to run, as ``Replicate.run`` takes it.
            input: What the model takes.
            options: See RunOptions.
        """
        flow = _predictions.run_prediction(self._settings, reference, input, **options)
        return self._driver.run(flow)

    def get(self, prediction_id: str) -> Prediction:
        """Get a prediction as it is now.

        Args:
            prediction_id: Its id.
        """
        return self._driver.run(_predictions.get(self._settings, prediction_id))

    def cancel(self, prediction_id: str) -> Prediction:
        """Cancel a prediction.

        Args:
            prediction_id: Its id.
        """
        return self._driver.run(_predictions.cancel(self._settings, prediction_id))


@dataclass(frozen=True, slots=True)
class AsyncPredictions:
    """Predictions, each one run of a model."""

    _driver: AsyncDriver
    _settings: Settings

    async def create(
        self, reference: Reference, input: Input | None = None, **options: Unpack[CreateOptions]
    ) -> Prediction:
        """Create a prediction and return it as it starts.

        Args:
            reference: What to run, as ``AsyncReplicate.run`` takes it.
            input: What the model takes.
            options: See CreateOptions.
        """
        flow = _predictions.create(self._settings, reference, input, **options)
        return await self._driver.run(flow)

    async def run(
        self, reference: Reference, input: Input | None = None, **options: Unpack[RunOptions]
    ) -> Prediction:
        """Run a model and return the finished prediction, with logs and metrics.

        Args:
            reference: What to run, as ``AsyncReplicate.run`` takes it.
            input: What the model takes.
            options: See RunOptions.
        """
        flow = _predictions.run_prediction(self._settings, reference, input, **options)
        return await self._driver.run(flow)

    async def get(self, prediction_id: str) -> Prediction:
        """Get a prediction as it is now.

        Args:
            prediction_id: Its id.
        """
        return await self._driver.run(_predictions.get(self._settings, prediction_id))

    async def cancel(self, prediction_id: str) -> Prediction:
        """Cancel a prediction.

        Args:
            prediction_id: Its id.
        """
        return await self._driver.run(_predictions.cancel(self._settings, prediction_id))
