"""``client.predictions``: the generated operations, and what people do most by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack, cast

from replicate_api.resources.predictions import AsyncPredictionsResource, PredictionsResource

from replicate_ext._http.options import (
    CreateOptions,
    ExistingStreamOptions,
    PredictionFilters,
    RunOptions,
    WaitOptions,
)
from replicate_ext._resources.signatures import check_options, takes

if TYPE_CHECKING:
    from replicate_api.models import Prediction, PredictionPage

    from replicate_ext._http.drivers import AsyncDriver, Driver
    from replicate_ext._http.options import Input
    from replicate_ext._runs.reference import Reference
    from replicate_ext._streams.stream import AsyncStream, Stream


class Predictions(PredictionsResource):
    """Predictions, each one run of a model."""

    def __init__(self, driver: Driver) -> None:
        super().__init__(driver)
        self._driver = driver

    @takes(CreateOptions)
    def create(  # type: ignore[override] # see tests/unit/test_refinements.py
        self,
        reference: Reference | None = None,
        input: Input | None = None,
        **options: Unpack[CreateOptions],
    ) -> Prediction:
        """Create a prediction and return it as it starts.

        Args:
            reference: What to run, as ``Replicate.run`` takes it.
            input: What the model takes.
            options: See CreateOptions; ``version``, ``model`` or ``deployment`` may take the
                reference's place.

        Raises:
            TypeError: There is not exactly one of the reference and what may take its place.
            OutcomeUnknownError: The API may have created it, or not.
            APIError: A request failed.
        """
        check_options(options, CreateOptions, "create")
        from replicate_ext._runs import flows

        flow = flows.create(self._driver.settings, reference, input, **options)
        return self._driver.run(flow)

    @takes(RunOptions)
    def run(
        self, reference: Reference, input: Input | None = None, **options: Unpack[RunOptions]
    ) -> Prediction:
        """Run a model and return the finished prediction, with logs and metrics.

        Args:
            reference: What to run, as ``Replicate.run`` takes it.
            input: What the model takes.
            options: See RunOptions.

        Raises:
            PredictionError: The run ended without success, or not in time.
            APIError: A request failed.
        """
        check_options(options, RunOptions, "run")
        from replicate_ext._runs import flows

        flow = flows.run_prediction(self._driver.settings, reference, input, **options)
        return self._driver.run(flow)

    @takes(ExistingStreamOptions)
    def stream(
        self, prediction: Prediction | str, **options: Unpack[ExistingStreamOptions]
    ) -> Stream:
        """Return the events of a prediction as they happen, from its start.

        Args:
            prediction: The prediction or its id.
            options: See ExistingStreamOptions.

        Raises:
            PredictionError: When the events are read: the run ended without success, or not in
                time.
            StreamInterrupted: Likewise: the stream broke off and could not be continued.
            APIError: Likewise: a request failed.
        """
        check_options(options, ExistingStreamOptions, "stream")
        from replicate_ext._streams import stream

        planned = stream.existing(self._driver.settings, prediction, **options)
        return stream.Stream(self._driver, planned)

    @takes(WaitOptions)
    def wait(
        self, prediction: Prediction | str, *, check: bool = True, **options: Unpack[WaitOptions]
    ) -> Prediction:
        """Wait for a prediction to end and return it.

        Args:
            prediction: The prediction or its id.
            check: Whether a run without success raises, as it does by default.
            options: See WaitOptions.

        Raises:
            PredictionError: The run ended without success, or not in time.
            APIError: A request failed.
        """
        check_options(options, WaitOptions, "wait")
        from replicate_ext._runs import flows

        flow = flows.wait(self._driver.settings, prediction, check=check, **options)
        return cast("Prediction", self._driver.run(flow))

    @takes(PredictionFilters)
    def list(self, **filters: Unpack[PredictionFilters]) -> PredictionPage:
        """Return one page of the account's predictions, newest first.

        Args:
            filters: See PredictionFilters.

        Raises:
            InvalidInputError: A point in time is none.
            APIError: A request failed.
        """
        check_options(filters, PredictionFilters, "list")
        from replicate_api.api.predictions import list_

        from replicate_ext._runs.times import in_utc

        return self._driver.perform(
            list_.request(**in_utc(filters)), list_.parse, repeatable=list_.REPEATABLE
        )


class AsyncPredictions(AsyncPredictionsResource):
    """Predictions, each one run of a model."""

    def __init__(self, driver: AsyncDriver) -> None:
        super().__init__(driver)
        self._driver = driver

    @takes(CreateOptions)
    async def create(  # type: ignore[override] # see tests/unit/test_refinements.py
        self,
        reference: Reference | None = None,
        input: Input | None = None,
        **options: Unpack[CreateOptions],
    ) -> Prediction:
        """Create a prediction and return it as it starts.

        Args:
            reference: What to run, as ``AsyncReplicate.run`` takes it.
            input: What the model takes.
            options: See CreateOptions; ``version``, ``model`` or ``deployment`` may take the
                reference's place.

        Raises:
            TypeError: There is not exactly one of the reference and what may take its place.
            OutcomeUnknownError: The API may have created it, or not.
            APIError: A request failed.
        """
        check_options(options, CreateOptions, "create")
        from replicate_ext._runs import flows

        flow = flows.create(self._driver.settings, reference, input, **options)
        return await self._driver.run(flow)

    @takes(RunOptions)
    async def run(
        self, reference: Reference, input: Input | None = None, **options: Unpack[RunOptions]
    ) -> Prediction:
        """Run a model and return the finished prediction, with logs and metrics.

        Args:
            reference: What to run, as ``AsyncReplicate.run`` takes it.
            input: What the model takes.
            options: See RunOptions.

        Raises:
            PredictionError: The run ended without success, or not in time.
            APIError: A request failed.
        """
        check_options(options, RunOptions, "run")
        from replicate_ext._runs import flows

        flow = flows.run_prediction(self._driver.settings, reference, input, **options)
        return await self._driver.run(flow)

    @takes(ExistingStreamOptions)
    def stream(
        self, prediction: Prediction | str, **options: Unpack[ExistingStreamOptions]
    ) -> AsyncStream:
        """Return the events of a prediction as they happen, from its start.

        Args:
            prediction: The prediction or its id.
            options: See ExistingStreamOptions.

        Raises:
            PredictionError: When the events are read: the run ended without success, or not in
                time.
            StreamInterrupted: Likewise: the stream broke off and could not be continued.
            APIError: Likewise: a request failed.
        """
        check_options(options, ExistingStreamOptions, "stream")
        from replicate_ext._streams import stream

        planned = stream.existing(self._driver.settings, prediction, **options)
        return stream.AsyncStream(self._driver, planned)

    @takes(WaitOptions)
    async def wait(
        self, prediction: Prediction | str, *, check: bool = True, **options: Unpack[WaitOptions]
    ) -> Prediction:
        """Wait for a prediction to end and return it.

        Args:
            prediction: The prediction or its id.
            check: Whether a run without success raises, as it does by default.
            options: See WaitOptions.

        Raises:
            PredictionError: The run ended without success, or not in time.
            APIError: A request failed.
        """
        check_options(options, WaitOptions, "wait")
        from replicate_ext._runs import flows

        flow = flows.wait(self._driver.settings, prediction, check=check, **options)
        return cast("Prediction", await self._driver.run(flow))

    @takes(PredictionFilters)
    async def list(self, **filters: Unpack[PredictionFilters]) -> PredictionPage:
        """Return one page of the account's predictions, newest first.

        Args:
            filters: See PredictionFilters.

        Raises:
            InvalidInputError: A point in time is none.
            APIError: A request failed.
        """
        check_options(filters, PredictionFilters, "list")
        from replicate_api.api.predictions import list_

        from replicate_ext._runs.times import in_utc

        return await self._driver.perform(
            list_.request(**in_utc(filters)), list_.parse, repeatable=list_.REPEATABLE
        )
