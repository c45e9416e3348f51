# Generated from openapi.yaml by `make generate`; changes made here are lost.
"""The resources of trainings, with a method for each operation."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from replicate_ext._resources.async_objects import AsyncTraining
    from replicate_ext._resources.links import Page
    from replicate_ext._resources.objects import Training

    from ..client import AsyncOperationRunner, OperationRunner
    from ..types import Identified


class TrainingsResource:
    """Operations of trainings: cancel, get, list.

    Args:
        runner: The object that performs the operations.
    """

    def __init__(self, runner: OperationRunner) -> None:
        self._runner = runner

    def cancel(self, training_id: str | Identified) -> Training:
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
        _made = self._runner.perform(_arguments, _operation.parse, repeatable=_operation.REPEATABLE)
        return cast("Training", _made)

    def get(self, training_id: str | Identified) -> Training:
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
        _made = self._runner.perform(_arguments, _operation.parse, repeatable=_operation.REPEATABLE)
        return cast("Training", _made)

    def list(self, *, cursor: str | None = None) -> Page[Training]:
        """List the trainings of the account, newest first.

        Args:
            cursor: The cursor of the page to return, from the next or previous URL of another
                page.

        Raises:
            replicate_ext.APIError: The request failed.
        """
        from ..api.trainings import list_ as _operation

        _arguments = _operation.request(cursor=cursor)
        _made = self._runner.perform(_arguments, _operation.parse, repeatable=_operation.REPEATABLE)
        return cast("Page[Training]", _made)


class AsyncTrainingsResource:
    """Operations of trainings: cancel, get, list.

    Args:
        runner: The object that performs the operations.
    """

    def __init__(self, runner: AsyncOperationRunner) -> None:
        self._runner = runner

    async def cancel(self, training_id: str | Identified) -> AsyncTraining:
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
        _made = await self._runner.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )
        return cast("AsyncTraining", _made)

    async def get(self, training_id: str | Identified) -> AsyncTraining:
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
        _made = await self._runner.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )
        return cast("AsyncTraining", _made)

    async def list(self, *, cursor: str | None = None) -> Page[AsyncTraining]:
        """List the trainings of the account, newest first.

        Args:
            cursor: The cursor of the page to return, from the next or previous URL of another
                page.

        Raises:
            replicate_ext.APIError: The request failed.
        """
        from ..api.trainings import list_ as _operation

        _arguments = _operation.request(cursor=cursor)
        _made = await self._runner.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )
        return cast("Page[AsyncTraining]", _made)
