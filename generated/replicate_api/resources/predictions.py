# Generated from openapi.yaml by `make generate`; changes made here are lost.
"""What lies under predictions, as objects with a method for each operation."""

from __future__ import annotations

import builtins
from datetime import datetime
from typing import TYPE_CHECKING, Any

from .. import models

if TYPE_CHECKING:
    from ..client import AsyncPerformer, SyncPerformer
    from ..models import Prediction, PredictionPage, PredictionsListSource, WebhookEvent


class PredictionsResource:
    """predictions: cancel, create, get, list.

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

    def create(
        self,
        *,
        input: dict[str, Any],
        version: str,
        stream: bool | None = None,
        webhook: str | None = None,
        webhook_events_filter: builtins.list[WebhookEvent | str] | None = None,
        prefer: str | None = None,
        cancel_after: str | None = None,
    ) -> Prediction:
        """Create a prediction with a version of a model.

        Args:
            input: What the model takes; see its version's openapi_schema.
            version: A version's id, or owner/name of an official model, or owner/name:id.
            stream: Deprecated: streams are offered without asking.
            webhook: The https URL to send events to.
            webhook_events_filter: The events to send, of start, output, logs and completed; the API sends output
                and completed where it is left out.
            prefer: Hold the answer until the run is done: wait, or wait=n for n seconds, 1 to 60.
            cancel_after: Cancel the run when it takes longer: 90s, 5m or 1h30m; from 5 seconds to 24
                hours.

        Raises:
            replicate_ext.APIError: The request failed.
        """
        from ..api.predictions import create as _operation

        _arguments = _operation.request(
            body=models.VersionPredictionRequest(
                input=input,
                version=version,
                stream=stream,
                webhook=webhook,
                webhook_events_filter=webhook_events_filter,
            ),
            prefer=prefer,
            cancel_after=cancel_after,
        )
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

    def list(
        self,
        *,
        created_after: datetime | None = None,
        created_before: datetime | None = None,
        source: PredictionsListSource | None = None,
        cursor: str | None = None,
    ) -> PredictionPage:
        """List the account's predictions, newest first.

        Args:
            created_after: Only what was created at or after this time.
            created_before: Only what was created before this time.
            source: "web" for those made on the web site alone.
            cursor: Where to go on, as an earlier page's next or previous gave it.

        Raises:
            replicate_ext.APIError: The request failed.
        """
        from ..api.predictions import list_ as _operation

        _arguments = _operation.request(
            created_after=created_after, created_before=created_before, source=source, cursor=cursor
        )
        return self._performer.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )


class AsyncPredictionsResource:
    """predictions: cancel, create, get, list.

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

    async def create(
        self,
        *,
        input: dict[str, Any],
        version: str,
        stream: bool | None = None,
        webhook: str | None = None,
        webhook_events_filter: builtins.list[WebhookEvent | str] | None = None,
        prefer: str | None = None,
        cancel_after: str | None = None,
    ) -> Prediction:
        """Create a prediction with a version of a model.

        Args:
            input: What the model takes; see its version's openapi_schema.
            version: A version's id, or owner/name of an official model, or owner/name:id.
            stream: Deprecated: streams are offered without asking.
            webhook: The https URL to send events to.
            webhook_events_filter: The events to send, of start, output, logs and completed; the API sends output
                and completed where it is left out.
            prefer: Hold the answer until the run is done: wait, or wait=n for n seconds, 1 to 60.
            cancel_after: Cancel the run when it takes longer: 90s, 5m or 1h30m; from 5 seconds to 24
                hours.

        Raises:
            replicate_ext.APIError: The request failed.
        """
        from ..api.predictions import create as _operation

        _arguments = _operation.request(
            body=models.VersionPredictionRequest(
                input=input,
                version=version,
                stream=stream,
                webhook=webhook,
                webhook_events_filter=webhook_events_filter,
            ),
            prefer=prefer,
            cancel_after=cancel_after,
        )
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

    async def list(
        self,
        *,
        created_after: datetime | None = None,
        created_before: datetime | None = None,
        source: PredictionsListSource | None = None,
        cursor: str | None = None,
    ) -> PredictionPage:
        """List the account's predictions, newest first.

        Args:
            created_after: Only what was created at or after this time.
            created_before: Only what was created before this time.
            source: "web" for those made on the web site alone.
            cursor: Where to go on, as an earlier page's next or previous gave it.

        Raises:
            replicate_ext.APIError: The request failed.
        """
        from ..api.predictions import list_ as _operation

        _arguments = _operation.request(
            created_after=created_after, created_before=created_before, source=source, cursor=cursor
        )
        return await self._performer.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )
