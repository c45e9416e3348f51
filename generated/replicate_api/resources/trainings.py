# Generated from openapi.yaml by `make generate`; changes made here are lost.
"""The resources of trainings, with a method for each operation."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..client import AsyncOperationRunner, OperationRunner
    from ..models import Training, TrainingPage


class TrainingsResource:
    """Operations of trainings: cancel, get, list.

    Args:
        runner: The object that performs the operations.
    """

    def __init__(self, runner: OperationRunner) -> None:
        self._runner = runner

    def cancel(self, training_id: str) -> Training:
        """Cancel a training that has not finished.

        Args:
            training_id: The ID of the training.

        Raises:
            TypeError: A path argument has the wrong type.
            ValueError: A path argument is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.trainings import cancel as _operation

        _arguments = _operation.request(training_id)
        return self._runner.perform(_arguments, _operation.parse, repeatable=_operation.REPEATABLE)

    def get(self, training_id: str) -> Training:
        """Get the current state of a training.

        Args:
            training_id: The ID of the training.

        Raises:
            TypeError: A path argument has the wrong type.
            ValueError: A path argument is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.trainings import get as _operation

        _arguments = _operation.request(training_id)
        return self._runner.perform(_arguments, _operation.parse, repeatable=_operation.REPEATABLE)

    def list(self, *, cursor: str | None = None) -> TrainingPage:
        """List the trainings of the account, newest first.

        Args:
            cursor: The cursor of the page to return, from the next or previous URL of another
                page.

        Raises:
            replicate_ext.APIError: The request failed.
        """
        from ..api.trainings import list_ as _operation

        _arguments = _operation.request(cursor=cursor)
        return self._runner.perform(_arguments, _operation.parse, repeatable=_operation.REPEATABLE)


class AsyncTrainingsResource:
    """Operations of trainings: cancel, get, list.

    Args:
        runner: The object that performs the operations.
    """

    def __init__(self, runner: AsyncOperationRunner) -> None:
        self._runner = runner

    async def cancel(self, training_id: str) -> Training:
        """Cancel a training that has not finished.

        Args:
            training_id: The ID of the training.

        Raises:
            TypeError: A path argument has the wrong type.
            ValueError: A path argument is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.trainings import cancel as _operation

        _arguments = _operation.request(training_id)
        return await self._runner.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )

    async def get(self, training_id: str) -> Training:
        """Get the current state of a training.

        Args:
            training_id: The ID of the training.

        Raises:
            TypeError: A path argument has the wrong type.
            ValueError: A path argument is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.trainings import get as _operation

        _arguments = _operation.request(training_id)
        return await self._runner.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )

    async def list(self, *, cursor: str | None = None) -> TrainingPage:
        """List the trainings of the account, newest first.

        Args:
            cursor: The cursor of the page to return, from the next or previous URL of another
                page.

        Raises:
            replicate_ext.APIError: The request failed.
        """
        from ..api.trainings import list_ as _operation

        _arguments = _operation.request(cursor=cursor)
        return await self._runner.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )
