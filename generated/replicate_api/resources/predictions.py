# Generated from openapi.yaml by `make generate`; changes made here are lost.
"""The resources of predictions, with a method for each operation."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from replicate_ext._resources.async_objects import AsyncPrediction
    from replicate_ext._resources.objects import Prediction

    from ..client import AsyncOperationRunner, OperationRunner
    from ..types import Identified


class PredictionsResource:
    """Operations of predictions: cancel, get.

    Args:
        runner: The object that performs the operations.
    """

    def __init__(self, runner: OperationRunner) -> None:
        self._runner = runner

    def cancel(self, prediction_id: str | Identified) -> Prediction:
        """Cancel a prediction that has not finished.

        Args:
            prediction_id: The ID of the prediction.

        Raises:
            TypeError: A path argument has the wrong type.
            ValueError: A path argument is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.predictions import cancel as _operation

        _arguments = _operation.request(prediction_id)
        _made = self._runner.perform(_arguments, _operation.parse, repeatable=_operation.REPEATABLE)
        return cast("Prediction", _made)

    def get(self, prediction_id: str | Identified) -> Prediction:
        """Get the current state of a prediction.

        Args:
            prediction_id: The ID of the prediction.

        Raises:
            TypeError: A path argument has the wrong type.
            ValueError: A path argument is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.predictions import get as _operation

        _arguments = _operation.request(prediction_id)
        _made = self._runner.perform(_arguments, _operation.parse, repeatable=_operation.REPEATABLE)
        return cast("Prediction", _made)


class AsyncPredictionsResource:
    """Operations of predictions: cancel, get.

    Args:
        runner: The object that performs the operations.
    """

    def __init__(self, runner: AsyncOperationRunner) -> None:
        self._runner = runner

    async def cancel(self, prediction_id: str | Identified) -> AsyncPrediction:
        """Cancel a prediction that has not finished.

        Args:
            prediction_id: The ID of the prediction.

        Raises:
            TypeError: A path argument has the wrong type.
            ValueError: A path argument is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.predictions import cancel as _operation

        _arguments = _operation.request(prediction_id)
        _made = await self._runner.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )
        return cast("AsyncPrediction", _made)

    async def get(self, prediction_id: str | Identified) -> AsyncPrediction:
        """Get the current state of a prediction.

        Args:
            prediction_id: The ID of the prediction.

        Raises:
            TypeError: A path argument has the wrong type.
            ValueError: A path argument is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.predictions import get as _operation

        _arguments = _operation.request(prediction_id)
        _made = await self._runner.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )
        return cast("AsyncPrediction", _made)
