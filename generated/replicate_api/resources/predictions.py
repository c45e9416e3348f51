# Generated from openapi.yaml by `make generate`; changes made here are lost.
"""The resources of predictions, with a method for each operation."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..client import AsyncOperationRunner, OperationRunner
    from ..models import Prediction


class PredictionsResource:
    """Operations of predictions: cancel, get.

    Args:
        runner: The object that performs the operations.
    """

    def __init__(self, runner: OperationRunner) -> None:
        self._runner = runner

    def cancel(self, prediction_id: str) -> Prediction:
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
        return self._runner.perform(_arguments, _operation.parse, repeatable=_operation.REPEATABLE)

    def get(self, prediction_id: str) -> Prediction:
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
        return self._runner.perform(_arguments, _operation.parse, repeatable=_operation.REPEATABLE)


class AsyncPredictionsResource:
    """Operations of predictions: cancel, get.

    Args:
        runner: The object that performs the operations.
    """

    def __init__(self, runner: AsyncOperationRunner) -> None:
        self._runner = runner

    async def cancel(self, prediction_id: str) -> Prediction:
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
        return await self._runner.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )

    async def get(self, prediction_id: str) -> Prediction:
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
        return await self._runner.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )
