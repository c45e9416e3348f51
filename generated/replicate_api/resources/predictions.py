# Generated from openapi.yaml by `make generate`; changes made here are lost.
"""What lies under predictions, as objects with a method for each operation."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..client import AsyncPerformer, SyncPerformer
    from ..models import Prediction


class PredictionsResource:
    """predictions: cancel, get.

    Args:
        performer: What performs an operation.
    """

    def __init__(self, performer: SyncPerformer) -> None:
        self._performer = performer

    def cancel(self, prediction_id: str) -> Prediction:
        """Cancel a prediction that is still running.

        Args:
            prediction_id: The prediction's id.

        Raises:
            TypeError: A part of the path is of another type.
            ValueError: A part of the path is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.predictions import cancel as _operation

        _arguments = _operation.request(prediction_id)
        return self._performer.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )

    def get(self, prediction_id: str) -> Prediction:
        """Get a prediction as it is now.

        Args:
            prediction_id: The prediction's id.

        Raises:
            TypeError: A part of the path is of another type.
            ValueError: A part of the path is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.predictions import get as _operation

        _arguments = _operation.request(prediction_id)
        return self._performer.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )


class AsyncPredictionsResource:
    """predictions: cancel, get.

    Args:
        performer: What performs an operation.
    """

    def __init__(self, performer: AsyncPerformer) -> None:
        self._performer = performer

    async def cancel(self, prediction_id: str) -> Prediction:
        """Cancel a prediction that is still running.

        Args:
            prediction_id: The prediction's id.

        Raises:
            TypeError: A part of the path is of another type.
            ValueError: A part of the path is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.predictions import cancel as _operation

        _arguments = _operation.request(prediction_id)
        return await self._performer.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )

    async def get(self, prediction_id: str) -> Prediction:
        """Get a prediction as it is now.

        Args:
            prediction_id: The prediction's id.

        Raises:
            TypeError: A part of the path is of another type.
            ValueError: A part of the path is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.predictions import get as _operation

        _arguments = _operation.request(prediction_id)
        return await self._performer.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )
