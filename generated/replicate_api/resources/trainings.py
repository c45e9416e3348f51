# Generated from openapi.yaml by `make generate`; changes made here are lost.
"""What lies under trainings, as objects with a method for each operation."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Any

from .. import models
from ..paths import joined_path

if TYPE_CHECKING:
    from ..client import AsyncPerformer, SyncPerformer
    from ..models import Training, TrainingPage, WebhookEvent


class TrainingsResource:
    """trainings: cancel, create, get, list.

    Args:
        performer: What performs an operation.
    """

    def __init__(self, performer: SyncPerformer) -> None:
        self._performer = performer

    def cancel(self, training_id: str) -> Training:
        """Cancel a training that is still running.

        Args:
            training_id: The training's id.

        Raises:
            TypeError: A part of the path is of another type.
            ValueError: A part of the path is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.trainings import cancel as _operation

        _arguments = _operation.request(training_id)
        return self._performer.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )

    def create(
        self,
        model_owner: str,
        model_name: str | None = None,
        version_id: str | None = None,
        *,
        destination: str,
        input: dict[str, Any],
        webhook: str | None = None,
        webhook_events_filter: builtins.list[WebhookEvent | str] | None = None,
    ) -> Training:
        """Start a training of a new version from a version that can be trained.

        Args:
            model_owner: The user or organization that owns the model. Or "owner/name", or
                "owner/name:version", and what follows moves up.
            model_name: The model's name.
            version_id: The version's id, 64 hexadecimal digits.
            destination: The model that gets the new version, as owner/name.
            input: What the trainer takes.
            webhook: The https URL to send events to.
            webhook_events_filter: The events to send, of start, output, logs and completed; the API sends output
                and completed where it is left out.

        Raises:
            TypeError: A part of the path is of another type, or there are too few, or too many.
            ValueError: A part of the path is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.trainings import create as _operation

        _arguments = _operation.request(
            *joined_path(model_owner=model_owner, model_name=model_name, version_id=version_id),
            body=models.TrainingRequest(
                destination=destination,
                input=input,
                webhook=webhook,
                webhook_events_filter=webhook_events_filter,
            ),
        )
        return self._performer.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )

    def get(self, training_id: str) -> Training:
        """Get a training as it is now.

        Args:
            training_id: The training's id.

        Raises:
            TypeError: A part of the path is of another type.
            ValueError: A part of the path is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.trainings import get as _operation

        _arguments = _operation.request(training_id)
        return self._performer.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )

    def list(self, *, cursor: str | None = None) -> TrainingPage:
        """List the account's trainings, newest first.

        Args:
            cursor: Where to go on, as an earlier page's next or previous gave it.

        Raises:
            replicate_ext.APIError: The request failed.
        """
        from ..api.trainings import list_ as _operation

        _arguments = _operation.request(cursor=cursor)
        return self._performer.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )


class AsyncTrainingsResource:
    """trainings: cancel, create, get, list.

    Args:
        performer: What performs an operation.
    """

    def __init__(self, performer: AsyncPerformer) -> None:
        self._performer = performer

    async def cancel(self, training_id: str) -> Training:
        """Cancel a training that is still running.

        Args:
            training_id: The training's id.

        Raises:
            TypeError: A part of the path is of another type.
            ValueError: A part of the path is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.trainings import cancel as _operation

        _arguments = _operation.request(training_id)
        return await self._performer.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )

    async def create(
        self,
        model_owner: str,
        model_name: str | None = None,
        version_id: str | None = None,
        *,
        destination: str,
        input: dict[str, Any],
        webhook: str | None = None,
        webhook_events_filter: builtins.list[WebhookEvent | str] | None = None,
    ) -> Training:
        """Start a training of a new version from a version that can be trained.

        Args:
            model_owner: The user or organization that owns the model. Or "owner/name", or
                "owner/name:version", and what follows moves up.
            model_name: The model's name.
            version_id: The version's id, 64 hexadecimal digits.
            destination: The model that gets the new version, as owner/name.
            input: What the trainer takes.
            webhook: The https URL to send events to.
            webhook_events_filter: The events to send, of start, output, logs and completed; the API sends output
                and completed where it is left out.

        Raises:
            TypeError: A part of the path is of another type, or there are too few, or too many.
            ValueError: A part of the path is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.trainings import create as _operation

        _arguments = _operation.request(
            *joined_path(model_owner=model_owner, model_name=model_name, version_id=version_id),
            body=models.TrainingRequest(
                destination=destination,
                input=input,
                webhook=webhook,
                webhook_events_filter=webhook_events_filter,
            ),
        )
        return await self._performer.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )

    async def get(self, training_id: str) -> Training:
        """Get a training as it is now.

        Args:
            training_id: The training's id.

        Raises:
            TypeError: A part of the path is of another type.
            ValueError: A part of the path is empty, "." or "..".
            replicate_ext.APIError: The request failed.
        """
        from ..api.trainings import get as _operation

        _arguments = _operation.request(training_id)
        return await self._performer.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )

    async def list(self, *, cursor: str | None = None) -> TrainingPage:
        """List the account's trainings, newest first.

        Args:
            cursor: Where to go on, as an earlier page's next or previous gave it.

        Raises:
            replicate_ext.APIError: The request failed.
        """
        from ..api.trainings import list_ as _operation

        _arguments = _operation.request(cursor=cursor)
        return await self._performer.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )
